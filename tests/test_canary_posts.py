"""The words of an unfiled draft come back in no answer to a POST either: not to a good form, a bad one, a refusal or an error."""

from http import HTTPStatus

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, TestCase, override_settings, tag
from django.urls import reverse

from meetings.models import Meeting, Paragraph
from motions.models import Claim, Motion
from people.models import User
from tests import factories as make
from tests.crawl import addresses, admin_addresses, said
from tests.hostile.test_every_field import Forms
from tests.world import PLAYERS, World

CANARY = "kanariefagel7732"
STATES = ("draft", "approval")
OWN_UNION = ("union_rep", "adjuster", "substitute")
OTHERS = (*(column for column in PLAYERS if column not in OWN_UNION), "anonymous")
WRITERS = ("secretary", "chair", "employer_rep", "safety_rep", "hr")  # these are shown forms


@tag("walk")
class CanaryPostTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World()
        cast = cls.world.cast
        cls.draft = make.make_motion(
            cast.group, cast.union, by=cast.union_rep, filed=False, title=f"{CANARY} i rubriken", background=f"{CANARY} i bakgrunden",
            claims=(f"att {CANARY} hörs.",), matter=f"{CANARY} i ärendet", wanted_on=cls.world.things["draft"][Meeting].date,
        )  # fmt: skip
        cls.also = {Motion: [cls.draft], Claim: [cls.draft.claims.get()]}

    def client_of(self, column: str) -> Client:
        client, user = Client(), self.world.player(column)
        if user is not None:
            client.force_login(user)
            client.get(reverse("trust"))  # the session notes when it began
        return client

    def guess(self) -> dict[str, str]:
        """What somebody who knows the draft's number would put in the fields."""
        paragraph = self.world.things["draft"][Paragraph]
        return {
            "motion": self.draft.pk, "motions": self.draft.pk, "claim": self.also[Claim][0].pk, "party": self.draft.party_id,
            "version": self.draft.version, "pk": self.draft.pk, "id": self.draft.pk, "_selected_action": self.draft.pk,
            "action": "delete_selected", "do": "review", "title": "ord", "text": f"ord [ord](motion:{self.draft.pk})",
            "background": "ord", "outcome": "answered", "where": f"p{paragraph.pk}", "printed": "text", "till": "ner", "reason": "ord",
            "comment": "ord", "why": "ord", "answer": "ord", "q": CANARY[:-2], "kind": "motion", "description": "ord",
        }  # fmt: skip

    def post(self, client: Client, address: str, data: dict, **more) -> tuple[int, str]:
        """Status and everything said, the page after it too; what was written is taken back, a log-out as well."""
        cache.clear()
        cookies = dict(client.cookies)
        with transaction.atomic():
            response = client.post(address, data, follow=True, **more)
            told = said(response)
            transaction.set_rollback(True)
        client.cookies.clear()
        client.cookies.update(cookies)
        return response.status_code, told

    def test_a_post_to_every_address_by_everybody_else(self):
        asked, found, statuses = 0, [], set()
        places = {
            address: name for name, address in [*addresses(self.world, self.also, STATES), *admin_addresses(self.also, "x")]
        }
        for column in OTHERS:
            client = self.client_of(column)
            for address, name in sorted(places.items()):
                for data in ({}, self.guess()):
                    status, told = self.post(client, address, data)
                    asked += 1
                    statuses.add(status)
                    if CANARY in told or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                        found.append((column, name, status))
        self.assertEqual(sorted(set(found)), [])
        self.assertGreater(asked, 3000)
        # Otherwise it was only knocked at closed doors.
        self.assertEqual(statuses & {200, 403, 404, 405, 409}, {200, 403, 404, 405, 409})

    def test_every_form_that_somebody_else_is_shown(self):
        sent, found = 0, []
        for column in WRITERS:
            client, seen = self.client_of(column), set()
            for name, address in addresses(self.world, self.also, STATES):
                page = client.get(address)
                if page.status_code != 200 or not page["Content-Type"].startswith("text/html"):
                    continue
                for action, data, words in Forms(page.content.decode()).found:
                    key = (name, tuple(sorted(data)), action and action.rstrip("/").rpartition("/")[2])
                    if key in seen:
                        continue
                    seen.add(key)
                    for filled in (data, data | dict.fromkeys(words, ""), self.guess() | data):
                        status, told = self.post(client, action or address, filled)
                        sent += 1
                        if CANARY in told or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                            found.append((column, name, status))
        self.assertEqual(found, [])
        self.assertGreater(sent, 300)

    def test_a_script_that_asks_is_told_as_little(self):
        """Saving by script has answers of its own: JSON and bare text."""
        found = []
        for column in WRITERS:
            client = self.client_of(column)
            for name, address in addresses(self.world, self.also, ("draft", "approval")):
                status, told = self.post(
                    client, address, self.guess(), headers={"X-Requested-With": "fetch", "Accept": "application/json"}
                )
                if CANARY in told or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    found.append((column, name, status))
        self.assertEqual(found, [])

    def test_the_draft_answers_a_post_as_if_it_did_not_exist(self):
        """The same status and the same bytes as a random number, whatever is asked of it."""
        names = ("edit", "preview", "file", "discard", "withdraw")
        claims = ("support", "unsupport", "answer")
        pairs = [(name, self.draft.pk) for name in names] + [(name, self.also[Claim][0].pk) for name in claims]
        for column in OTHERS[:-1]:
            client = self.client_of(column)
            for name, pk in pairs:
                for method in ("get", "post", "put", "delete", "head"):
                    there = getattr(client, method)(reverse(f"motions:{name}", args=[pk]))
                    nowhere = getattr(client, method)(reverse(f"motions:{name}", args=[987654321]))
                    self.assertEqual(
                        (there.status_code, there.content), (nowhere.status_code, nowhere.content), (column, name, method)
                    )
                    self.assertIn(there.status_code, (404, 405), (column, name, method))

    def test_error_pages_do_not_tell(self):
        address = reverse("motions:edit", args=[self.draft.pk])
        for column in ("secretary", "union_rep", "anonymous"):
            user: User | None = self.world.player(column)
            strict, plain = Client(enforce_csrf_checks=True), Client(raise_request_exception=False)
            for client in (strict, plain):
                if user is not None:
                    client.force_login(user)
            with self.assertLogs("django"):  # each is told to those who keep the site
                answers = self.refusals(strict, plain, address)
            for what, response in answers.items():
                self.assertLess(response.status_code, 500, (column, what))
                if column != "union_rep" or response.status_code >= 400:
                    self.assertNotIn(CANARY, said(response), (column, what))

    def refusals(self, strict: Client, plain: Client, address: str) -> dict[str, HttpResponse]:
        """What goes wrong, and what was answered."""
        answers = {
            "no token": strict.post(address, self.guess()),
            "another host": plain.get(address, headers={"Host": "evil.example"}),
            "not there": plain.get(f"{address}finns-inte/"),
            "too many fields": plain.post(address, {f"f{n}": "x" for n in range(20_000)}),
            "no number": plain.post(address, {"version": "x" * 5000, "do": "up:" + "9" * 400, "form-TOTAL_FORMS": "-1"}),
            "no text": plain.post(address, b"\xff\xfe" * 50, content_type="application/x-www-form-urlencoded"),
        }
        with override_settings(ALLOWED_HOSTS=["fvg.example"]):
            answers["another host"] = plain.get(address)
        return answers
