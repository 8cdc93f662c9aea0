"""The cast: a förvaltningsgrupp with everybody who has a part to play, and one stranger."""

from functools import cached_property

from meetings.models import Meeting
from people.models import Group, Party, User
from protocol import actions, sealing
from protocol.models import FrozenVersion
from tests import factories as make


class Cast:
    """One group, two unions and the people of the story; made on first use, so that a test pays only for whom it meets."""

    def __init__(self) -> None:
        self.board: Group = make.make_group("Parknämnden", kind="board", definite="parknämnden", abbreviation="PN")
        self.group: Group = make.make_group(board=self.board, is_safety_committee=True)
        self.other_group: Group = make.make_group("SVG Skogen", kind="svg", abbreviation="SVG Skogen")

    @cached_property
    def union(self) -> Party:
        return make.make_party("Lövförbundet", "LF", position=1)

    @cached_property
    def other_union(self) -> Party:
        return make.make_party("Barrfacket", "BF", position=2)

    @cached_property
    def chair(self) -> User:
        return make.make_member(self.group, "chair", "Cecilia Björk", title="förvaltningschef")

    @cached_property
    def secretary(self) -> User:
        return make.make_member(self.group, "secretary", "Stina Alm", title="nämndsekreterare")

    @cached_property
    def employer(self) -> User:
        return make.make_member(self.group, "employer_rep", "Erik Lind", title="HR-chef")

    @cached_property
    def adjuster(self) -> User:
        """A union representative; elected adjuster by `ready`."""
        return make.make_member(self.group, "union_rep", "Ulla Ek", party=self.union)

    @cached_property
    def union_rep(self) -> User:
        return make.make_member(self.group, "union_rep", "Ulf Rönn", party=self.union)

    @cached_property
    def other_rep(self) -> User:
        return make.make_member(self.group, "union_rep", "Orvar Gran", party=self.other_union)

    @cached_property
    def substitute(self) -> User:
        return make.make_member(self.group, "substitute", "Signe Hassel", party=self.union)

    @cached_property
    def safety_rep(self) -> User:
        return make.make_member(self.group, "chief_safety_rep", "Helge Tall", party=self.other_union)

    @cached_property
    def hr(self) -> User:
        return make.make_member(self.group, "hr", "Hanna Sälg")

    @cached_property
    def auditor(self) -> User:
        return make.make_member(self.group, "auditor", "Rut Oxel")

    @cached_property
    def admin(self) -> User:
        """A system administrator without any mandate."""
        return make.make_user(None, is_staff=True, is_superuser=True)

    @cached_property
    def stranger(self) -> User:
        """Somebody with a seat in another group."""
        return make.make_member(self.other_group, "secretary", "Främling Asp")

    def meeting(self, state: str = "planned", **fields) -> Meeting:
        """A meeting of the group in any state of its life, walked there by the right people."""
        _ = (self.chair, self.secretary, self.employer, self.adjuster)
        early = state if state in ("planned", "called", "draft") else "draft"
        if state == "cancelled":
            from meetings.actions import planning

            meeting = make.make_meeting(self.group, by=self.secretary, state="called", **fields)
            return planning.cancel(meeting, why="För få kan komma.", by=self.secretary)
        meeting = make.make_meeting(self.group, by=self.secretary, state=early, **fields)
        if state == early:
            return meeting
        meeting = self.ready(meeting)
        version = actions.freeze(meeting, by=self.secretary, privacy_reviewed=True)
        if state in ("adjusted", "sealed"):
            self.sign_all(version)
        if state == "sealed":
            sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        return Meeting.objects.get(pk=meeting.pk)

    def ready(self, meeting: Meeting) -> Meeting:
        """The draft with everything the check list asks for, and `adjuster` elected."""
        from meetings.actions import attendance

        meeting = make.make_ready_to_freeze(meeting, by=self.secretary)
        row = meeting.attendances.get(person=self.adjuster.person)
        attendance.elect(meeting, adjusters=[row], adjustment_day=meeting.date, by=self.secretary)
        return Meeting.objects.get(pk=meeting.pk)

    def sign_all(self, version: FrozenVersion) -> None:
        """Chair, adjuster and secretary sign, each for themself."""
        for role, user in (("chair", self.chair), ("adjuster", self.adjuster), ("secretary", self.secretary)):
            actions.sign(FrozenVersion.objects.get(pk=version.pk), role=role, seen=version.sha256, by=user)
