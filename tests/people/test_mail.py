"""The outbox: one recipient a mail, after the commit, again when it fails, and discreet."""

from datetime import timedelta
from email import message_from_bytes, policy
from smtplib import SMTPRecipientsRefused
from types import SimpleNamespace
from unittest import mock

from django.core import mail as outbox
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.test import TestCase
from django.utils import timezone

from people import inviting
from people.mail import DAILY, LEASE, ROUND, as_mail, claim, deliver, deliver_waiting, keep, tell, try_again, write
from people.models import Letter, Silence
from tests.factories import make_group, make_mandate, make_party, make_person, make_user

CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nPRODID:fvg\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"


def kept(person, **more):
    """A letter to the person in the outbox."""
    return keep("notice", person.address, person=person, **{"subject": "Kallelse", "body": "Välkommen.", **more})


class OutboxTests(TestCase):
    def setUp(self):
        self.person = make_person("Åsa Öberg")
        self.person.email = "asa@fvg.example"
        self.person.save()

    def post(self, **more):
        with self.captureOnCommitCallbacks(execute=True):
            return kept(self.person, **{"body": "Välkommen.\n", **more})

    def failing(self):
        return mock.patch(
            "django.core.mail.backends.locmem.EmailBackend.send_messages", side_effect=ConnectionRefusedError("nej")
        )

    def test_each_letter_has_one_recipient_and_says_that_a_machine_wrote_it(self):
        other = make_user(make_person())
        with self.captureOnCommitCallbacks(execute=True):
            for person in (self.person, other.person):
                kept(person, thread="meeting:7")
        self.assertEqual([(m.to, m.cc, m.bcc) for m in outbox.outbox], [(["asa@fvg.example"], [], []), ([other.email], [], [])])
        message = message_from_bytes(outbox.outbox[0].message().as_bytes(), policy=policy.default)
        letter = Letter.objects.get(person=self.person)
        self.assertEqual(
            [message[name] for name in ("To", "Auto-Submitted", "X-Auto-Response-Suppress", "Message-ID", "In-Reply-To")],
            ["asa@fvg.example", "auto-generated", "All", f"<letter-{letter.pk}@fvg.example>", "<thread-meeting7@fvg.example>"],
        )

    def test_nothing_is_kept_for_somebody_without_an_address(self):
        self.assertEqual(tell("cancel", [make_person()]), 0)
        self.assertEqual(Letter.objects.count(), 0)

    def test_nothing_is_sent_before_the_commit_nor_after_a_rollback(self):
        with self.captureOnCommitCallbacks(execute=True):
            kept(self.person)
            self.assertEqual(outbox.outbox, [])
        self.assertEqual(len(outbox.outbox), 1)
        with self.captureOnCommitCallbacks(execute=True), self.assertRaises(ZeroDivisionError), transaction.atomic():
            kept(self.person)
            raise ZeroDivisionError
        self.assertEqual((len(outbox.outbox), Letter.objects.count()), (1, 1))

    def test_a_calendar_file_carries_its_method_in_the_type_and_in_the_file(self):
        self.post(calendar=CALENDAR, calendar_method="REQUEST")
        message = message_from_bytes(outbox.outbox[0].message().as_bytes(), policy=policy.default)
        self.assertEqual(message.get_content_type(), "multipart/alternative")
        text, calendar = message.iter_parts()
        self.assertEqual((text.get_content_type(), calendar.get_content_type()), ("text/plain", "text/calendar"))
        self.assertEqual((calendar.get_param("method"), calendar.get_content_charset()), ("REQUEST", "utf-8"))
        self.assertIn("METHOD:REQUEST", calendar.get_content())

    def test_a_letter_without_a_calendar_is_plain_text(self):
        self.post()
        self.assertEqual(outbox.outbox[0].message().get_content_type(), "text/plain")

    def test_a_subject_is_one_line(self):
        letter = self.post(subject="Kallelse\r\nBcc: alla@fvg.example")
        self.assertEqual((letter.subject, outbox.outbox[0].recipients()), ("Kallelse Bcc: alla@fvg.example", ["asa@fvg.example"]))

    def test_a_letter_is_sent_once_however_often_it_is_asked_for(self):
        letter = self.post()
        self.assertEqual((deliver.call(letter.pk), deliver_waiting(), len(outbox.outbox)), (False, 0, 1))

    def test_a_failure_is_noted_and_tried_again_with_growing_pauses_for_as_long_as_it_takes(self):
        with self.failing(), self.assertLogs("people.mail", "WARNING"):
            letter = self.post()
        letter.refresh_from_db()
        self.assertEqual((letter.attempts, letter.fault, letter.sent_at), (1, "ConnectionRefusedError: nej", None))
        tried = []
        start, now = letter.due_at - timedelta(minutes=4), letter.created_at
        with self.failing(), self.assertLogs("people.mail", "WARNING"):
            for _ in range(12):
                letter.refresh_from_db()
                now = letter.due_at
                with mock.patch.object(timezone, "now", return_value=now):
                    deliver_waiting()
                tried.append((now - start).total_seconds() // 60)
        self.assertEqual(tried, [4, 12, 28, 60, *range(120, 560, 60)])
        with mock.patch.object(timezone, "now", return_value=now + timedelta(days=3)):
            self.assertEqual(deliver_waiting(), 1)  # a weekend without a mail server loses nothing

    def test_a_letter_that_failed_leaves_when_the_mail_server_is_back(self):
        with self.failing(), self.assertLogs("people.mail", "WARNING"):
            letter = self.post()
        with mock.patch.object(timezone, "now", return_value=letter.created_at + timedelta(minutes=5)):
            self.assertEqual(deliver_waiting(), 1)
        letter.refresh_from_db()
        self.assertEqual((letter.fault, letter.sent_at is not None, len(outbox.outbox)), ("", True, 1))

    def test_a_letter_in_the_hands_of_one_worker_is_left_alone_by_the_next(self):
        with self.captureOnCommitCallbacks():
            letter = kept(self.person)
        self.assertEqual(claim(letter.pk), letter)
        self.assertIsNone(claim(letter.pk))
        with mock.patch.object(timezone, "now", return_value=letter.created_at + timedelta(minutes=5)):
            self.assertEqual((claim(letter.pk), deliver_waiting()), (None, 0))

    def after_the_lease(self):
        return mock.patch.object(timezone, "now", return_value=timezone.now() + LEASE + timedelta(seconds=1))

    def test_after_a_crash_it_leaves_once_more_under_the_same_message_id(self):
        with self.captureOnCommitCallbacks():
            letter = kept(self.person)
        crash = mock.patch("people.mail._note_sent", side_effect=SystemExit)  # it has left, and that was not noted
        with crash, self.assertRaises(SystemExit):
            deliver.call(letter.pk)
        self.assertEqual((deliver_waiting(), len(outbox.outbox)), (0, 1))
        with self.after_the_lease():
            self.assertEqual([deliver_waiting(), deliver_waiting()], [1, 0])
        self.assertEqual({mail.extra_headers["Message-ID"] for mail in outbox.outbox}, {f"<letter-{letter.pk}@fvg.example>"})
        self.assertEqual(len(outbox.outbox), 2)

    def test_a_letter_that_is_tried_anew_keeps_its_message_id(self):
        with self.failing(), self.assertLogs("people.mail", "WARNING"):
            letter = self.post()
        first = as_mail(letter).extra_headers["Message-ID"]
        with self.captureOnCommitCallbacks(execute=True):
            self.assertTrue(try_again(letter.pk))
        self.assertEqual([mail.extra_headers["Message-ID"] for mail in outbox.outbox], [first])

    def test_who_slept_over_the_lease_does_not_send(self):
        """Between taking the letter and the answer of the server another worker has sent it."""
        with self.captureOnCommitCallbacks():
            letter = kept(self.person)

        def sleep(server):
            sleeping.stop()
            with self.after_the_lease():
                self.assertTrue(deliver.call(letter.pk))

        sleeping = mock.patch("django.core.mail.backends.locmem.EmailBackend.open", sleep)
        sleeping.start()
        with self.assertLogs("people.mail", "WARNING"):
            self.assertFalse(deliver.call(letter.pk))
        self.assertEqual(len(outbox.outbox), 1)

    def test_who_has_too_little_left_of_the_lease_does_not_begin(self):
        with self.captureOnCommitCallbacks():
            letter = kept(self.person)
        late = mock.patch.object(timezone, "now", return_value=letter.created_at + LEASE - timedelta(minutes=1))
        opening = mock.patch("django.core.mail.backends.locmem.EmailBackend.open", side_effect=lambda: late.start())
        self.addCleanup(mock.patch.stopall)
        with opening, self.assertLogs("people.mail", "WARNING"):
            self.assertFalse(deliver.call(letter.pk))
        self.assertEqual(outbox.outbox, [])

    def test_a_failure_that_is_told_late_does_not_hide_what_the_other_noted(self):
        with self.captureOnCommitCallbacks():
            letter = kept(self.person)

        def sleep(server, messages):
            sleeping.stop()
            with self.after_the_lease():
                self.assertTrue(deliver.call(letter.pk))
            raise TimeoutError("för sent")

        sleeping = mock.patch("django.core.mail.backends.locmem.EmailBackend.send_messages", sleep)
        sleeping.start()
        with self.assertLogs("people.mail", "WARNING"):
            self.assertFalse(deliver.call(letter.pk))
        letter.refresh_from_db()
        self.assertEqual((letter.sent_at is not None, letter.fault), (True, ""))

    def test_what_has_left_is_noted_when_the_database_comes_back(self):
        with self.captureOnCommitCallbacks():
            letter = kept(self.person)
        update, away = QuerySet.update, [OperationalError("borta"), OperationalError("borta")]

        def flaky(rows, **fields):
            if "sent_at" in fields and away:
                raise away.pop()
            return update(rows, **fields)

        sleeping = mock.patch("people.mail.time.sleep")
        with mock.patch.object(QuerySet, "update", flaky), sleeping as slept, self.assertLogs("people.mail", "WARNING"):
            self.assertTrue(deliver.call(letter.pk))
        self.assertEqual(slept.call_count, 2)
        self.assertEqual((Letter.objects.waiting().exists(), len(outbox.outbox)), (False, 1))

    def test_a_recipient_that_the_server_refuses_is_told_so_without_the_address(self):
        for code, refused, words in (
            (550, True, "Mottagaren avvisas: 550 5.1.1 <adressen> okänd"),
            (450, False, "Mottagaren tas inte emot just nu: 450 5.1.1 <adressen> okänd"),
        ):
            error = SMTPRecipientsRefused({"asa@fvg.example": (code, "5.1.1 <asa@fvg.example> okänd".encode())})
            broken = mock.patch("django.core.mail.backends.locmem.EmailBackend.send_messages", side_effect=error)
            with broken, self.assertLogs("people.mail", "WARNING"):
                letter = self.post()
            letter.refresh_from_db()
            self.assertEqual((letter.refused, letter.fault), (refused, words))
            self.assertGreater(letter.due_at, timezone.now() + timedelta(hours=23 if refused else 0))

    def test_a_server_that_ends_badly_has_the_mail_all_the_same(self):
        with mock.patch("django.core.mail.backends.locmem.EmailBackend.close", side_effect=OSError("hej då"), create=True):
            self.post()
        self.assertEqual((Letter.objects.waiting().exists(), len(outbox.outbox)), (False, 1))

    def test_those_that_fail_again_and_again_do_not_keep_the_others_waiting(self):
        with self.failing(), self.assertLogs("people.mail", "WARNING"):
            failing = self.post()
        with self.captureOnCommitCallbacks():
            other = kept(self.person)
        Letter.objects.filter(pk=failing.pk).update(due_at=timezone.now())
        self.assertEqual(deliver_waiting(limit=1), 1)
        other.refresh_from_db()
        self.assertIsNotNone(other.sent_at)

    def test_a_round_ends_when_the_server_takes_its_time(self):
        with self.captureOnCommitCallbacks():
            for _ in range(3):
                kept(self.person)
        with mock.patch("people.mail.time.monotonic", side_effect=[0, ROUND / 2, ROUND + 1]):
            self.assertEqual(deliver_waiting(), 2)

    def test_one_bad_letter_does_not_keep_the_others(self):
        with self.captureOnCommitCallbacks():
            bad = kept(self.person)
            kept(self.person)
        Letter.objects.filter(pk=bad.pk).update(subject="rad\nrad")
        with self.assertLogs("people.mail", "WARNING"):
            self.assertEqual(deliver_waiting(), 1)

    def test_the_frame_says_who_asked_and_why_and_where_without_escaping(self):
        hr = make_user(make_person("Åke & Co"))
        _, body = write("invitation", person=self.person, by=hr, link="[x]", days=7)
        self.assertTrue(body.startswith("Hej Åsa Öberg.\n"))
        self.assertIn("Åke & Co bad oss skicka det", body)
        self.assertTrue(body.rstrip().endswith("https://fvg.example"))

    def test_a_protected_person_is_greeted_by_the_name_shown(self):
        person = make_person("Hemligt Namn")
        person.protected, person.shown_name = True, "Ledamot A"
        person.save()
        _, body = write("invitation", person=person, by=None, link="[x]", days=7)
        self.assertEqual(("Ledamot A" in body, "Hemligt" in body), (True, False))

    def test_names_come_through_as_they_are_in_subject_and_text(self):
        group = SimpleNamespace(abbreviation="Å&Ä", definite="Anders & Söners grupp <b>'åäö'</b>")
        with self.captureOnCommitCallbacks(execute=True):
            tell("motion_filed", [self.person], motion=SimpleNamespace(pk=7, receipt="F&G 1", group=group))
        message = message_from_bytes(outbox.outbox[0].message().as_bytes(), policy=policy.default)
        self.assertEqual(message["Subject"], "Nytt till Å&Ä: F&G 1")
        said = "Något nytt är inlämnat till Anders & Söners grupp <b>'åäö'</b>, med nummer F&G 1.\n\nLäs det här: "
        self.assertTrue(message.get_content().startswith(f"{said}https://fvg.example/yrkanden/7/\n"))

    def test_an_invitation_names_no_union(self):
        group, party = make_group(), make_party("Strandvakternas förbund", "SVF")
        make_mandate(self.person, group, "union_rep", party=party)
        with self.captureOnCommitCallbacks(execute=True):
            inviting.invite(self.person, email="asa@fvg.example", by=make_user(make_person()))
        for name in ("Strandvakternas", "SVF"):
            self.assertNotIn(name, outbox.outbox[0].message().as_bytes().decode())


@mock.patch("people.mail.write", return_value=("Ett ämne här", "Text."))
class TellTests(TestCase):
    """The one door: to whom, when, and how many."""

    def setUp(self):
        self.first, self.second = (make_user(make_person(name)).person for name in ("Ada Lind", "Bo Ek"))

    def told(self):
        return [str(letter.person) for letter in Letter.objects.order_by("pk")]

    def test_it_says_how_many_there_were(self, write):
        self.assertEqual(tell("overdue", [self.first, make_person(), self.second], thread="balance", items=[]), 2)
        self.assertEqual(self.told(), ["Ada Lind", "Bo Ek"])
        self.assertEqual(
            [call.kwargs for call in write.call_args_list], [{"person": one, "items": []} for one in (self.first, self.second)]
        )

    def test_who_has_said_no_is_not_told_and_asking_costs_one_question(self, write):
        Silence.objects.create(person=self.first, kind="overdue")
        with self.assertNumQueries(2):  # who has said no, and the letter
            self.assertEqual(tell("overdue", [self.first, self.second]), 1)
        self.assertEqual(self.told(), ["Bo Ek"])

    def test_another_address_than_one_s_own_and_nobody_s_person(self, write):
        self.assertEqual(tell("invitation", [self.first, None], address="ny@fvg.example"), 2)
        found = Letter.objects.order_by("pk").values_list("person", "address")
        self.assertEqual(list(found), [(self.first.pk, "ny@fvg.example"), (None, "ny@fvg.example")])

    def test_within_the_pause_one_is_told_once_of_the_same(self, write):
        def tells(person, thread):
            return tell("remind_to_sign", [person], thread=thread, pause=DAILY)

        self.assertEqual(
            [tells(self.first, "a"), tells(self.first, "a"), tells(self.first, "b"), tells(self.second, "a")], [1, 0, 1, 1]
        )
        Letter.objects.update(created_at=timezone.now() - DAILY - timedelta(minutes=1))
        self.assertEqual([tells(self.first, "a"), tells(self.first, "a")], [1, 0])

    def test_what_happens_in_a_row_is_gathered(self, write):
        def tells():
            return tell("answer_written", [self.first], thread="a", gather=timedelta(minutes=10))

        self.assertEqual([tells(), tells()], [1, 0])  # the one that waits tells of both
        Letter.objects.update(sent_at=timezone.now())
        self.assertEqual([tells(), tells()], [1, 0])
        last, first = Letter.objects.order_by("-pk")
        self.assertEqual(last.created_at - first.created_at, timedelta(minutes=10))

    def test_each_gets_a_calendar_file_of_their_own(self, write):
        tell("call", [self.first, self.second], calendar=lambda person, method: f"{method} {person}", method="CANCEL")
        found = Letter.objects.order_by("pk").values_list("calendar", "calendar_method")
        self.assertEqual(list(found), [("CANCEL Ada Lind", "CANCEL"), ("CANCEL Bo Ek", "CANCEL")])
