"""Nobody but the own union meets the words of an unfiled draft: not in any page, mail, export, search or admin page."""

from django.core import mail
from django.test import TestCase, tag
from django.urls import reverse

from meetings.models import Meeting
from motions.models import Claim, Motion
from people.models import Letter
from protocol import shown
from tests import factories as make
from tests.crawl import addresses, admin_addresses, said
from tests.world import PLAYERS, STATES, World

# What is searched for is the beginning: a page that only repeats the search does not hold the whole.
SEARCHED = "kanariefagel"
CANARY = f"{SEARCHED}7731"


@tag("walk")
class CanaryTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World()
        cast = cls.world.cast
        cls.draft = make.make_motion(
            cast.group,
            cast.union,
            by=cast.union_rep,
            filed=False,
            title=f"{CANARY} i rubriken",
            background=f"{CANARY} i bakgrunden",
            claims=(f"att {CANARY} hörs.",),
            matter=f"{CANARY} i ärendet",
        )

    def addresses(self) -> set[str]:
        """Every address that can be asked for, with what belongs to each state and with the draft itself."""
        draft = {Motion: [self.draft], Claim: [self.draft.claims.get()]}
        found = {address for _, address in [*addresses(self.world, draft), *admin_addresses(draft, SEARCHED)]}
        return found | {f"{reverse(name)}?q={SEARCHED}" for name in ("protocol:archive", "motions:list", "meetings:list")}

    def crawl(self, user) -> tuple[int, list[str]]:
        """How many answers, and which of them hold the canary."""
        self.client.logout()
        if user is not None:
            self.client.force_login(user)
        asked, found = 0, []
        for address in sorted(self.addresses()):
            asked += 1
            if CANARY in said(self.client.get(address)):
                found.append(address)
        return asked, found

    def test_only_the_own_union_meets_the_draft(self):
        asked = 0
        for column in [*PLAYERS, "anonymous"]:
            if column in ("union_rep", "adjuster", "substitute"):
                continue  # these are of the union that writes it
            count, found = self.crawl(self.world.player(column))
            asked += count
            self.assertEqual(found, [], column)
        self.assertGreater(asked, 1000)

    def test_the_own_union_does(self):
        for column in ("union_rep", "adjuster", "substitute"):
            _, found = self.crawl(self.world.player(column))
            self.assertIn(reverse("motions:motion", args=[self.draft.pk]), found)
            self.assertEqual([address for address in found if address.startswith("/admin/")], [])

    def test_no_export_mail_or_log_holds_it(self):
        for state in STATES:
            meeting = self.world.things[state][Meeting]
            for kind in ("json", "txt", "html"):
                self.assertNotIn(CANARY.encode(), shown.export(meeting, kind))
        self.assertNotIn(CANARY, "".join(letter.subject + letter.body for letter in Letter.objects.all()))
        self.assertNotIn(CANARY, "".join(message.subject + str(message.body) for message in mail.outbox))
        for event in self.world.cast.group.chain.events.select_related("payload"):
            self.assertNotIn(CANARY, str(event.payload.data))

    def test_the_draft_is_not_found_as_if_it_did_not_exist(self):
        """404 with the same bytes as a random number."""
        for column in ("secretary", "chair", "employer_rep", "safety_rep", "hr", "auditor", "outsider"):
            self.client.force_login(self.world.player(column))
            there = self.client.get(reverse("motions:motion", args=[self.draft.pk]))
            nowhere = self.client.get(reverse("motions:motion", args=[987654321]))
            self.assertEqual((there.status_code, nowhere.status_code), (404, 404), column)
            self.assertEqual(there.content, nowhere.content, column)
