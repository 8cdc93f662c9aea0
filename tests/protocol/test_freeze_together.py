"""Freeze while a union is supporting: what is saved is in the text, and what is not in the text was refused."""

import threading

from django.db import connection
from django.test import TransactionTestCase

from meetings.actions import placing
from motions.actions import supporting
from motions.models import Claim, Support
from protocol import actions
from protocol.canonical import Record
from record.moves import WrongState
from tests import factories as make
from tests.cast import Cast


class TogetherTests(TransactionTestCase):
    def test_no_acknowledged_support_is_missing_from_the_frozen_text(self):
        cast = Cast()
        _ = (cast.chair, cast.secretary, cast.employer, cast.adjuster, cast.other_rep)
        meeting = make.make_meeting(cast.group, by=cast.secretary, state="draft")
        motion = make.make_motion(cast.group, cast.union, by=cast.adjuster, claims=tuple(f"att sak {n} görs." for n in range(12)))
        for claim in motion.claims.all():
            make.make_answer(claim, by=cast.employer)
        placing.place(motion, meeting=meeting, paragraph=make.make_paragraph(meeting, "decisions"), by=cast.secretary)
        meeting = cast.ready(meeting)
        barrier, acknowledged = threading.Barrier(2), []

        def support() -> None:
            try:
                barrier.wait(timeout=30)
                for claim in Claim.objects.filter(motion=motion).order_by("position"):
                    supporting.support(claim, party=cast.other_union, by=cast.other_rep)
                    acknowledged.append(claim.position)
            except WrongState:
                pass
            finally:
                connection.close()

        thread = threading.Thread(target=support)
        thread.start()
        barrier.wait(timeout=30)
        version = actions.freeze(meeting, by=cast.secretary, privacy_reviewed=True)
        thread.join(timeout=60)
        claims = Record.from_bytes(bytes(version.data)).protocol.motions[0].claims
        printed = [number for number, claim in enumerate(claims, start=1) if claim.supporters]
        self.assertEqual(printed, acknowledged)
        self.assertEqual(Support.objects.count(), len(acknowledged))
