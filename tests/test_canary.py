"""What is confidential reaches nobody whom it is not for: not in any page, search, count, diff, PDF, export, mail or admin page.

Each secret holds a canary, a word that stands nowhere else. Every address is asked by everybody with GET, and what takes a POST
with a guess, with the forms one is shown, and by script; each answer is read whole, and all of them are counted. In `make test`
every third player asks an address, and the next address is asked by others; in `make torture` all ask all.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import time
from http import HTTPStatus
from typing import NamedTuple

from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, TestCase, override_settings, tag
from django.urls import reverse

from meetings.actions import agenda, attendance, balance, placing, proposals
from meetings.models import Attendance, BalanceItem, Meeting, Paragraph, Proposal
from motions import written
from motions.actions import answering, drafting, files, filing, handling
from motions.models import Answer, Claim, Motion
from people.access import OWN, PUBLIC
from people.models import Letter
from people.permissions import table
from protocol import actions
from protocol.models import ChangeRequest, FrozenVersion
from record.tracing import HEADER
from tests import THOROUGH
from tests import factories as make
from tests.crawl import addresses, admin_addresses, said
from tests.hostile.test_every_field import Forms
from tests.paper import OnPaper
from tests.world import PLAYERS, World, pages, png

# What is searched for is the beginning: a page that only repeats the search does not hold the whole.
SEARCHED = "kanariefagel"
OWN_UNION = frozenset({"union_rep", "adjuster", "substitute"})
EVERYBODY = (*PLAYERS, "other_rep", "anonymous")


class Secret(NamedTuple):
    """A canary, and who may meet it."""

    word: str
    readers: frozenset[str]


DRAFT = Secret(f"{SEARCHED}1731", OWN_UNION)  # an unfiled motion
ANSWER = Secret(f"{SEARCHED}2731", frozenset({"secretary", "chair", "employer_rep"}))  # an answer that is not released
PROPOSAL = Secret(f"{SEARCHED}3731", frozenset({"union_rep", "secretary", "chair"}))  # not placed, or returned with a reason
TEXT = Secret(f"{SEARCHED}4731", frozenset({"secretary", "chair"}))  # a protocol that is being written, attendance included
NOTE = Secret(
    f"{SEARCHED}5731", frozenset({"secretary", "chair", "employer_rep"})
)  # said there of a promise that the employer owns
CHANGE = Secret(f"{SEARCHED}6731", frozenset({"secretary", "chair", "adjuster"}))  # a change asked for during the approval
SECRETS = {"draft": DRAFT, "answer": ANSWER, "proposal": PROPOSAL, "text": TEXT, "note": NOTE, "change": CHANGE}
# These are written with a script, which has answers of its own: JSON and bare text.
BY_SCRIPT = ("save", "save_item", "done", "no_comments", "here", "text", "new_item", "promise", "unpromise", "no_promise")
LISTS = ("home", "motions:list", "motions:statistics", "meetings:list", "meetings:balance", "protocol:archive")


class CanaryTestCase(OnPaper, TestCase):
    """A world with a secret of each sort in it, and everybody who may ask."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World().whole()
        cls.also: dict = {}
        cls.hide_draft()
        cls.hide_answers()
        cls.hide_proposals()
        cls.hide_text()
        version = cls.world.things["approval"][FrozenVersion]
        request = actions.request_change(
            version,
            paragraph=None,
            comment=f"{CHANGE.word} ska rättas.",
            wording=f"{CHANGE.word} rättat.",
            by=cls.world.cast.adjuster,
        )
        cls.also[ChangeRequest] = [request]

    @classmethod
    def hide_draft(cls) -> None:
        cast, word = cls.world.cast, DRAFT.word
        draft = make.make_motion(
            cast.group,
            cast.union,
            by=cast.union_rep,
            filed=False,
            claims=(f"att {word} hörs.",),
            **{name: f"{word} i fältet" for name in written.WORDED},
            wanted_on=cls.world.things["draft"][Meeting].date,
        )
        file = SimpleUploadedFile(f"{word}.png", png())
        cls.draft = files.attach(draft, file=file, description=f"{word} på bild.", by=cast.union_rep)
        # What is filed now was a draft once: what it said then is still the union's own.
        filed = make.make_motion(
            cast.group, cast.union, by=cast.union_rep, filed=False, title=f"{word} då", claims=(f"att {word} hördes.",)
        )
        fields, claims = {"title": "Nu", "background": "Inlämnat."}, [{"text": "att det görs."}]
        drafting.save_draft(filed, fields=fields, claims=claims, version=filed.version, by=cast.union_rep)
        filing.file(filed, by=cast.union_rep)
        cls.also |= {Motion: [cls.draft, filed], Claim: [cls.draft.claims.get(), filed.claims.get()], Answer: []}

    @classmethod
    def hide_answers(cls) -> None:
        """The second to what was tabled, and one that the chair has changed."""
        cast, word = cls.world.cast, ANSWER.word
        motion = make.make_motion(cast.group, cast.union, by=cast.union_rep, claims=("att ett.", "att två."))
        first, second = motion.claims.all()
        make.make_answer(first, by=cast.employer, outcome="tabled", text="Frågan kommer tillbaka.")
        handling.take_up(motion, "K", by=cast.chair)  # at the meeting that tabled it; the one below is the next
        handling.take_up(motion, "K", by=cast.chair)
        waiting = make.make_answer(first, by=cast.employer, text=f"{word} första.", released=False)
        other = make.make_answer(second, by=cast.employer, outcome="granted", text=f"{word} andra.", released=False)
        answering.answer(second, outcome="rejected", text=f"{word} ändrat.", version=other.version, by=cast.chair)
        meeting = cls.world.things["draft"][Meeting]
        placing.place(motion, meeting=meeting, paragraph=make.make_paragraph(meeting), by=cast.secretary)
        cls.answered = motion
        cls.also[Motion].append(motion)
        cls.also[Claim] += [first, second]
        cls.also[Answer] += [waiting, other]

    @classmethod
    def hide_proposals(cls) -> None:
        cast, word = cls.world.cast, PROPOSAL.word
        cls.also[Proposal] = []
        for n in range(2):
            file = SimpleUploadedFile(f"{word}.png", png())
            more = {"text": f"{word} i texten", "description": f"{word} på bild.", "file": file, "by": cast.union_rep}
            meeting = cls.world.things["called"][Meeting]
            cls.also[Proposal].append(proposals.propose(meeting, title=f"{word} {n}", party=cast.union, **more))
        returned = cls.also[Proposal][1]
        proposals.return_proposal(returned, reason=f"{word} är skälet.", version=returned.version, by=cast.secretary)

    @classmethod
    def hide_text(cls) -> None:
        cast, word = cls.world.cast, TEXT.word
        meeting, paragraph = (cls.world.things["draft"][model] for model in (Meeting, Paragraph))
        paragraph.refresh_from_db()
        agenda.edit_text(paragraph, fields={"text": f"{word} sades."}, version=paragraph.version, by=cast.secretary)
        row = Attendance.objects.get(meeting=meeting, person=cast.adjuster.person)
        attendance.interrupt(
            row, paragraph=paragraph, starts=time(9), ends=time(10), reason=f"{word} i linjen", by=cast.secretary
        )
        promise = cls.world.things["draft"][BalanceItem]
        balance.note(promise, meeting=meeting, text=f"{NOTE.word} antecknat.", by=cast.secretary)

    def setUp(self) -> None:
        self.clients: dict[str, Client] = {}
        self.asked: Counter[str] = Counter()
        self.statuses: dict[str, Counter[int]] = defaultdict(Counter)
        self.met: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.leaks: list[tuple] = []
        self.others: dict[str, list[str]] = {}  # addresses that it was not this player's turn to ask

    def client_of(self, column: str) -> Client:
        """A client where this player has logged in, once for all questions."""
        if column not in self.clients:
            self.clients[column] = client = Client()
            user = self.world.cast.other_rep if column == "other_rep" else self.world.player(column)
            if user is not None:
                client.force_login(user)
                client.get(reverse("trust"))  # the session notes when it began
        return self.clients[column]

    def read(self, kind: str, column: str, address: str, response: HttpResponse) -> None:
        """Count the answer, and note each secret that it holds."""
        self.asked[kind] += 1
        self.statuses[kind][response.status_code] += 1
        told = said(response)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.leaks.append((kind, column, address, response.status_code))
        for name, secret in SECRETS.items() if SEARCHED in told else ():
            if secret.word in told:
                self.met[name, column].append(address)
                if column not in secret.readers:
                    self.leaks.append((kind, column, address, name))

    def post(self, kind: str, column: str, address: str, data: dict, **more) -> None:
        """Ask, read the page after it too, and take back what was written; a log-out as well."""
        cache.clear()
        client = self.client_of(column)
        cookies = dict(client.cookies)
        with transaction.atomic():
            self.read(kind, column, address, client.post(address, data, follow=True, **more))
            transaction.set_rollback(True)
        client.cookies.clear()
        client.cookies.update(cookies)

    def guess(self) -> dict[str, str]:
        """What somebody who knows the draft's number would put in the fields."""
        paragraph = self.world.things["draft"][Paragraph]
        return {
            "motion": self.draft.pk,
            "motions": self.draft.pk,
            "claim": self.also[Claim][0].pk,
            "party": self.draft.party_id,
            "version": self.draft.version,
            "pk": self.draft.pk,
            "id": self.draft.pk,
            "_selected_action": self.draft.pk,
            "action": "delete_selected",
            "do": "review",
            "title": "ord",
            "text": f"ord [ord](motion:{self.draft.pk})",
            "background": "ord",
            "outcome": "answered",
            "where": f"p{paragraph.pk}",
            "printed": "text",
            "till": "ner",
            "reason": "ord",
            "comment": "ord",
            "why": "ord",
            "answer": "ord",
            "q": SEARCHED,
            "kind": "motion",
            "description": "ord",
            "sentence": "ord",
        }


