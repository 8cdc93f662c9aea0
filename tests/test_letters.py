"""Every kind of letter: to whom, one recipient each, plain text with a link, and neither a union nor a word of the protocol."""

import ast
import re
from datetime import timedelta
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.template import engines
from django.test import RequestFactory, SimpleTestCase, TestCase
from django.urls import reverse

from meetings import reminders
from meetings.actions import agenda, balance, disagreements, placing, planning, proposals
from meetings.models import BalanceItem, Meeting
from motions import reminders as answer_reminders
from motions.actions import answering, changing, filing, supporting
from people import confirming, inviting, mail, recognising
from people.accounts import AccountAdapter
from people.letters import KINDS, meant_for
from people.models import Letter, Mandate, Proof, User, today
from people.proof import change_proof
from protocol import actions, sealing
from protocol import letters as protocol_letters
from protocol import reminders as signing_reminders
from protocol.models import FrozenVersion
from record.history import remember
from tests import factories as make
from tests.cast import Cast
from tests.test_house import ROOMS, ROOT, files

# Stands in everything that is written in a protocol or a motion, and never in a letter.
SECRET = "Bävertungan"
UNIONS = ("Lövförbundet", "LF", "Barrfacket", "BF")

CHAIR, SECRETARY, EMPLOYER, ADJUSTER = "Cecilia Björk", "Stina Alm", "Erik Lind", "Ulla Ek"
ASKING, OTHER, SUBSTITUTE = "Ulf Rönn", "Orvar Gran", "Signe Hassel"
STRANGER = "Främling Asp"
NAMELESS = "None"  # a system administrator who is nobody in the registry
SEATS = {CHAIR, SECRETARY, EMPLOYER, ADJUSTER, ASKING, OTHER}
SIGNERS = {CHAIR, SECRETARY, ADJUSTER}
# (the function that writes it, its kind) → who gets it in the story below.
# A new letter needs a row here, and a place in the story.
ROWS = {
    ("motions.letters.receipt", "motion_receipt"): {ASKING},
    ("motions.letters.tell_of_filed", "motion_filed"): {CHAIR, SECRETARY},
    ("motions.letters.tell_of_answer", "motion_answered"): {ASKING, ADJUSTER},
    ("motions.letters.tell_of_written", "answer_written"): {CHAIR, SECRETARY},
    ("motions.letters.tell_of_postponed", "motion_postponed"): {ASKING, ADJUSTER},
    ("motions.letters.tell_of_change", "motion_changed"): {CHAIR, SECRETARY, EMPLOYER},
    ("motions.letters.ask_to_answer", "answer_asked"): {EMPLOYER},
    ("motions.letters.relieve", "answer_moved"): {CHAIR},
    ("motions.letters.remind_to_answer", "remind_to_answer"): {EMPLOYER},
    ("motions.letters.tell_of_lapse", "support_lapsed"): {OTHER},
    ("motions.letters.tell_of_withdrawal", "motion_withdrawn"): {CHAIR, SECRETARY, EMPLOYER, OTHER},
    ("meetings.letters.send_call", "call"): SEATS,
    ("meetings.letters.send_cancel", "cancel"): {*SEATS, SUBSTITUTE},  # who was called in is told too
    ("meetings.letters.tell_substitute", "substitute"): {SUBSTITUTE},
    ("meetings.letters.tell_of_taken_back", "disagreement_removed"): {ASKING, ADJUSTER},
    ("meetings.letters.tell_of_referral", "balance_referred"): {SECRETARY},
    ("meetings.letters.tell_of_report", "balance_reported"): {STRANGER},
    ("protocol.letters.tell_signers", "to_sign"): SIGNERS,
    ("protocol.letters.receipt", "signed"): SIGNERS,
    ("protocol.letters.tell_of_request", "change_requested"): SIGNERS,
    ("protocol.letters.tell_of_refusal", "change_refused"): SIGNERS,
    ("protocol.letters.tell_of_withdrawal", "withdrawn"): SIGNERS,
    ("protocol.letters.tell_of_seal", "sealed"): SEATS,
    ("protocol.letters.tell_of_lost_file", "file_lost"): {NAMELESS},
    ("protocol.letters.tell_of_lost_file", "file_asked"): {CHAIR, SECRETARY},
    ("protocol.letters.tell_of_file_back", "file_back"): {NAMELESS, CHAIR},
    ("protocol.reminders.remind", "remind_to_sign"): SIGNERS,
    ("meetings.reminders._tell_owners", "overdue"): {EMPLOYER},
    ("meetings.reminders._tell_secretaries", "overdue_list"): {SECRETARY},
    ("meetings.reminders._tell_of_last_day", "negotiation"): {ASKING, ADJUSTER, SECRETARY},
    ("meetings.letters.tell_of_proposal", "proposal"): {EMPLOYER},
    ("people.actions.replace_email", "address_replaced"): {"Nils Gammal"},
    ("people.proof.change_proof", "proof_changed"): {"Petra Säker"},
    ("people.confirming.ask_for_email", "address_asked"): {"Nils Gammal"},
    ("people.confirming._tell_administrators", "to_confirm"): {"Ada Andra", NAMELESS},
    ("people.confirming.ask_for_email", "to_confirm"): {"Ada Andra", NAMELESS},  # else, without a second administrator, the union
    ("people.confirming._ask_union", "mandate_entered"): {OTHER, "Nina Ny"},
    ("people.recognising.tell_owner", "guessed_at"): {"Petra Säker"},
    ("people.confirming._tell_of_staff", "staff_changed"): {"Ada Andra", "Petra Säker"},
    ("people.confirming._ask_for_party", "party_asked"): {OTHER, "Nina Ny"},
    ("people.confirming._tell_settled", "request_settled"): {NAMELESS, "Hanna Sälg"},
    ("people.confirming._tell_seated", "mandate_confirmed"): {"Petra Säker"},
    ("people.inviting.tell_groups", "group_invited"): {CHAIR, SECRETARY},
    ("people.inviting.tell_unions", "union_invited"): {OTHER},
    ("people.inviting.send_invitation", "invitation"): {"Nora Ny"},
}
TELLING = {"tell", "_tell"}
MAIL = ROOT / "templates" / "mail"
# All that a subject may name: a group, a day, a number, a meeting and its protocol.
NAMEABLE = re.compile(r'(\w+\.)*group\.abbreviation|meeting\.date\|date:"j F Y"|motion\.receipt|meeting|protocol')


