"""The balance list's pages: what each person sees, who may write, and that nothing is replaced unseen."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO
from unittest.mock import patch

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from meetings.actions import balance
from meetings.forms.balance import ChangeBalanceForm, OpenBalanceForm
from meetings.forms.planning import AppointForm
from meetings.forms.promises import AnswerPromiseForm, PromiseForm
from meetings.models import BalanceItem, Meeting
from people.models import today
from record import chain, tables
from record.history import remember
from tests import factories as make
from tests.cast import Cast


class OrderTests(TestCase):
    """A list in the order of the real names would tell how a protected one begins."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.people = [
            make.make_member(cls.cast.group, "employer_rep", name).person for name in ("Aaron Hemlig", "Bertil Bo", "Yngve Yr")
        ]
        hidden = cls.people[0]
        hidden.protected, hidden.shown_name = True, "Zeta Ombud"
        remember(hidden, by=None, verb="test")
        cls.order = [person.pk for person in cls.people[1:]] + [hidden.pk]

    def ordered(self, persons) -> list[int]:
        return [pk for pk in persons if pk in self.order]

    def test_the_list_by_owner(self):
        for person in self.people:
            balance.open_item(self.cast.group, title="Löfte", owner=person, by=self.cast.secretary)
        balance.open_item(self.cast.group, title="Löfte utan ansvarig", by=self.cast.secretary)
        self.client.force_login(self.cast.other_rep)
        page = self.client.get(reverse("meetings:balance"), {"sort": "owner"})
        self.assertEqual([item.owner_id for item in page.context["page_obj"]], [*self.order, None])
        choices = [int(value) for value, _ in page.context["filter_form"].fields["owner"].choices if value.isdecimal()]
        self.assertEqual(self.ordered(choices), self.order)

    def test_the_people_to_choose_among(self):
        meeting = self.cast.meeting("draft")
        item = balance.open_item(self.cast.group, title="Löfte", owner=self.people[0], by=self.cast.secretary)
        answers = AnswerPromiseForm(group=self.cast.group, choices=[], likely=[])
        forms = {
            "promise": PromiseForm(meeting=meeting).fields["owner"],
            "answer": answers.fields["owner"],
            "open": OpenBalanceForm(group=self.cast.group, meetings=[meeting], draft=None).fields["owner"],
            "change": ChangeBalanceForm(item=item).fields["owner"],
            "officers": AppointForm(meeting=meeting).fields["chair"],
        }
        for name, field in forms.items():
            with self.subTest(name):
                self.assertEqual(self.ordered(person.pk for person in field.queryset), self.order)


class PageCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting("draft")
        cls.item = balance.open_item(
            cls.cast.group,
            title="Se över cykelställen",
            meeting=cls.meeting,
            owner=cls.cast.employer.person,
            by=cls.cast.secretary,
        )

    def setUp(self):
        self.client.force_login(self.cast.secretary)

    def url(self, name, pk=None):
        return reverse(f"meetings:{name}", args=[pk or self.item.pk])

    def as_user(self, user):
        self.client.force_login(user)
        return self.client


