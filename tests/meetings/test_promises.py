"""A sentence of the protocol that somebody follows up: made, refused, taken back; the page for it; and what the record says."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.actions import agenda, balance, promises
from meetings.language.statements import token
from meetings.models import BalanceItem, BalanceNote, Commitment, Meeting
from meetings.reading import checklist
from protocol import document
from record.moves import Refused, WrongState
from tests import factories as make
from tests.cast import Cast

SENTENCE = "Chefen tar med sig frågan."


class PromiseTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.by = cls.cast.secretary
        cls.meeting = cls.cast.meeting("draft")
        cls.paragraph = make.make_paragraph(cls.meeting)
        cls.owner = cls.cast.employer.person

    def write(self, text):
        self.paragraph.refresh_from_db()
        agenda.edit_text(self.paragraph, fields={"text": text}, version=self.paragraph.version, by=self.by)

    def promise(self, **fields):
        return promises.promise(self.paragraph, **{"sentence": SENTENCE, "owner": self.owner, "by": self.by} | fields)


class PromiseTests(PromiseTestCase):
    def test_a_promise_has_its_owner_and_day_and_stands_on_the_balance_list_of_this_meeting(self):
        due = self.meeting.date + timedelta(days=30)
        made = self.promise(due=due)
        item = made.balance_item
        self.assertEqual((made.words, made.owner, made.due, made.paragraph), (SENTENCE, self.owner, due, self.paragraph))
        self.assertEqual(
            (item.title, item.opened_at, item.paragraph, item.owner, item.due),
            ("Chefen tar med sig frågan", self.meeting, self.paragraph, self.owner, due),
        )
        self.assertIn(self.meeting, [note.meeting for note in item.notes.all()])

    def test_the_list_may_say_it_in_other_words_or_not_at_all(self):
        self.assertEqual(self.promise(title="Byt låsen").balance_item.title, "Byt låsen")
        self.assertIsNone(self.promise(sentence="Taket lagas.", on_balance=False).balance_item)

    def test_a_sentence_longer_than_a_title_is_cut_at_a_word(self):
        title = self.promise(sentence="mycket " * 200).balance_item.title
        self.assertEqual((len(title) <= 500, title.endswith("mycket…")), (True, True))

    def test_markup_in_a_sentence_stays_words(self):
        self.assertEqual(self.promise(sentence="Taket **lagas** [här](party:1).").words, "Taket **lagas** [här](party:1).")

    def test_a_promise_that_nobody_follows_up_is_refused(self):
        with self.assertRaises(ValidationError):
            self.promise(owner=None, on_balance=False)
        with self.assertRaises(ValidationError):
            self.promise(sentence=" . ")
        with self.assertRaises(ValidationError) as caught:
            self.promise(due=self.meeting.date - timedelta(days=1))
        self.assertEqual(list(caught.exception.error_dict), ["due"])
        self.assertEqual((Commitment.objects.count(), BalanceItem.objects.count()), (0, 0))

    def test_asked_for_twice_it_is_one_promise_and_never_another(self):
        first = self.promise()
        self.assertEqual(self.promise(sentence="chefen  tar med sig frågan"), first)
        with self.assertRaises(Refused):
            self.promise(owner=self.cast.chair.person)
        self.assertEqual((Commitment.objects.count(), BalanceItem.objects.count()), (1, 1))

    def test_a_frozen_text_takes_no_promises(self):
        meeting = self.cast.meeting("approval")
        paragraph = make.make_paragraph(meeting)
        with self.assertRaises(WrongState):
            promises.promise(paragraph, sentence=SENTENCE, owner=self.owner, by=self.by)
        with self.assertRaises(WrongState):
            promises.dismiss(paragraph, sentence=SENTENCE, by=self.by)
        self.assertEqual(Commitment.objects.count(), 0)


class UnpromiseTests(PromiseTestCase):
    def test_it_is_taken_back_with_its_point_on_the_list(self):
        make.make_meeting(self.cast.group, by=self.by, date=self.meeting.date + timedelta(days=40))
        self.assertIs(promises.unpromise(self.promise(), by=self.by), True)
        self.assertEqual([model.objects.count() for model in (Commitment, BalanceItem, BalanceNote)], [0, 0, 0])
        self.assertEqual(Commitment.history.first().history_verb, "unpromise")

    def test_a_point_that_somebody_has_written_about_stays(self):
        made = self.promise()
        balance.note(made.balance_item, meeting=self.meeting, text="Låsen är beställda.", by=self.by)
        self.assertIs(promises.unpromise(made, by=self.by), False)
        self.assertEqual((Commitment.objects.count(), BalanceItem.objects.open().count()), (0, 1))

    def test_a_point_that_somebody_has_changed_stays(self):
        made = self.promise()
        balance.change_item(made.balance_item, title="Nya lås", owner=None, due=None, version=1, by=self.by)
        self.assertIs(promises.unpromise(made, by=self.by), False)

    def test_what_is_frozen_is_not_taken_back(self):
        made = self.promise()
        self.cast.ready(self.meeting)
        from protocol import actions

        actions.freeze(self.cast.ready(self.meeting), by=self.by, privacy_reviewed=True)
        with self.assertRaises(WrongState):
            promises.unpromise(Commitment.objects.get(pk=made.pk), by=self.by)


class DismissTests(PromiseTestCase):
    def test_a_dismissal_is_remembered_and_is_no_promise(self):
        first = promises.dismiss(self.paragraph, sentence=SENTENCE, by=self.by)
        self.assertEqual(promises.dismiss(self.paragraph, sentence=SENTENCE, by=self.by), first)
        self.assertEqual([row.followed_up for row in Commitment.objects.all()], [False])

    def test_one_may_think_better_of_it(self):
        noted = promises.dismiss(self.paragraph, sentence=SENTENCE, by=self.by)
        self.assertEqual((self.promise().pk, Commitment.objects.count()), (noted.pk, 1))
        with self.assertRaises(Refused):
            promises.dismiss(self.paragraph, sentence=SENTENCE, by=self.by)


class RecordTests(PromiseTestCase):
    def build(self):
        return document.build(Meeting.objects.whole().get(pk=self.meeting.pk))

    def test_the_record_tells_promises_and_not_what_is_none(self):
        self.write(f"{SENTENCE} Det utreds.")
        self.promise()
        promises.dismiss(self.paragraph, sentence="Det utreds.", by=self.by)
        self.assertEqual([one.text for one in self.build().commitments], [SENTENCE])

    def test_the_record_holds_no_promise_that_the_signers_cannot_read(self):
        self.write(f"{SENTENCE} Taket lagas.")
        self.promise()
        self.promise(sentence="Taket lagas.")
        self.write("Taket  lagas!")
        self.assertEqual([commitment.text for commitment in self.build().commitments], ["Taket lagas."])
        self.write("")
        self.assertEqual(self.build().commitments, ())
        gone = [
            problem.hint
            for problem in checklist.problems(Meeting.objects.whole().get(pk=self.meeting.pk), set())
            if problem.code == "promise_gone"
        ]
        self.assertEqual(gone, [f"”{SENTENCE}”", "”Taket lagas.”"])

    def test_a_promise_may_stand_in_a_point_and_name_a_party(self):
        make.make_item(self.paragraph, text=f"[LF](party:{self.cast.union.pk}) får svar i maj. Chefen ser över låsen.")
        self.promise(sentence="LF får svar i maj.")
        self.promise(sentence="Chefen ser över låsen.")
        self.assertEqual([one.text for one in self.build().commitments], ["LF får svar i maj.", "Chefen ser över låsen."])

    def test_a_loaded_protocol_keeps_the_promises_of_its_file(self):
        self.promise()
        meeting = Meeting.objects.whole().get(pk=self.meeting.pk)
        meeting.loaded = True
        self.assertEqual([one.text for one in document.build(meeting).commitments], [SENTENCE])

    def test_the_record_tells_who_said_what_with_the_names_of_the_day(self):
        self.write(
            f"[LF](party:{self.cast.union.pk}) undrade om tiden. Chefen svarade.\n\n"
            f"- [BF](party:{self.cast.other_union.pk}): Bra."
        )
        item = make.make_item(self.paragraph, text=f"Vidare påpekade [LF](party:{self.cast.union.pk}) att det drar.")
        number = next(paragraph.number for paragraph in self.build().paragraphs if paragraph.heading == self.paragraph.heading)
        self.assertEqual(
            [(statement.paragraph, statement.speakers, statement.verb, statement.text) for statement in self.build().statements],
            [
                (number, ("Lövförbundet",), "undrade om", "Lövförbundet undrade om tiden."),
                (number, ("Barrfacket",), None, "Barrfacket: Bra."),
                (number, ("Lövförbundet",), "påpekade", "Vidare påpekade Lövförbundet att det drar."),
            ],
        )
        self.assertEqual(item.paragraph, self.paragraph)


class PromisePageTests(PromiseTestCase):
    def url(self, name="promise"):
        return reverse(f"meetings:{name}", args=[self.paragraph.pk])

    def by_user(self, user):
        self.client.force_login(user)
        return self.client

    def test_who_meets_what(self):
        expected = {"secretary": 200, "chair": 200, "employer": 403, "union_rep": 403, "hr": 403, "auditor": 403, "stranger": 404}
        got = {name: self.by_user(getattr(self.cast, name)).get(self.url()).status_code for name in expected}
        self.assertEqual(got, expected)
        for name in ("unpromise", "no_promise"):
            self.assertEqual(self.by_user(self.cast.employer).post(self.url(name)).status_code, 403)
            self.assertEqual(self.by_user(self.by).get(self.url(name)).status_code, 405)

    def test_a_sentence_is_chosen_from_the_text_and_followed_up(self):
        self.write(f"Läget är gott. {SENTENCE}")
        client = self.by_user(self.by)
        page = client.get(f"{self.url()}?mening={token(SENTENCE)}")
        self.assertContains(page, f'<option value="{SENTENCE}" selected>')
        self.assertContains(page, '<option value="Läget är gott.">')
        self.assertContains(page, "Nej, inte ett åtagande")
        data = {"sentence": SENTENCE, "owner": self.owner.pk, "due": "2027-02-01", "on_balance": "on", "title": ""}
        answer = client.post(self.url(), data)
        self.assertRedirects(
            answer,
            f"{reverse('meetings:write', args=[self.paragraph.pk])}#p-{self.paragraph.pk}",
            303,
            fetch_redirect_response=False,
        )
        made = Commitment.objects.get()
        self.assertEqual((made.words, made.owner, made.due), (SENTENCE, self.owner, date(2027, 2, 1)))

    def test_the_next_meeting_is_the_day_that_is_proposed(self):
        day = self.meeting.date + timedelta(days=35)
        make.make_meeting(self.cast.group, by=self.by, date=day)
        self.write(SENTENCE)
        self.assertContains(self.by_user(self.by).get(self.url()), f'value="{day:%Y-%m-%d}"')

    def test_only_those_present_and_those_with_a_seat_can_own_a_promise(self):
        stranger = self.cast.stranger.person
        data = {"sentence": SENTENCE, "owner": stranger.pk, "on_balance": "on"}
        page = self.by_user(self.by).post(self.url(), data)
        self.assertEqual((page.status_code, Commitment.objects.count()), (200, 0))
        self.assertNotContains(page, stranger.name)

    def test_the_script_gets_the_list_or_what_is_wrong(self):
        client = self.by_user(self.by)
        headers = {"X-Requested-With": "fetch"}
        wrong = client.post(self.url(), {"sentence": SENTENCE}, headers=headers)
        self.assertEqual((wrong.status_code, list(wrong.json()["errors"])), (422, ["__all__"]))
        made = client.post(self.url(), {"sentence": SENTENCE, "owner": self.owner.pk, "on_balance": "on"}, headers=headers)
        self.assertEqual(made.json()["message"], "Åtagandet står på balanslistan. Ansvarig: Erik Lind.")
        self.assertIn(f'id="promises-{self.paragraph.pk}"', made.json()["html"])
        gone = client.post(self.url("unpromise"), {"promise": Commitment.objects.get().pk}, headers=headers)
        self.assertNotIn("Åtagande:", gone.json()["html"])
        self.assertEqual(Commitment.objects.count(), 0)

    def test_a_promise_of_another_paragraph_is_not_taken_back(self):
        made = self.promise()
        other = make.make_paragraph(self.meeting, "opening")
        for wanted in (made.pk, "", "x", "9" * 30):
            answer = self.by_user(self.by).post(reverse("meetings:unpromise", args=[other.pk]), {"promise": wanted})
            self.assertEqual(answer.status_code, 303)
        self.assertEqual(Commitment.objects.get(), made)

    def test_from_the_check_list_one_comes_back_to_it(self):
        self.write(SENTENCE)
        client = self.by_user(self.by)
        freeze = reverse("protocol:freeze", args=[self.meeting.pk])
        address = f"{self.url()}?mening={token(SENTENCE)}&amp;checklista=1"
        self.assertContains(client.get(freeze), address)
        answer = client.post(self.url("no_promise"), {"sentence": SENTENCE, "checklista": "1"})
        self.assertRedirects(answer, freeze, 303)
        self.assertNotContains(client.get(freeze), address)

    def test_only_a_sentence_of_the_text_is_noted_as_no_promise(self):
        self.write("Något annat.")
        self.by_user(self.by).post(self.url("no_promise"), {"sentence": SENTENCE})
        self.assertEqual(Commitment.objects.count(), 0)

    def test_one_promise_and_thirty_take_the_same_queries(self):
        client, counts = self.by_user(self.by), []
        for many in (1, 30):
            self.write(" ".join(f"Frågan {n} utreds." for n in range(many * 2)))
            while Commitment.objects.count() < many:
                self.promise(sentence=f"Frågan {Commitment.objects.count()} utreds.")
            client.get(self.url())
            with CaptureQueriesContext(connection) as queries:
                client.get(self.url())
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])
