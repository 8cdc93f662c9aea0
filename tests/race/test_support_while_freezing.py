"""Unions support and take back over the web while the secretary freezes: what was accepted is in the text, the rest got 409."""

import threading
import time
from itertools import cycle
from unittest import mock

from django.db import connection
from django.test import Client, TransactionTestCase
from django.urls import reverse

from meetings.actions import placing
from meetings.models import Meeting
from motions.models import Claim, Support
from people.models import User
from protocol import actions
from protocol.canonical import Record
from tests import factories as make
from tests.cast import Cast

ROUNDS, CLAIMS = 12, 6


class Supporter(threading.Thread):
    """A representative who goes through the att-satser, supports each and takes it back, until told that the text is locked."""

    def __init__(self, user: User, claims: list[int], barrier: threading.Barrier, forth: bool) -> None:
        super().__init__(daemon=True)
        self.client, self.claims, self.barrier = Client(), claims if forth else claims[::-1], barrier
        self.client.force_login(user)
        self.client.get(reverse("trust"))  # the session notes when it began
        self.stands: set[int] = set()
        self.statuses: list[int] = []

    def run(self) -> None:
        try:
            self.barrier.wait(timeout=30)
            for claim in cycle(self.claims):
                supports = claim not in self.stands
                answer = self.client.post(reverse(f"motions:{'support' if supports else 'unsupport'}", args=[claim]))
                self.statuses.append(answer.status_code)
                if answer.status_code != 303:
                    return
                self.stands ^= {claim}
        except Exception as error:  # told by the test's own thread
            self.statuses.append(repr(error))
        finally:
            connection.close()


class SupportWhileFreezingTests(TransactionTestCase):
    def test_what_was_acknowledged_is_what_is_frozen(self):
        cast = Cast()
        _ = (cast.chair, cast.secretary, cast.employer, cast.adjuster)
        third = make.make_party("Rotföreningen", "RF", position=3)
        unions = {
            "Barrfacket": cast.other_rep,
            "Rotföreningen": make.make_member(cast.group, "union_rep", "Rune Rot", party=third),
        }
        meeting = make.make_meeting(cast.group, by=cast.secretary, state="draft")
        texts = tuple(f"att sak {number} görs." for number in range(CLAIMS))
        motion = make.make_motion(cast.group, cast.union, by=cast.adjuster, claims=texts)
        for claim in motion.claims.all():
            make.make_answer(claim, by=cast.employer, outcome="tabled", text="Frågan kommer tillbaka.")
        placing.place(motion, meeting=meeting, paragraph=make.make_paragraph(meeting, "decisions"), by=cast.secretary)
        meeting = cast.ready(meeting)
        claims = list(motion.claims.order_by("position").values_list("pk", flat=True))
        for number in range(ROUNDS):
            Support.objects.all().delete()
            barrier = threading.Barrier(len(unions) + 1)
            people = {name: Supporter(user, claims, barrier, forth=bool(n)) for n, (name, user) in enumerate(unions.items())}
            for supporter in people.values():
                supporter.start()
            barrier.wait(timeout=30)
            for supporter in people.values():  # another moment each round
                self.wait_for(supporter, number % 5)
            with mock.patch(
                "protocol.actions.demand_printable"
            ):  # it draws the page before the lock; nothing to do with the race
                version = actions.freeze(Meeting.objects.get(pk=meeting.pk), by=cast.secretary, privacy_reviewed=True)
            for supporter in people.values():
                supporter.join(timeout=120)
                self.assertFalse(supporter.is_alive())
                self.assertEqual((set(supporter.statuses[:-1]) | {303}, supporter.statuses[-1]), ({303}, 409))
            printed = Record.from_bytes(bytes(version.data)).protocol.motions[0].claims
            for name, supporter in people.items():
                frozen = {claims[place] for place, claim in enumerate(printed) if name in claim.supporters}
                self.assertEqual(frozen, supporter.stands, (number, name))
            standing = Support.objects.filter(withdrawn_at=None).values_list("claim", "party__names__name")
            self.assertEqual(set(standing), {(claim, name) for name, supporter in people.items() for claim in supporter.stands})
            actions.withdraw(Meeting.objects.get(pk=meeting.pk), reason="En gång till.", by=cast.secretary)
            Support.objects.all().delete()
        self.assertEqual(Claim.objects.count(), CLAIMS)

    def wait_for(self, supporter: Supporter, answers: int) -> None:
        """Until so many of what this one has asked has been answered; they go on asking while the text is frozen."""
        deadline = time.monotonic() + 60
        while len(supporter.statuses) < answers and supporter.is_alive() and time.monotonic() < deadline:
            time.sleep(0.005)
        self.assertGreaterEqual(len(supporter.statuses), answers, supporter.statuses)