class ListTests(PageCase):
    def titles(self, **query):
        answer = self.client.get(reverse("meetings:balance"), query)
        return [item.title for item, _, _ in answer.context["rows"]]

    def test_everybody_sees_the_lists_of_their_own_groups_only(self):
        balance.open_item(self.cast.other_group, title="Annan grupps löfte", by=self.cast.stranger)
        cast = self.cast
        for user in (cast.secretary, cast.chair, cast.employer, cast.adjuster, cast.hr, cast.auditor):
            self.client.force_login(user)
            with self.subTest(str(user)):
                self.assertEqual(self.titles(), ["Se över cykelställen"])
        self.client.force_login(cast.stranger)
        self.assertEqual(self.titles(), ["Annan grupps löfte"])
        self.client.force_login(cast.admin)
        self.assertEqual(self.titles(), [])

    def test_filters_and_order(self):
        late = balance.open_item(self.cast.group, title="Åtgärda taket", due=today() - timedelta(days=3), by=self.cast.secretary)
        done = balance.open_item(self.cast.group, title="Byt lås", meeting=self.meeting, by=self.cast.secretary)
        balance.note(done, meeting=self.meeting, text="Bytt.", closes=True, by=self.cast.secretary)
        self.assertEqual(self.titles(), ["Åtgärda taket", "Se över cykelställen"])
        self.assertEqual(self.titles(sort="title"), ["Se över cykelställen", "Åtgärda taket"])
        self.assertEqual(self.titles(state="overdue"), [late.title])
        self.assertEqual(self.titles(state="closed"), ["Byt lås"])
        self.assertEqual(len(self.titles(state="all")), 3)
        self.assertEqual(self.titles(q="cykel"), ["Se över cykelställen"])
        for query in ("åtgärda", "ÅTGÄRDA taket", "taket Åtgärda"):
            self.assertEqual(self.titles(q=query), [late.title], query)
        self.assertEqual(self.titles(owner=str(self.cast.employer.person_id)), ["Se över cykelställen"])
        self.assertEqual(self.titles(owner="none"), [late.title])
        for nonsense in ({"sort": "; drop"}, {"page": "x"}, {"owner": "'"}, {"group": "9" * 30}, {"q": "\x00"}):
            with self.subTest(nonsense):
                self.assertEqual(self.client.get(reverse("meetings:balance"), nonsense).status_code, 200)

    def test_an_old_promise_is_told_in_words(self):
        for weeks in range(4):
            meeting = make.make_meeting(self.cast.group, by=self.cast.secretary, date=today() - timedelta(weeks=weeks + 1))
            balance.note(self.item, meeting=meeting, text="Väntar.", by=self.cast.secretary)
        self.assertNotContains(self.client.get(reverse("meetings:balance")), "möten</strong>")  # none of them has begun
        make.put_in_state(Meeting.objects.filter(balance_notes__item=self.item), "draft")
        for user in (self.cast.secretary, self.cast.adjuster):  # she may not read what is still written
            self.client.force_login(user)
            self.assertContains(self.client.get(reverse("meetings:balance")), "Öppen i 5 möten")
            self.assertContains(self.client.get(reverse("meetings:balance_item", args=[self.item.pk])), "<dd>5 möten</dd>")

    def test_one_row_and_thirty_take_the_same_queries(self):
        self.titles()  # the first page of a session also notes that one is there
        counts = []
        for more in (0, 30):
            for number in range(more):
                owner = make.make_member(self.cast.group, "employer_rep").person
                balance.open_item(
                    self.cast.group, title=f"Löfte {number}", meeting=self.meeting, owner=owner, by=self.cast.secretary
                )
            with CaptureQueriesContext(connection) as queries:
                self.client.get(reverse("meetings:balance"))
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])

    def test_only_who_keeps_the_list_is_offered_to_open(self):
        self.assertContains(self.client.get(reverse("meetings:balance")), "Ny punkt")
        self.assertNotContains(self.as_user(self.cast.employer).get(reverse("meetings:balance")), "Ny punkt")


class WhoTests(PageCase):
    def test_the_table_is_followed_on_every_page(self):
        cast, pk, group = self.cast, self.item.pk, self.cast.group.pk
        allowed, refused, unknown = {200, 303}, {403}, {404}
        read = [("balance_item", pk), ("group_balance", group)]
        keep = [("open_item", group), ("note", pk)]
        report = [("report", pk)]
        for user, reads, keeps, reports in (
            (cast.secretary, allowed, allowed, refused),
            (cast.chair, allowed, allowed, refused),
            (cast.employer, allowed, refused, allowed),
            (cast.adjuster, allowed, refused, refused),
            (cast.hr, allowed, refused, refused),
            (cast.auditor, allowed, refused, refused),
            (cast.stranger, unknown, unknown, unknown),
        ):
            self.client.force_login(user)
            for pages, wanted, methods in (
                (read, reads, ["get"]),
                (keep, keeps, ["get", "post"]),
                (report, reports, ["get", "post"]),
            ):
                for name, where in pages:
                    for method in methods:
                        with self.subTest(user=str(user), page=name, method=method):
                            self.assertIn(getattr(self.client, method)(self.url(name, where)).status_code, wanted)

    def test_a_note_of_a_protocol_that_is_still_written_is_for_those_who_may_read_it(self):
        balance.note(self.item, meeting=self.meeting, text="Hemligt än så länge", by=self.cast.secretary)
        for user, sees in (
            (self.cast.secretary, True),
            (self.cast.employer, True),
            (self.cast.adjuster, False),
            (self.cast.hr, False),
        ):
            with self.subTest(str(user)):
                page = self.as_user(user).get(self.url("balance_item")).content.decode()
                self.assertEqual("Hemligt än så länge" in page, sees)


