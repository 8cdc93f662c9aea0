"""The list is narrowed by union, year, outcome and words, and the outcomes are counted: only of what one may read."""

import csv
import io
from datetime import datetime
from unittest import mock
from zoneinfo import ZoneInfo

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from motions import finding
from motions import statistics as numbers
from motions.actions import drafting, filing, handling
from motions.models import Motion
from tests import factories as make
from tests.cast import Cast

STOCKHOLM = ZoneInfo("Europe/Stockholm")


class FindingTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = cast = Cast()
        for name in ("chair", "secretary", "employer", "union_rep", "other_rep", "hr", "stranger"):
            getattr(cast, name)
        with mock.patch("django.utils.timezone.now", return_value=datetime(2024, 12, 31, 23, 30, tzinfo=STOCKHOLM)):
            cls.old = make.make_motion(
                cast.group,
                cast.union,
                by=cast.union_rep,
                title="Översyn av larmen",
                claims=("att larmen byts.", "att värmen lagas."),
            )
        cls.new = make.make_motion(
            cast.group,
            cast.other_union,
            by=cast.other_rep,
            kind="inquiry",
            title="Lokalerna",
            background="Taket läcker.",
            claims=("När lagas taket?",),
        )
        cls.draft = make.make_motion(cast.group, cast.union, by=cast.union_rep, filed=False, title="Hemlig dagbok om larmen")
        first, second = cls.old.claims.all()
        make.make_answer(first, by=cast.employer, outcome="tabled", text="")
        for _ in range(2):  # the meeting that tabled it, and the next
            handling.take_up(cls.old, "K", by=cast.chair)
        make.make_answer(first, by=cast.employer, outcome="granted", text="Åtgärden beställs i Hjo.")
        make.make_answer(second, by=cast.employer, outcome="rejected", text="Kylan mäts i Grums.", released=False)
        cls.all = {cls.old, cls.new, cls.draft}

    def listed(self, who: str = "union_rep", **asked) -> set[Motion]:
        self.client.force_login(getattr(self.cast, who))
        response = self.client.get(reverse("motions:list"), asked)
        self.assertEqual(response.status_code, 200)
        return set(response.context["page"].object_list)