@tag("walk")
class CanaryTests(CanaryTestCase):
    takes_long = True
    maxDiff = None

    def test_thousands_of_answers_and_no_secret_told_to_those_it_is_not_for(self) -> None:
        forms = self.ask_every_address()
        self.guess_at_every_address()
        self.send_every_form(forms)
        self.ask_by_script()
        for name, secret in SECRETS.items():
            for column in secret.readers:
                self.ask_until_met(name, column)
        self.assertEqual(sorted(set(self.leaks)), [])
        for name, secret in SECRETS.items():  # each is there to be met, and is met by everybody that it is for
            self.assertEqual({column for column in EVERYBODY if self.met[name, column]}, set(secret.readers), name)
        for column in OWN_UNION:
            self.assertEqual([place for place in self.met["draft", column] if place.startswith("/admin/")], [], column)
        for kind, wanted in {
            "get": {200, 302, 403, 404, 405, 409, 422},
            "guess": {200, 403, 404, 405, 409},
            "form": {200},
            "script": {200, 403},
        }.items():  # otherwise it was only knocked at closed doors
            self.assertLessEqual(wanted, set(self.statuses[kind]), kind)
        self.assertGreaterEqual(self.asked.total(), 10_000 if THOROUGH else 3_500, self.asked)

    def turn_of(self, column: str, places: Iterable[str]) -> list[str]:
        """Every third address; the next player asks others. All ask all in `make torture`."""
        return sorted(places) if THOROUGH else sorted(places)[EVERYBODY.index(column) % 3 :: 3]

    def ask_until_met(self, name: str, column: str) -> None:
        """Whoever may read the secret, and has not met it in their turn, asks the others' addresses until they do."""
        for address in self.others[column]:
            if self.met[name, column]:
                return
            self.read("get", column, address, self.client_of(column).get(address))

    def ask_every_address(self) -> dict[str, list[tuple[str, dict[str, str], list[str]]]]:
        """Every page, file, search, history and admin page, in each state; returns the forms that each player was shown.

        A page of a verb is asked for when it is too early, when it is time and when it is too late.
        """
        verbs = {page.name for page in pages() if page.action in table() and table()[page.action].how == "POST"}
        places = {address for name, address in addresses(self.world, self.also) if name not in verbs}
        places |= {
            address for name, address in addresses(self.world, self.also, ("called", "draft", "approval")) if name in verbs
        }
        places |= {address for _, address in admin_addresses(self.also, SEARCHED)}
        places |= {f"{reverse(name)}?q={SEARCHED}" for name in LISTS}
        places |= {f"{reverse('motions:statistics')}?format=csv", f"{reverse('meetings:export_balance')}?format=xlsx&state=all"}
        places |= {f"{reverse('motions:attachment', args=[motion.pk])}?version=1" for motion in self.also[Motion]}
        writing = {address for _, address in addresses(self.world, self.also, ("draft", "approval"))}
        shown: dict[str, list[tuple[str, dict[str, str], list[str]]]] = defaultdict(list)
        for column in EVERYBODY:
            client, seen = self.client_of(column), set()
            self.others[column] = sorted(places - set(self.turn_of(column, places)))
            for address in self.turn_of(column, places):
                response = client.get(address)
                self.read("get", column, address, response)
                if address not in writing or response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
                    continue
                for action, data, fields in Forms(response.content.decode()).found:
                    key = (re.sub(r"\d+", "", action or address), tuple(sorted(data)))
                    if key not in seen:
                        seen.add(key)
                        shown[column].append((action or address, data, fields))
        return shown

    def guess_at_every_address(self) -> None:
        """A POST by everybody to each page that takes one, and to the secrets in the administration."""
        takes = {page.name for page in pages() if page.action in (OWN, PUBLIC) or table()[page.action].how == "POST"}
        places = {address for name, address in addresses(self.world, self.also, ("draft",)) if name in takes}
        secret = [f"/admin/{model._meta.label_lower.replace('.', '/')}/" for model in self.also]
        places |= {one for _, one in admin_addresses(self.also, SEARCHED) if one.startswith(tuple(secret)) and "?" not in one}
        for column in EVERYBODY:
            for address in self.turn_of(column, places):
                self.post("guess", column, address, self.guess())

    def send_every_form(self, forms: dict[str, list[tuple[str, dict[str, str], list[str]]]]) -> None:
        """As it was filled in, and with its words left out."""
        for column, found in forms.items():
            for address, data, words in found:
                for filled in (data, dict.fromkeys(words, "") | {key: data[key] for key in data if key not in words}):
                    self.post("form", column, address, filled)

    def ask_by_script(self) -> None:
        asked = {"X-Requested-With": "fetch", "Accept": "application/json"}
        names = {f"meetings:{name}" for name in BY_SCRIPT}
        for column in EVERYBODY:
            for name, address in addresses(self.world, {}, ("draft", "approval")):
                if name in names:
                    self.post("script", column, address, self.guess(), headers=asked)

    def test_no_count_tells_that_there_is_something(self) -> None:
        """Lists, badges and statistics are the same, byte for byte, with the draft and the waiting answers as without them."""
        others = [column for column in EVERYBODY if column not in DRAFT.readers | ANSWER.readers]
        places = [f"{reverse(name)}{query}" for name in LISTS for query in ("", f"?q={SEARCHED}")]
        places.append(reverse("motions:motion", args=[self.answered.pk]))
        before = {(column, place): self.bare(column, place) for column in others for place in places}
        for answer in self.also[Answer]:
            answer.delete()
        drafting.discard(self.draft, by=self.world.cast.union_rep)
        for (column, place), told in before.items():
            self.assertEqual(self.bare(column, place), told, (column, place))

    def bare(self, column: str, place: str) -> str:
        """The page without what is new each time: tokens, nonces and its number."""
        answer = self.client_of(column).get(place)
        page = answer.content.decode().replace(answer[HEADER], "")
        return re.sub(r'(csrfmiddlewaretoken" value=|nonce=|X-CSRFToken&quot;: &quot;|"X-CSRFToken": )"?[^"&>]+', "", page)

    def test_the_secrets_answer_as_if_they_did_not_exist(self) -> None:
        """The same status and the same bytes as a random number, whatever is asked of them."""
        motion = (
            "motion",
            "edit",
            "preview",
            "file",
            "discard",
            "withdraw",
            "change",
            "change_file",
            "versions",
            "supporters",
            "assign",
            "attachment",
        )
        asked = [(f"motions:{name}", self.draft, DRAFT) for name in motion]
        asked += [(f"motions:{name}", self.also[Claim][0], DRAFT) for name in ("support", "unsupport", "answer")]
        asked += [(name, self.also[Answer][0], ANSWER) for name in ("motions:release", "meetings:promise_in_answer")]
        asked += [("meetings:proposal_file", self.also[Proposal][0], PROPOSAL)]
        for column in EVERYBODY[:-1]:
            client = self.client_of(column)
            for name, thing, secret in asked:
                for method in ("get", "post") if column not in secret.readers else ():
                    there = getattr(client, method)(reverse(name, args=[thing.pk]))
                    nowhere = getattr(client, method)(reverse(name, args=[987654321]))
                    self.assertIn(there.status_code, (404, 405), (column, name, method))
                    self.assertEqual(
                        (nowhere.status_code, said(nowhere)), (there.status_code, said(there)), (column, name, method)
                    )

    def test_no_letter_and_no_log_tells(self) -> None:
        told = [
            *Letter.objects.values_list("subject", "body", "calendar"),
            *((one.subject, str(one.body)) for one in mail.outbox),
        ]
        told += [(json.dumps(event.payload.data),) for event in self.world.cast.group.chain.events.select_related("payload")]
        self.assertGreater(len(told), 100)
        self.assertEqual([one for one in told if SEARCHED in "".join(one)], [])

    def test_released_it_is_read_by_the_union(self) -> None:
        answering.release(Answer.objects.get(pk=self.also[Answer][0].pk), by=self.world.cast.chair)
        response = self.client_of("union_rep").get(reverse("motions:motion", args=[self.answered.pk]))
        self.assertContains(response, f"{ANSWER.word} första.")
        self.assertNotContains(response, f"{ANSWER.word} ändrat.")

    def test_error_pages_do_not_tell(self) -> None:
        address = reverse("motions:edit", args=[self.draft.pk])
        for column in ("secretary", "union_rep", "anonymous"):
            user = self.world.player(column)
            strict, plain = Client(enforce_csrf_checks=True), Client(raise_request_exception=False)
            for client in (strict, plain):
                if user is not None:
                    client.force_login(user)
            with self.assertLogs("django"):  # each is told to those who keep the site
                answers = self.refusals(strict, plain, address)
            for what, response in answers.items():
                self.assertLess(response.status_code, 500, (column, what))
                if column != "union_rep" or response.status_code >= 400:
                    self.assertNotIn(DRAFT.word, said(response), (column, what))

    def refusals(self, strict: Client, plain: Client, address: str) -> dict[str, HttpResponse]:
        """What goes wrong, and what was answered."""
        answers = {
            "no token": strict.post(address, self.guess()),
            "not there": plain.get(f"{address}finns-inte/"),
            "too many fields": plain.post(address, {f"f{n}": "x" for n in range(20_000)}),
            "no number": plain.post(address, {"version": "x" * 5000, "do": "up:" + "9" * 400, "form-TOTAL_FORMS": "-1"}),
            "no text": plain.post(address, b"\xff\xfe" * 50, content_type="application/x-www-form-urlencoded"),
        }
        with override_settings(ALLOWED_HOSTS=["fvg.example"]):
            answers["another host"] = plain.get(address)
        return answers