class WriteTests(PageCase):
    def post(self, **data):
        return self.client.post(self.url("note"), {"meeting": self.meeting.pk, **data})

    def seen(self):
        return self.client.get(self.url("balance_item")).context["note_form"]["seen"].value()

    def item_now(self):
        return BalanceItem.objects.get(pk=self.item.pk)

    def test_open_with_owner_day_and_paragraph(self):
        paragraph = make.make_paragraph(self.meeting)
        data = {
            "title": "Ny lampa",
            "owner": self.cast.employer.person_id,
            "due": "2027-01-08",
            "meeting": self.meeting.pk,
            "paragraph": paragraph.pk,
        }
        self.client.post(self.url("open_item", self.cast.group.pk), data)
        item = BalanceItem.objects.get(title="Ny lampa")
        self.assertEqual((item.owner, item.opened_at, item.paragraph), (self.cast.employer.person, self.meeting, paragraph))

    def test_bad_input_is_told_at_its_field(self):
        cases = (
            ({"title": ""}, "title"),
            ({"title": "a" * 501}, "title"),
            ({"title": "x\u202e"}, "title"),
            ({"title": "x", "due": "2027-02-31"}, "due"),
            ({"title": "x", "owner": self.cast.stranger.person_id}, "owner"),
        )
        for data, field in cases:
            with self.subTest(field):
                answer = self.client.post(self.url("open_item", self.cast.group.pk), data)
                self.assertTrue(answer.context["form"].has_error(field))
        self.assertEqual(BalanceItem.objects.count(), 1)

    def test_note_and_close(self):
        self.post(text="På gång.", seen=self.seen())
        self.assertEqual(self.item.notes.get().text, "På gång.")
        answer = self.post(text="", closes="on", seen=self.seen())
        self.assertContains(answer, "Skriv vad som är gjort för att avsluta punkten.")
        self.post(text="Bytta.", closes="on", seen=self.seen())
        self.assertEqual((self.item_now().state, self.item_now().closed_at), ("closed", self.meeting))
        self.assertEqual(self.item.notes.get().under.slug, "balance")

    def test_close_under_the_paragraph_that_is_chosen(self):
        under = make.make_paragraph(self.meeting)
        self.post(text="Bytta.", closes="on", under=under.pk, seen=self.seen())
        self.assertEqual(self.item.notes.get().under, under)

    def test_before_the_meeting_there_is_nothing_to_close_with(self):
        item = balance.open_item(self.cast.other_group, title="Annat", by=self.cast.stranger)
        make.make_meeting(self.cast.other_group, by=self.cast.stranger, state="called")
        page = self.as_user(self.cast.stranger).get(self.url("balance_item", item.pk))
        self.assertNotIn("closes", page.context["note_form"].fields)
        self.assertContains(page, "Spara anteckningen")

    def test_a_note_that_came_meanwhile_is_shown_before_it_is_replaced(self):
        seen = self.seen()
        balance.report(self.item, meeting=self.meeting, text="Ägarens ord", by=self.cast.employer)
        answer = self.post(text="Mina ord", seen=seen)
        self.assertContains(answer, "Ägarens ord")
        self.assertContains(answer, "Mina ord")
        self.assertEqual(self.item.notes.get().text, "Ägarens ord")
        self.post(text="Ägarens ord. Mina ord", seen=answer.context["form"]["seen"].value())
        self.assertEqual(self.item.notes.get().text, "Ägarens ord. Mina ord")

    def test_the_owner_reports_and_nobody_else(self):
        client = self.as_user(self.cast.employer)
        page = client.get(self.url("balance_item"))
        form = page.context["report_form"]
        client.post(self.url("report"), {"text": "Beställda.", "meeting": self.meeting.pk, "seen": form["seen"].value()})
        self.assertEqual(self.item.notes.get().text, "Beställda.")
        self.assertEqual(self.item.notes.get().history.first().history_user, self.cast.employer)

    def test_a_substitute_who_has_promised_something_reports_too(self):
        self.item.owner = self.cast.substitute.person
        self.item.save()
        client = self.as_user(self.cast.substitute)
        form = client.get(self.url("balance_item")).context["report_form"]
        client.post(self.url("report"), {"text": "Påbörjat.", "meeting": self.meeting.pk, "seen": form["seen"].value()})
        self.assertEqual(self.item.notes.get().text, "Påbörjat.")

    def test_an_owner_does_not_open_again_what_the_secretary_has_closed(self):
        client = self.as_user(self.cast.employer)
        seen = client.get(self.url("balance_item")).context["report_form"]["seen"].value()
        balance.note(self.item, meeting=self.meeting, text="Klart i maj.", closes=True, by=self.cast.secretary)
        page = client.post(self.url("report"), {"text": "Jag håller på.", "meeting": self.meeting.pk, "seen": seen})
        self.assertContains(page, "Punkten är avslutad.")
        self.assertContains(page, "Jag håller på.")
        self.assertEqual((self.item.notes.get().text, self.item_now().state), ("Klart i maj.", "closed"))

    def test_a_closing_is_mended_or_taken_back_while_its_protocol_is_written(self):
        balance.note(self.item, meeting=self.meeting, text="Klar i maj.", closes=True, by=self.cast.secretary)
        form = self.client.get(self.url("balance_item")).context["note_form"]
        self.assertTrue(form["closes"].value())
        self.post(text="Klart i maj.", closes="on", seen=form["seen"].value(), under=form["under"].value())
        self.assertEqual((self.item.notes.get().text, self.item_now().state), ("Klart i maj.", "closed"))
        form = self.client.get(self.url("balance_item")).context["note_form"]
        self.post(text="Inte klart än.", seen=form["seen"].value())
        self.assertEqual((self.item.notes.get().text, self.item_now().state), ("Inte klart än.", "open"))

    def test_without_a_meeting_to_note_at_the_page_says_so(self):
        self.cast.ready(self.meeting)
        from protocol import actions as protocol_actions

        protocol_actions.freeze(self.meeting, by=self.cast.secretary, privacy_reviewed=True)
        answer = self.client.get(self.url("balance_item"))
        self.assertContains(answer, "Det finns inget möte att anteckna till.")
        self.assertEqual(self.post(text="Sent").status_code, 200)
        self.assertEqual(self.item.notes.get().text, "")

    def test_change_title_owner_and_day(self):
        data = {"change": "1", "title": "Byt cykelställen", "owner": "", "due": "2027-03-01", "version": 1}
        self.client.post(self.url("note"), data)
        self.assertEqual((self.item_now().title, self.item_now().owner, self.item_now().version), ("Byt cykelställen", None, 2))
        self.assertContains(self.client.post(self.url("note"), data | {"title": "Annat"}), "Någon annan har ändrat punkten")