class ListTests(FindingTestCase):
    def test_by_union_year_and_outcome(self):
        self.assertEqual(self.listed(), self.all)
        self.assertEqual(self.listed(part=self.cast.union.pk), {self.old, self.draft})
        self.assertEqual(self.listed(part=self.cast.other_union.pk), {self.new})
        self.assertEqual(self.listed(ar=2024), {self.old})  # New Year's Eve is told by the clocks of Stockholm
        self.assertEqual(self.listed(utfall="granted"), {self.old})
        self.assertEqual(self.listed(utfall="granted", ar=self.new.filed_at.year), set())

    def test_an_outcome_that_is_no_longer_the_last_or_not_released_finds_nothing(self):
        for who in ("union_rep", "chair", "employer"):
            self.assertEqual(self.listed(who, utfall="tabled"), set(), who)
            self.assertEqual(self.listed(who, utfall="rejected"), set(), who)

    def test_what_was_taken_back_is_found_as_that(self):
        filing.withdraw(self.new, by=self.cast.other_rep)
        self.assertEqual(self.listed(utfall="withdrawn"), {self.new})
        self.assertEqual(self.listed(utfall="withdrawn", status="withdrawn"), {self.new})

    def test_by_words_wherever_they_stand(self):
        for query, motions in (
            ("översynen", {self.old}),  # the title, inflected
            ("läcker", {self.new}),  # the background
            ("värmen", {self.old}),  # an att-sats
            ("hjo åtgärder", {self.old}),  # a released answer, with a capital Å
            ("larm", {self.old, self.draft}),
            ("larm taket", set()),  # every word must be there
            (self.old.receipt.lower(), {self.old}),
            ("100%", set()),
            ("***", set()),
            ("_", set()),
        ):
            self.assertEqual(self.listed(q=query), motions, query)

    def test_a_numbered_point_is_found_too(self):
        claims = [{"text": "att en plan görs", "points": ["Mäta bullret", "Åka till Säffle"]}]
        drafting.save_draft(self.draft, fields={}, claims=claims, version=self.draft.version, by=self.cast.union_rep)
        for words in ("bullret", "säffle", "mäta plan"):
            self.assertEqual(self.listed(q=words), {self.draft}, words)

    def test_drafts_of_others_and_answers_that_wait_are_never_found(self):
        for who in ("other_rep", "chair", "secretary", "employer", "hr", "stranger"):
            self.assertEqual(self.listed(who, q="dagbok"), set(), who)
            self.assertNotIn(self.draft, self.listed(who), who)
        for who in ("union_rep", "other_rep", "chair", "employer"):
            self.assertEqual(self.listed(who, q="Grums"), set(), who)
        self.assertEqual(self.listed("stranger"), set())

    def test_the_choices_tell_only_of_what_may_be_read(self):
        hidden = make.make_party("Skuggfacket", "SF")
        rep = make.make_member(self.cast.group, "union_rep", "Skugga Alm", party=hidden)
        make.make_motion(self.cast.group, hidden, by=rep, filed=False)
        self.client.force_login(self.cast.chair)
        self.assertNotContains(self.client.get(reverse("motions:list")), "Skuggfacket")
        self.assertEqual(self.listed("chair", part=hidden.pk), self.all - {self.draft})  # no choice: told, and nothing narrowed
        self.client.force_login(self.cast.stranger)
        page = self.client.get(reverse("motions:list"))
        self.assertEqual([len(page.context["form"].fields[name].choices) for name in ("part", "ar")], [1, 1])

    def test_the_next_page_keeps_what_was_asked(self):
        for n in range(30):
            make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title=f"Cykelställ {n}")
        self.client.force_login(self.cast.chair)
        page = self.client.get(reverse("motions:list"), {"q": "cykelstället", "part": self.cast.union.pk})
        self.assertContains(page, f"q=cykelst%C3%A4llet&amp;part={self.cast.union.pk}&amp;page=2")
        self.assertEqual(page.context["page"].paginator.count, 30)

    def test_odd_questions_are_answered(self):
        self.client.force_login(self.cast.chair)
        for asked in (
            {"part": "x"},
            {"ar": "-1"},
            {"utfall": "y"},
            {"q": "a\x00b"},
            {"ar": "9" * 40},
            {"q": "ord " * 60},
            {"grupp": "0"},
        ):
            for name in ("list", "statistics"):
                self.assertEqual(self.client.get(reverse(f"motions:{name}"), asked).status_code, 200, asked)


