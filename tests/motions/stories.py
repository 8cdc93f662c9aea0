"""Generated stories: what unions and the employer may do with a motion, in whatever order."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from motions.actions import answering, changing, filing, handling, supporting
from motions.models import Claim, Motion, answers_to
from people.models import today
from record.moves import Refused
from tests import factories as make
from tests.cast import Cast
from tests.runner import unguarded

CLAIMS = 2
places = st.integers(0, CLAIMS - 1)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["support", "unsupport"]), places, st.integers(0, 2)),
    st.tuples(st.just("answer"), places, st.sampled_from(sorted(answers_to("motion")))),
    st.tuples(st.sampled_from(["release", "change", "assign"]), places, st.just(None)),
    # Rarely, or most of the story is told behind a lock.
    st.tuples(st.sampled_from(["lock", "open", "open", "postpone", "again"]), st.just(0), st.just(None)),
)
STORIES = st.tuples(st.lists(STEPS, max_size=30), st.booleans(), st.lists(STEPS, max_size=4))


class StoryCase(TestCase):
    """A motion (`self.motion`) with two att-satser, and those who do something with it."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        for name in ("chair", "secretary", "employer", "union_rep", "other_rep"):
            getattr(cls.cast, name)
        cls.third = make.make_party("Tredje", "TF", position=3)
        cls.unions = [cls.cast.union, cls.cast.other_union, cls.third]

    def begin(self, *, filed: bool = True) -> None:
        self.motion = make.make_motion(
            self.cast.group, self.cast.union, by=self.cast.union_rep, claims=("att a.", "att b."), filed=filed
        )
        self.changes = self.treatments = 0

    def claim(self, place: int) -> Claim:
        return Claim.objects.prefetch_related("answers").get(motion=self.motion, position=place + 1)

    def do(self, verb: str, place: int, more: Any) -> None:
        motion, claim = Motion.objects.get(pk=self.motion.pk), self.claim(place)
        chair, last = self.cast.chair, claim.answers.order_by("round").last()
        match verb:
            case "support":
                supporting.support(claim, party=self.unions[more], by=self.cast.other_rep)
            case "unsupport":
                supporting.unsupport(claim, party=self.unions[more], by=self.cast.other_rep)
            case "answer":
                version = last.version if last is not None and last.released_at is None else 0
                answering.answer(claim, outcome=more, text="Svar.", version=version, by=chair)
            case "release":
                if last is None or last.released_at:
                    raise Refused("There is none to release.")
                answering.release(last, by=chair)
            case "change":
                claims = [
                    {"pk": standing.pk, "text": f"{standing.text}!" if standing.pk == claim.pk else standing.text}
                    for standing in motion.claims.all()
                ]
                changing.change(motion, fields={}, claims=claims, version=motion.version, by=self.cast.union_rep)
                self.changes += 1
            case "assign":
                answering.assign(motion, claims=[claim], person=self.cast.employer.person, day=today(), by=chair)
            case "withdraw":
                filing.withdraw(motion, by=self.cast.union_rep)
            case "lock":
                make.put_in_phase(motion, "J", by=chair, verb="freeze")
            case "open":
                make.put_in_phase(motion, "U", by=chair, verb="withdraw")
            case "postpone":
                handling.postpone(motion, until=today(), text="Yrkandet bordläggs.", table=True, why="Det dröjer.", by=chair)
            case "again":  # its protocol is sealed, and a later meeting takes it up
                make.put_in_phase(motion, "S", by=None, verb="seal")
                with unguarded("motions_motion"):
                    handling.take_up(motion, "K", by=chair)
                self.treatments += 1