def written_in(path: Path) -> set[tuple[str, str]]:
    """Every function of a file that tells of a kind that it names itself."""
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    kinds = set()
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef):
            continue
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in TELLING:
                kind = call.args[0]
                if isinstance(kind, ast.Constant):
                    kinds.add((f"{module}.{function.name}", kind.value))
    return kinds


def fresh(thing):
    return type(thing)._base_manager.get(pk=thing.pk)


class EveryLetterTests(TestCase):
    """One story in which every letter is sent."""

    @classmethod
    def setUpTestData(cls) -> None:
        # A word that a template asks for and does not get is seen in the letter.
        cls.enterClassContext(mock.patch.object(engines["mail"].engine, "string_if_invalid", "{{ %s }}"))
        cast = cls.cast = Cast()
        _ = (cast.chair, cast.secretary, cast.employer, cast.adjuster, cast.union_rep, cast.other_rep, cast.substitute)
        by = cast.secretary

        # filed
        filed = {"title": f"{SECRET} rubrik", "background": f"{SECRET} bakgrund", "claims": (f"att {SECRET} ses över.",)}
        motion = make.make_motion(cast.group, cast.union, by=cast.union_rep, matter=f"{SECRET} ärende", **filed)
        # somebody is asked to answer, and reminded
        for person in (cast.chair.person, cast.employer.person):
            answering.assign(motion, claims=motion.claims.all(), person=person, day=today(), by=cast.chair)
        Letter.objects.filter(kind="answer_asked", person=cast.chair.person).delete()
        answer_reminders.remind()

        # changed, so that support lapses; answered
        supporting.support(motion.claims.get(), party=cast.other_union, by=cast.other_rep)
        claims = [{"pk": motion.claims.get().pk, "text": f"att {SECRET} ses över i år."}]
        changing.change(motion, fields={}, claims=claims, version=motion.version, by=cast.union_rep, why=f"{SECRET} skäl")
        make.make_answer(motion.claims.get(), by=cast.employer, text=f"{SECRET} svar", released=True)

        # taken back while an answer is being written
        back = make.make_motion(cast.group, cast.union, by=cast.union_rep, **filed)
        supporting.support(back.claims.get(), party=cast.other_union, by=cast.other_rep)
        make.make_answer(back.claims.get(), by=cast.employer, text=f"{SECRET} svar", released=False)
        filing.withdraw(back, by=cast.union_rep, why=f"{SECRET} är löst.")

        # called, a substitute called in, cancelled
        off = make.make_meeting(cast.group, by=by, state="called")
        seat = Mandate.objects.get(person=cast.union_rep.person)
        planning.decline(off, mandate=seat, substitute=Mandate.objects.get(person=cast.substitute.person), by=cast.union_rep)
        planning.cancel(off, why="För få kan komma.", by=by)

        # put off to the next meeting
        off = make.make_meeting(cast.group, by=by, state="called")
        put = placing.place(motion, meeting=off, paragraph=make.make_paragraph(off), by=by)
        placing.postpone(put, until=None, why=f"{SECRET} dröjer.", by=by)

        # called, frozen, a change asked for and refused, withdrawn, frozen again, signed, sealed
        meeting = make.make_meeting(cast.group, by=by, state="draft")
        paragraph = make.make_paragraph(meeting)
        agenda.edit_text(paragraph, fields={"text": f"{SECRET} i texten."}, version=paragraph.version, by=by)
        make.make_item(paragraph, f"{SECRET} punkt", text=f"{SECRET} under punkten")
        placing.place(motion, meeting=meeting, paragraph=paragraph, by=by)
        wish = balance.open_item(cast.other_group, title=f"{SECRET} från en annan grupp", by=cast.stranger)
        wish = balance.refer_balance(wish, to=cast.group, why=f"{SECRET} är er sak.", by=cast.stranger)
        balance.note(wish, meeting=meeting, text=f"{SECRET} är gjort.", closes=True, by=by)
        cast.group.negotiation_days = 7
        cast.group.save()
        matter = make.make_item(make.make_paragraph(meeting, "decisions"), f"{SECRET} inför beslut", kind="decision")
        said = disagreements.disagree(matter, party=cast.union, reason=f"{SECRET} räcker inte.", by=cast.union_rep)
        disagreements.take_back(said, by=by)
        disagreements.disagree(matter, party=cast.union, reason=f"{SECRET} räcker inte.", by=cast.union_rep)
        meeting = cast.ready(meeting)
        version = actions.freeze(meeting, by=by, privacy_reviewed=True)
        asked = actions.request_change(
            version, paragraph=paragraph, comment=f"{SECRET} är fel.", wording=f"{SECRET} hellre.", by=cast.adjuster
        )
        actions.refuse_change(asked, answer=f"{SECRET} står kvar.", by=by)
        actions.withdraw(fresh(meeting), reason=f"{SECRET} ska bort.", by=by)
        Letter.objects.filter(kind="to_sign").delete()
        version = actions.freeze(fresh(meeting), by=by, privacy_reviewed=True)
        cls._remind(fresh(meeting))
        # the file of an appendix is lost
        _ = cast.admin
        protocol_letters.tell_of_lost_file(fresh(meeting), "filen till bilaga 1 saknas")
        protocol_letters.tell_of_file_back(fresh(meeting), by=by)
        cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))

        # proposed for a meeting: one is placed, one returned
        planned = make.make_meeting(cast.group, by=by)
        for place in (True, False):
            wish = proposals.propose(planned, title=f"{SECRET} förslag", text=f"{SECRET} gäller det.", by=cast.employer)
            if place:
                place_in = make.make_paragraph(planned)
                proposals.place_proposal(wish, paragraph=place_in, kind="topic", title=wish.title, version=wish.version, by=by)
            else:
                proposals.return_proposal(wish, reason=f"{SECRET} får vänta.", version=wish.version, by=by)

        # a promise that is overdue
        promise = balance.open_item(cast.group, title=f"{SECRET} löfte", owner=cast.employer.person, by=by)
        BalanceItem.objects.filter(pk=promise.pk).update(due=today() - timedelta(days=30))
        reminders._overdue()

        lost = make.make_user("Nils Gammal", email="gammal@fvg.example")
        make.make_user("Ada Andra", is_staff=True)
        asked = confirming.ask_for_email(lost, email="ny@fvg.example", reason=f"{SECRET} brevlåda borta.", by=cast.admin)
        confirming.settle(asked, confirmed=True, by=None)
        careful = make.make_user("Petra Säker")
        change_proof(careful, [Proof.PASSWORD], addresses=[careful.email], by=careful, ip="192.0.2.1", agent="Firefox/140 Linux")
        person = make.make_person("Nora Ny")
        person.email = "nora@fvg.example"
        remember(person, by=None, verb="test")
        newcomer = make.make_mandate(person, cast.group, "substitute", party=cast.other_union)
        confirming.ask_for_mandate(newcomer, by=cast.hr)
        inviting.invite(newcomer.person, email="nora@fvg.example", by=cast.hr)
        recognising.tell_owner(careful)
        confirming.tell_of_former_staff(careful, by=cast.admin)
        third = make.make_party("Videfacket", "VF")
        make.make_member(cast.other_group, "union_rep", "Nina Ny", party=third)
        confirming.ask_for_successor(third, cast.other_union, by=cast.admin)
        seat = make.make_mandate(careful, cast.other_group, "union_rep", party=third)
        confirming.settle(confirming.ask_for_mandate(seat, by=cast.hr), confirmed=True, by=None)
        cls.letters = list(Letter.objects.select_related("person").order_by("pk"))

    @classmethod
    def _remind(cls, meeting: Meeting) -> None:
        """The day before the adjustment day."""
        with mock.patch("protocol.reminders.today", return_value=meeting.adjustment_day - timedelta(days=1)):
            signing_reminders.remind()
        with mock.patch("meetings.reminders.today", return_value=meeting.date + timedelta(days=6)):
            reminders._negotiations()

    def test_every_letter_in_the_code_has_a_row_here(self):
        found = {row for room in ROOMS for path in files(room) for row in written_in(path)}
        self.assertEqual(found, set(ROWS))

    def test_every_letter_tells_why_one_gets_it(self):
        self.assertEqual(set(KINDS), {kind for _, kind in ROWS})

    def test_who_gets_one_finds_it_on_the_page_of_one_s_mail(self):
        for letter in self.letters:
            user = letter.person and User.objects.filter(person=letter.person).first()
            if user:
                self.assertIn(letter.kind, meant_for(user), letter.person)

    def test_what_may_be_refused_leads_to_where_it_is_refused(self):
        address = settings.SITE_URL + reverse("people:choose_mail")
        for letter in self.letters:
            message = mail.as_mail(letter)
            refused = KINDS[letter.kind].optional
            self.assertEqual(message.extra_headers.get("List-Unsubscribe"), f"<{address}>" if refused else None, letter.kind)
            self.assertEqual(address in message.body, refused, letter.kind)

    def test_nothing_but_the_outbox_sends_mail(self):
        senders = set()
        for room in ROOMS:
            for path in files(room):
                if re.search(r"\bEmail(MultiAlternatives|Message)\(|\bsend_(mass_)?mail\(", path.read_text(encoding="utf-8")):
                    senders.add(str(path.relative_to(ROOT)))
        self.assertEqual(senders, {"people/mail.py", "people/accounts.py"})

    maxDiff = None

    def test_each_reaches_those_it_is_meant_for(self):
        found: dict[str, set[str]] = {}
        for letter in self.letters:
            found.setdefault(letter.kind, set()).add(str(letter.person))
        self.assertEqual(found, {kind: told for (_, kind), told in ROWS.items()})

    def test_nobody_gets_the_same_letter_twice(self):
        told = [(letter.kind, letter.address, letter.subject, letter.thread) for letter in self.letters]
        self.assertEqual(sorted(told), sorted(set(told)))

    def test_no_union_and_no_word_of_the_protocol_in_subject_or_text(self):
        for letter in self.letters:
            for part in (letter.subject, letter.body, letter.calendar):
                self.assertNotIn(SECRET, part, letter.kind)
                if letter.kind == "party_asked" and part is letter.body:
                    continue  # of two organisations that merge, and of nobody who is a member
                self.assertEqual([name for name in UNIONS if re.search(rf"\b{name}\b", part)], [], (letter.kind, part))

    def test_a_subject_is_one_short_line(self):
        for letter in self.letters:
            self.assertRegex(letter.subject, r"^[^\s].{8,98}[^\s]$", letter.kind)
            self.assertNotRegex(letter.subject, r"{{|{%|None", letter.kind)

    def test_one_recipient_and_plain_text_with_an_absolute_link(self):
        for letter in self.letters:
            message = mail.as_mail(letter)
            self.assertEqual((message.to, message.cc, message.bcc), ([letter.address], [], []), letter.kind)
            # Who has lost the log-in to another address is not sent to a page of it.
            link = settings.SITE_URL + ("" if letter.kind == "address_replaced" else "/")
            self.assertIn(link, message.body, letter.kind)
            self.assertNotRegex(message.body, r"<[a-z/]|{{|{%|None|127\.0\.0\.1|localhost", letter.kind)
            kinds = [part.get_content_type() for part in message.message().walk() if not part.is_multipart()]
            self.assertIn(kinds, (["text/plain"], ["text/plain", "text/calendar"]), letter.kind)