class StatisticsTests(FindingTestCase):
    def page(self, who: str, **asked):
        self.client.force_login(getattr(self.cast, who))
        return self.client.get(reverse("motions:statistics"), asked)

    def told(self, who: str, **asked) -> dict[str, dict[str, dict[str, int]]]:
        """table → line → outcome → number, without the zeros."""
        return {
            table.slug: {
                line.name: {words: number for words, number in [*line.cells, ("Summa", line.total)] if number}
                for line in [*table.lines, table.total]
            }
            for table in self.page(who, **asked).context["tables"]
        }

    def test_every_att_sats_is_counted_once_by_its_released_outcome(self):
        old, new = {"Bifalls": 1, "Utan svar": 1, "Summa": 2}, {"Utan svar": 1, "Summa": 1}
        alla = {"Bifalls": 1, "Utan svar": 2, "Summa": 3}
        expected = {
            "part": {"Lövförbundet": old, "Barrfacket": new, "Alla": alla},
            "ar": {str(self.new.filed_at.year): new, "2024": old, "Alla": alla},
            "slag": {"Yrkanden": old, "Skrivelser": new, "Alla": alla},
        }
        for who in ("union_rep", "other_rep", "chair", "secretary", "employer"):
            self.assertEqual(self.told(who), expected, who)  # one's own draft is not counted, nor an answer that waits

    def test_what_was_taken_back_counts_as_that(self):
        filing.withdraw(self.old, by=self.cast.union_rep)
        self.assertEqual(self.told("chair")["part"]["Lövförbundet"], {"Återtas": 2, "Summa": 2})

    def test_of_what_one_may_read(self):
        for who in ("hr", "stranger"):  # HR reads motions first when they are sealed
            self.assertContains(self.page(who), "Det finns inga att-satser att räkna")

    def test_the_same_filters(self):
        counted = {"Bifalls": 1, "Utan svar": 1, "Summa": 2}
        self.assertEqual(self.told("chair", ar=2024)["part"], {"Lövförbundet": counted, "Alla": counted})
        self.assertEqual(list(self.told("chair", q="taket")["slag"]), ["Skrivelser", "Alla"])
        page = self.page("chair", part=self.cast.union.pk, ar=2024)
        self.assertContains(page, "Organisation: Lövförbundet. År: 2024.")
        self.assertContains(page, f"?part={self.cast.union.pk}&amp;ar=2024&amp;format=csv")

    def test_the_tables_can_be_heard(self):
        page = self.page("chair")
        self.assertContains(page, "<caption", count=3)
        self.assertContains(page, '<th scope="row">Lövförbundet</th><td class="number" data-label="Bifalls">1</td>')
        self.assertContains(page, '<th scope="col" class="number">Bifalls delvis</th>', count=3)

    def read(self, who: str, **asked) -> list[list[str]]:
        response = self.page(who, format="csv", **asked)
        self.assertEqual(response["Content-Type"], "text/csv; charset=utf-8")
        self.assertTrue(response["Content-Disposition"].startswith("attachment"))
        return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))

    def test_the_file(self):
        heads = ["År", "Organisation", "Slag", *(words for _, words in numbers.OUTCOMES), "Summa"]
        year = str(self.new.filed_at.year)
        rows = [
            [year, "Barrfacket", "skrivelse", *"0000001", "1"],
            ["2024", "Lövförbundet", "yrkande", *"1000001", "2"],
        ]
        self.assertEqual(self.read("chair"), [heads, *rows])
        self.assertEqual(self.read("chair", ar=2024), [heads, rows[1]])
        self.assertEqual(self.read("hr"), [heads])

    def test_no_name_is_a_formula(self):
        party = make.make_party("=HYPERLINK(1)", "X")
        rep = make.make_member(self.cast.group, "union_rep", "Rik Al", party=party)
        make.make_motion(self.cast.group, party, by=rep)
        self.assertIn("'=HYPERLINK(1)", [row[1] for row in self.read("chair")])

    def test_as_many_questions_for_many(self):
        addresses = [reverse("motions:list") + f"?q=lag&utfall=granted&part={self.cast.union.pk}", reverse("motions:statistics")]
        addresses.append(f"{addresses[1]}?format=csv")

        def questions() -> list[int]:
            asked = []
            for address in addresses:
                for _ in range(2):
                    with CaptureQueriesContext(connection) as queries:
                        self.assertEqual(self.client.get(address).status_code, 200)
                asked.append(len(queries))
            return asked

        self.client.force_login(self.cast.chair)
        before = questions()
        for n in range(10):
            party = make.make_party(f"Förbund {n}", f"F{n}")
            rep = make.make_member(self.cast.group, "union_rep", f"Ombud {n}", party=party)
            motion = make.make_motion(self.cast.group, party, by=rep, claims=("att taket lagas.", "att dörren lagas."))
            make.make_answer(motion.claims.first(), by=self.cast.employer, outcome="granted", text="")
            own = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, claims=("att x lagas.",))
            make.make_answer(own.claims.get(), by=self.cast.employer, outcome="granted", text="")
        self.assertEqual(questions(), before)
        self.assertEqual(finding.filtered(Motion.objects.all(), {"utfall": "granted"}, self.cast.chair).count(), 21)
