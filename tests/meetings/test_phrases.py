"""The phrases behind `/`: the group's page, and what a meeting fills the slots with."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import connection
from django.test import SimpleTestCase, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format

from meetings.actions import agenda, attendance, balance, phrases
from meetings.models import Appendix, Meeting, Phrase
from meetings.reading.numbering import Numbers
from meetings.reading.phrasebook import SLOT, SLOTS, STANDARD, definite, entries, example, fill, for_desk
from people.models import PartyName
from record.history import remember
from record.moves import Refused, Stale
from record.text import canonical
from tests import factories as make
from tests.cast import Cast


class WordTests(SimpleTestCase):
    def test_a_title_as_somebody_is_spoken_of_by_it(self):
        for title, spoken in {
            "HR-chef": "HR-chefen",
            "nämndsekreterare": "nämndsekreteraren",
            "rektor": "rektorn",
            "controller": "controllern",
            "ingenjör": "ingenjören",
            "biträdande förvaltningschef": "biträdande förvaltningschefen",
            "avdelningschef Drift": "avdelningschefen Drift",
            "chef för staben": "chefen för staben",
            "ledningsbiträde": "ledningsbiträdet",
            "huvudskyddsombud": "huvudskyddsombudet",
            "ordförande": "ordföranden",
            "enhetschefen": "enhetschefen",
            "": "",
        }.items():
            with self.subTest(title):
                self.assertEqual(definite(title), spoken)

    def test_only_whole_names_in_braces_are_filled_and_only_once(self):
        values = {"roll": "chefen", "namn": "{roll}", "plats": ""}
        self.assertEqual(
            fill("{roll} och {roll}: {namn}. {roll} i {plats} {0.__class__} {{ roll }} {okänd}", values),
            "Chefen och chefen: {roll}. Chefen i {plats} {0.__class__} {{ roll }} {okänd}",
        )

    def test_the_standard_phrases_are_as_they_are_stored_and_their_slots_are_known(self):
        self.assertEqual({key: canonical(text) for key, text in STANDARD.items()}, STANDARD)
        self.assertEqual([phrases.key_of(f"/{key.upper()} ") for key in STANDARD], list(STANDARD))
        self.assertEqual({slot for text in STANDARD.values() for slot in SLOT.findall(text)} - set(SLOTS), set())


class PhraseCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        _ = (cls.cast.chair, cls.cast.secretary)

    def setUp(self):
        self.group, self.by = self.cast.group, self.cast.secretary

    def entry(self, key):
        return next((entry for entry in entries(self.group) if entry.key == key), None)

    def shown(self):
        return [entry.key for entry in entries(self.group) if entry.text]


class ActionTests(PhraseCase):
    def test_a_group_starts_with_the_standard_phrases(self):
        self.assertEqual(self.shown(), list(STANDARD))
        self.assertEqual({entry.state for entry in entries(self.group)}, {"standard"})

    def test_a_standard_phrase_is_rewritten_hidden_and_restored(self):
        phrases.rewrite_phrase(self.group, key="isy", text="Inga synpunkter.", version=0, by=self.by)
        self.assertEqual((self.entry("isy").text, self.entry("isy").state), ("Inga synpunkter.", "changed"))
        phrases.hide_phrase(self.group, key="isy", version=1, by=self.by)
        self.assertEqual(
            (self.entry("isy").state, self.entry("isy").words), ("hidden", "{grupp} har inga synpunkter på ärendet.")
        )
        self.assertEqual(self.shown(), list(STANDARD)[1:])
        phrases.restore_phrase(self.group, key="isy", version=2, by=self.by)
        self.assertEqual((self.entry("isy").state, self.entry("isy").version), ("standard", 3))
        self.assertEqual(self.shown(), list(STANDARD))
        row = Phrase.objects.get()
        self.assertEqual(
            list(row.history.order_by("history_id").values_list("history_verb", "history_user")),
            [("rewrite_phrase", self.by.pk), ("hide_phrase", self.by.pk), ("restore_phrase", self.by.pk)],
        )

    def test_an_own_phrase_is_added_last_rewritten_and_removed(self):
        phrases.add_phrase(self.group, key="/Fika", text="Paus för kaffe.", by=self.by)
        self.assertEqual(self.shown(), [*STANDARD, "fika"])
        self.assertEqual((self.entry("fika").state, self.entry("fika").version), ("own", 1))
        phrases.rewrite_phrase(self.group, key="fika", text="Mötet ajournerades.", version=1, by=self.by)
        with self.assertRaises(Refused):
            phrases.hide_phrase(self.group, key="fika", version=2, by=self.by)
        phrases.remove_phrase(self.group, key="fika", version=2, by=self.by)
        self.assertEqual(self.shown(), list(STANDARD))
        self.assertEqual(Phrase.history.filter(key="fika").first().history_verb, "remove_phrase")
        phrases.add_phrase(self.group, key="fika", text="Igen.", by=self.by)
        self.assertEqual(self.entry("fika").text, "Igen.")

    def test_a_key_is_letters_and_stands_once(self):
        for key in ("", "/", "a1", "a b", "a-b", "{roll}", "x" * 21):
            with self.subTest(key), self.assertRaises(ValidationError) as caught:
                phrases.add_phrase(self.group, key=key, text="Text.", by=self.by)
            self.assertEqual(list(caught.exception.message_dict), ["key"])
        phrases.hide_phrase(self.group, key="oen", version=0, by=self.by)
        for key, said in {
            "isy": "/isy finns redan. Ändra den",
            "ISY": "/isy finns redan",
            "oen": "/oen finns redan och är dold",
        }.items():
            with self.subTest(key), self.assertRaises(ValidationError) as caught:
                phrases.add_phrase(self.group, key=key, text="Text.", by=self.by)
            self.assertIn(said, caught.exception.message_dict["key"][0])
        self.assertEqual(Phrase.objects.count(), 1)

    def test_an_empty_phrase_and_a_standard_one_that_is_removed_are_refused(self):
        with self.assertRaises(ValidationError):
            phrases.add_phrase(self.group, key="tom", text="  ", by=self.by)
        with self.assertRaises(ValidationError):
            phrases.rewrite_phrase(self.group, key="isy", text="", version=0, by=self.by)
        with self.assertRaises(Refused):
            phrases.remove_phrase(self.group, key="isy", version=0, by=self.by)
        self.assertEqual(Phrase.objects.count(), 0)

    def test_order_by_steps_and_the_other_group_keeps_its_own(self):
        phrases.move_phrase(self.group, key="sva", by_steps=-1, by=self.by)
        self.assertEqual(self.shown()[:3], ["isy", "sva", "för"])
        phrases.move_phrase(self.group, key="isy", by_steps=-1, by=self.by)
        self.assertEqual(self.shown()[:3], ["isy", "sva", "för"])
        phrases.move_phrase(self.group, key="tack", by_steps=-1, by=self.by)
        self.assertEqual(self.shown()[-2:], ["tack", "näs"])
        self.assertEqual({entry.state for entry in entries(self.group)}, {"standard"})
        self.assertEqual([entry.key for entry in entries(self.cast.other_group)], list(STANDARD))

    def test_who_reads_an_old_list_overwrites_nobody(self):
        phrases.rewrite_phrase(self.group, key="isy", text="Den första.", version=0, by=self.by)
        for verb, more in (
            (phrases.rewrite_phrase, {"text": "Den andra."}),
            (phrases.hide_phrase, {}),
            (phrases.restore_phrase, {}),
        ):
            with self.subTest(verb.__name__), self.assertRaises(Stale) as caught:
                verb(self.group, key="isy", version=0, by=self.cast.chair, **more)
            self.assertEqual(caught.exception.current.text, "Den första.")
        with self.assertRaises(Stale):
            phrases.rewrite_phrase(self.group, key="finnsinte", text="Text.", version=0, by=self.by)


class PageTests(PhraseCase):
    def setUp(self):
        super().setUp()
        self.url = reverse("meetings:phrases", args=[self.group.pk])
        self.client.force_login(self.by)

    def post(self, **data):
        return self.client.post(self.url, data)

    def test_the_page_lists_every_key_with_its_words(self):
        page = self.client.get(self.url).content.decode()
        self.assertEqual([key for key in STANDARD if f"<code>/{key}</code>" not in page], [])
        self.assertIn("{roll} redogjorde för ärendet.", page)

    def test_who_may_see_the_page(self):
        cast = self.cast
        for user, status in (
            (cast.chair, 200),
            (cast.admin, 200),
            (cast.employer, 403),
            (cast.adjuster, 403),
            (cast.hr, 403),
            (cast.auditor, 403),
            (cast.stranger, 404),
        ):
            self.client.force_login(user)
            with self.subTest(str(user)):
                self.assertEqual(self.client.get(self.url).status_code, status)
                self.assertEqual(self.post(do="add", key="smyg", text="Text.").status_code, 303 if status == 200 else status)
                Phrase.objects.filter(key="smyg").delete()

    def test_add_rewrite_hide_restore_move_and_remove_by_the_forms(self):
        self.assertRedirects(self.post(do="add", key="fika", text="Paus."), f"{self.url}#fras-fika", 303)
        self.assertContains(self.client.get(f"{self.url}?andra=fika"), "Paus.")
        self.assertRedirects(self.post(do="rewrite", key="fika", version=1, text="Kort paus."), f"{self.url}#fras-fika", 303)
        self.assertEqual(self.entry("fika").text, "Kort paus.")
        self.post(do="up", key="fika", version=2)
        self.assertEqual(self.shown()[-2:], ["fika", "tack"])
        self.post(do="down", key="fika", version=2)
        self.post(do="hide", key="isy", version=self.entry("isy").version)
        self.assertNotIn("isy", self.shown())
        self.post(do="restore", key="isy", version=self.entry("isy").version)
        self.assertIn("isy", self.shown())
        self.post(do="remove", key="fika", version=2)
        self.assertIsNone(self.entry("fika"))

    def test_a_clash_is_told_at_the_key_and_the_text_is_kept(self):
        answer = self.post(do="add", key="isy", text="Min egen mening.")
        self.assertEqual(answer.status_code, 200)
        self.assertContains(answer, "/isy finns redan.")
        self.assertContains(answer, "Min egen mening.")

    def test_a_stale_form_shows_both_texts_and_keeps_the_typed_one(self):
        phrases.rewrite_phrase(self.group, key="isy", text="Cecilias mening.", version=0, by=self.cast.chair)
        answer = self.post(do="rewrite", key="isy", version=0, text="Stinas mening.")
        self.assertEqual(answer.status_code, 409)
        self.assertContains(answer, "Nu: Cecilias mening.", status_code=409)
        self.assertContains(answer, "Du skrev: Stinas mening.", status_code=409)
        self.assertEqual(answer.context["text_form"]["text"].value(), "Stinas mening.")
        answer = self.post(do="rewrite", key="isy", version=answer.context["text_form"]["version"].value(), text="Stinas mening.")
        self.assertEqual((answer.status_code, self.entry("isy").text), (303, "Stinas mening."))

    def test_a_phrase_that_was_removed_while_it_was_rewritten_can_be_added_anew(self):
        answer = self.post(do="rewrite", key="fika", version=1, text="Paus.")
        self.assertEqual(answer.status_code, 409)
        self.assertEqual(
            (answer.context["new_form"]["key"].value(), answer.context["new_form"]["text"].value()), ("fika", "Paus.")
        )

    def test_a_stale_button_changes_nothing_and_says_so(self):
        phrases.rewrite_phrase(self.group, key="isy", text="Cecilias mening.", version=0, by=self.cast.chair)
        answer = self.client.post(self.url, {"do": "hide", "key": "isy", "version": 0}, follow=True)
        self.assertContains(answer, "Någon annan har ändrat /isy")
        self.assertEqual(self.entry("isy").text, "Cecilias mening.")

    def test_an_address_or_a_post_that_somebody_has_made_up(self):
        self.assertEqual(self.client.get(f"{self.url}?andra=finnsinte").status_code, 404)
        for data in ({}, {"do": "x"}, {"do": "hide", "key": "isy"}, {"do": "hide", "key": "isy", "version": "-1"}):
            with self.subTest(data):
                self.assertEqual(self.post(**data).status_code, 400)


class DeskTests(PhraseCase):
    def setUp(self):
        super().setUp()
        cast = self.cast
        _ = (cast.employer, cast.adjuster, cast.other_rep)
        self.meeting = cast.meeting("draft")

    def told(self):
        meeting = Meeting.objects.select_related("group").get(pk=self.meeting.pk)
        return for_desk(meeting, Numbers.of(meeting))

    def text(self, key):
        return next(phrase["text"] for phrase in self.told()["phrases"] if phrase["key"] == key)

    def test_slots_with_one_answer_are_filled_and_those_with_several_are_offered(self):
        told = self.told()
        self.assertEqual(self.text("isy"), "Förvaltningsgruppen har inga synpunkter på ärendet.")
        self.assertEqual(self.text("öpp"), "Ordförande Cecilia Björk, förvaltningschef, hälsade alla välkomna och öppnade mötet.")
        self.assertEqual(self.text("för"), "{roll} redogjorde för ärendet.")
        self.assertEqual(told["slots"]["roll"], ["förvaltningschefen", "HR-chefen"])
        self.assertEqual(
            told["slots"]["part"],
            [{"id": self.cast.union.pk, "name": "Lövförbundet"}, {"id": self.cast.other_union.pk, "name": "Barrfacket"}],
        )
        isy = next(phrase for phrase in told["phrases"] if phrase["key"] == "isy")
        self.assertEqual(isy["html"], "<p>Förvaltningsgruppen har inga synpunkter på ärendet.</p>")
        self.assertEqual(isy["words"], isy["text"])

    def test_who_is_away_is_not_offered_and_who_is_present_comes_first(self):
        rows = {row.name: row for row in self.meeting.attendances.all()}
        attendance.attend(rows["Erik Lind"], status="present", by=self.by)
        self.assertEqual(self.told()["slots"]["roll"], ["HR-chefen", "förvaltningschefen"])
        self.assertEqual(self.told()["slots"]["namn"], ["Erik Lind", *(name for name in rows if name != "Erik Lind")])
        attendance.attend(rows["Cecilia Björk"], status="excused", by=self.by)
        self.assertEqual(self.told()["slots"]["roll"], ["HR-chefen"])
        self.assertEqual(self.text("för"), "HR-chefen redogjorde för ärendet.")

    def test_one_appendix_is_filled_in_as_a_reference_and_two_are_offered(self):
        for number, title in enumerate(("Plan", "Budget"), 1):
            row = Appendix(meeting=self.meeting, position=number, title=title)
            remember(row, by=None, verb="test")
            if number == 1:
                self.assertEqual(self.text("bil"), f"Underlaget finns i [bilaga 1](appendix:{row.pk}).")
        self.assertEqual(self.text("bil"), "Underlaget finns i {bilaga}.")
        self.assertEqual([(one["number"], one["title"]) for one in self.told()["slots"]["bilaga"]], [(1, "Plan"), (2, "Budget")])

    def test_the_next_meeting_is_a_sentence_when_it_is_known_and_slots_before(self):
        self.assertEqual(self.text("näs"), "Nästa möte med förvaltningsgruppen äger rum den {datum}, kl. {tid}, {plats}.")
        Meeting.objects.filter(pk=self.meeting.pk).update(next_on="2030-05-20", next_at="09:00", next_place="sal Ek")
        self.assertEqual(self.text("näs"), "Nästa möte med förvaltningsgruppen äger rum den 20 maj 2030, kl. 09:00 i sal Ek.")

    def test_a_party_is_called_what_it_was_called_that_day_and_known_by_all_its_names(self):
        new = PartyName(party=self.cast.union, name="Lövens förbund", abbreviation="LÖF", valid_from=self.meeting.date)
        remember(new, by=None, verb="test")
        employer = make.make_party("Parkförvaltningen", "förvaltningen", kind="employer")
        self.assertEqual(
            self.told()["parties"],
            [
                {
                    "id": self.cast.union.pk,
                    "name": "Lövens förbund",
                    "genitive": "Lövens förbunds",
                    "abbreviations": ["LÖF", "LF"],
                    "formers": ["Lövförbundet"],
                },
                {
                    "id": self.cast.other_union.pk,
                    "name": "Barrfacket",
                    "genitive": "Barrfackets",
                    "abbreviations": ["BF"],
                    "formers": [],
                },
                {
                    "id": employer.pk,
                    "name": "Parkförvaltningen",
                    "genitive": "Parkförvaltningens",
                    "abbreviations": ["förvaltningen", "AG"],
                    "formers": [],
                },
            ],
        )

    def test_the_help_shows_a_line_with_the_group_s_own_unions(self):
        self.assertEqual(example(self.told()["parties"]), "lf: stödjer BF")
        self.assertEqual(example([]), "ag: svarade att")

    def test_the_day_of_the_next_planned_meeting_is_offered_before_this_one_has_decided_it(self):
        later = self.cast.meeting("planned", date=self.meeting.date + timedelta(days=28))
        said = [one["hint"] for one in self.told()["slots"]["datum"]]
        self.assertEqual(said[0], "nästa möte")
        self.assertEqual(self.told()["slots"]["datum"][0]["text"], f"{later.date.day} {date_format(later.date, 'F Y')}")

    def test_hidden_phrases_are_not_offered_and_hostile_ones_stay_words(self):
        phrases.hide_phrase(self.group, key="isy", version=0, by=self.by)
        evil = "{{ settings.SECRET_KEY }}{% debug %} ${namn} {0.__class__} <script>alert(1)</script>"
        phrases.add_phrase(self.group, key="ond", text=evil, by=self.by)
        told = {phrase["key"]: phrase for phrase in self.told()["phrases"]}
        self.assertEqual(list(told), [*list(STANDARD)[1:], "ond"])
        self.assertEqual((told["ond"]["text"], "<script" in told["ond"]["html"]), (evil, False))

    def test_thirty_of_everything_ask_as_many_questions_as_one(self):
        def add(n: int) -> None:
            party = make.make_party(f"Förbund {n}", f"F{n}")
            user = make.make_member(self.group, "union_rep", party=party, title=f"titel {n}")
            attendance.join(self.meeting, person=user.person, party=party, side="employee", by=self.by)
            remember(Appendix(meeting=self.meeting, position=n, title=f"Bilaga {n}"), by=None, verb="test")
            phrases.add_phrase(self.group, key="f" + chr(ord("a") + n % 26) * (1 + n // 26), text="Text.", by=self.by)
            balance.open_item(self.group, title=f"Löfte {n}", meeting=self.meeting, by=self.by)
            agenda.change_agenda(
                self.meeting, kind="addition", party=party, subject=f"Fråga {n}", paragraph=None, appendix=None, by=self.by
            )

        def asked() -> int:
            meeting = Meeting.objects.select_related("group").get(pk=self.meeting.pk)
            numbers = Numbers.of(meeting)
            with CaptureQueriesContext(connection) as queries:
                for_desk(meeting, numbers)
            return len(queries)

        add(1)
        before = asked()
        for n in range(2, 31):
            add(n)
        self.assertEqual(asked(), before)
        self.assertLessEqual(before, 24)