class PrintedListTests(PageCase):
    def test_all_of_it_is_on_one_page_with_what_was_chosen(self):
        for number in range(60):
            balance.open_item(self.cast.group, title=f"Löfte {number}", by=self.cast.secretary)
        page = self.client.get(self.url("group_balance", self.cast.group.pk), {"utskrift": "1", "owner": "none"})
        self.assertContains(page, "Löfte ", count=60)
        self.assertNotContains(page, "Se över cykelställen")
        self.assertContains(page, "Ansvarig: ingen utsedd")
        self.assertContains(page, "60 punkter")
        self.assertContains(page, 'href="?owner=none"')

    def test_the_list_leads_there_with_its_filters(self):
        page = self.client.get(reverse("meetings:balance"), {"owner": "none", "page": "1"})
        self.assertNotContains(page, "utskrift=1")  # nothing to print
        page = self.client.get(reverse("meetings:balance"), {"q": "cykel", "page": "1"})
        self.assertContains(page, "?q=cykel&amp;utskrift=1")


class ExportTests(PageCase):
    def read(self, **query) -> list[list[str]]:
        answer = self.client.get(reverse("meetings:export_balance"), query)
        self.assertEqual(answer.headers["Content-Type"], "text/csv; charset=utf-8")
        text = answer.content.decode("utf-8-sig")
        return list(csv.reader(StringIO(text, newline=""), delimiter=";"))

    def sheet(self) -> list[list]:
        answer = self.client.get(self.url("export_group_balance", self.cast.group.pk), {"format": "xlsx"})
        self.assertIn("spreadsheetml", answer.headers["Content-Type"])
        self.assertRegex(answer.headers["Content-Disposition"], r'^attachment; filename="balanslista-[\d-]+\.xlsx"$')
        return list(load_workbook(BytesIO(answer.content)).active.iter_rows())

    def test_the_filtered_list_as_csv(self):
        balance.open_item(self.cast.group, title="Åtgärda taket; nu", due=today() - timedelta(days=3), by=self.cast.secretary)
        day = (today() - timedelta(days=3)).isoformat()
        heads, *rows = self.read()
        self.assertEqual(heads[:5], ["Vad", "Grupp", "Ansvarig", "Klart senast", "Läge"])
        self.assertEqual(rows[0][:5], ["Åtgärda taket; nu", str(self.cast.group), "", day, "försenad"])
        self.assertEqual(rows[1][:3], ["Se över cykelställen", str(self.cast.group), "Erik Lind"])
        self.assertEqual([row[0] for row in self.read(q="cykel")[1:]], ["Se över cykelställen"])
        self.assertEqual(self.read(state="closed")[1:], [])

    def test_the_same_as_a_workbook_with_days_as_days(self):
        balance.open_item(self.cast.group, title="Åtgärda taket", due=today(), by=self.cast.secretary)
        heads, first, second = self.sheet()
        self.assertEqual(heads[0].value, "Vad")
        self.assertEqual((first[0].value, first[3].value.date()), ("Åtgärda taket", today()))
        self.assertEqual((second[0].value, second[2].value), ("Se över cykelställen", "Erik Lind"))

    def test_no_cell_is_a_formula(self):
        for number, start in enumerate("=+-@"):
            balance.open_item(self.cast.group, title=f"{start}1+{number}|cmd", by=self.cast.secretary)
        titles = {row[0] for row in self.read()[1:]}
        self.assertEqual({title for title in titles if title[:1] in "=+-@"}, set())
        self.assertEqual(len([title for title in titles if title.startswith("'")]), 4)
        for row in self.sheet():
            for cell in row:
                self.assertNotEqual(cell.data_type, "f", cell.value)
                self.assertNotIn(str(cell.value or " ")[0], "=+-@\t\r")
        for start in ("=1", "+1", "-1", "@a", "\ta", "\ra", "\na"):
            self.assertEqual(tables.harmless(start), f"'{start}")
        self.assertEqual([tables.harmless(value) for value in ("a=1", "", 5, None)], ["a=1", "", 5, None])

    def test_each_sees_what_the_list_shows_them(self):
        balance.open_item(self.cast.other_group, title="Annan grupps löfte", by=self.cast.stranger)
        for user, titles in ((self.cast.adjuster, ["Se över cykelställen"]), (self.cast.stranger, ["Annan grupps löfte"])):
            self.client.force_login(user)
            self.assertEqual([row[0] for row in self.read()[1:]], titles)
        self.assertEqual(self.client.get(self.url("export_group_balance", self.cast.group.pk)).status_code, 404)

    def test_a_file_that_is_taken_again_and_again_fills_no_log(self):
        events = self.cast.group.chain.events.filter(kind="balance_exported")
        for _ in range(30):
            self.read()
        self.assertEqual(events.count(), 1)
        balance.open_item(self.cast.group, title="Ännu ett löfte", by=self.cast.secretary)
        self.read()  # more than was told
        self.assertEqual([event.payload.data["items"] for event in events.all()], [1, 2])
        self.client.force_login(self.cast.adjuster)
        self.read()
        self.assertEqual(events.last().actor, self.cast.adjuster)
        with patch("meetings.actions.balance.timezone.now", return_value=timezone.now() + timedelta(minutes=11)):
            self.read()
        self.assertEqual(events.all().count(), 4)

    def test_the_log_tells_who_took_it_out_and_none_of_its_words(self):
        self.read()
        event = self.cast.group.chain.events.select_related("payload").last()
        self.assertEqual(
            (event.kind, event.actor, event.thing), ("balance_exported", self.cast.secretary, f"group:{self.cast.group.pk}")
        )
        self.assertEqual(event.payload.data, {"items": 1, "kind": "csv"})
        self.client.head(reverse("meetings:export_balance"))
        self.assertEqual(self.cast.group.chain.events.last(), event)
        self.assertEqual(chain.verify(self.cast.group.chain), [])