class WordsTests(SimpleTestCase):
    """templates/mail: the words of each kind, in a file of its own."""

    def test_every_kind_has_its_words_and_all_words_are_of_a_kind(self):
        self.assertEqual({path.stem for path in MAIL.iterdir() if not path.name.startswith("_")}, set(KINDS))
        self.assertEqual({path.suffix for path in MAIL.iterdir()}, {".txt"})

    def test_every_kind_is_told_somewhere_and_nothing_else_is(self):
        self.assertEqual({kind for room in ROOMS for path in files(room) for _, kind in written_in(path)}, set(KINDS))

    def test_the_first_line_is_the_subject_and_names_no_union_and_no_text(self):
        for kind in KINDS:
            lines = (MAIL / f"{kind}.txt").read_text(encoding="utf-8").splitlines()
            self.assertEqual((lines[1], bool(lines[2].strip())), ("", True), kind)
            self.assertLessEqual(len(lines[0]), 200, kind)
            self.assertRegex(lines[0], r"^\S.*\S$", kind)
            for name in re.findall(r"{{ (.*?) }}", lines[0]):
                self.assertTrue(NAMEABLE.fullmatch(name), f"{kind}: a subject may not name {name}")

    def test_no_letter_is_escaped_by_hand(self):
        for path in MAIL.iterdir():
            self.assertNotRegex(path.read_text(encoding="utf-8"), r"\|\s*(safe|escape)|autoescape", path.name)


class AccountLetterTests(TestCase):
    """What the log-in package sends, from our own templates."""

    def test_each_is_one_plain_mail_with_a_link_and_a_short_subject(self):
        user = make.make_user("Ada Lind")
        context = {
            "user": user,
            "request": RequestFactory().get("/"),
            "email": user.email,
            "site": settings.SITE_URL,
            "password_reset_url": f"{settings.SITE_URL}/x/",
            "activate_url": f"{settings.SITE_URL}/x/",
        }
        subjects = sorted((ROOT / "templates" / "account" / "email").glob("*_subject.txt"))
        self.assertGreaterEqual(len(subjects), 5)
        for path in subjects:
            name = path.name.removesuffix("_subject.txt")
            with self.subTest(name):
                message = AccountAdapter().render_mail(f"account/email/{name}", user.email, context)
                self.assertEqual((message.to, message.cc, message.bcc), ([user.email], [], []))
                self.assertRegex(message.subject, r"^[A-ZÅÄÖ].{5,80}$")
                self.assertIn(settings.SITE_URL, message.body)
                self.assertNotRegex(message.body, r"<[a-z/]|{{|{%|None|example\.com")
                self.assertEqual(message.message().get_content_type(), "text/plain")
