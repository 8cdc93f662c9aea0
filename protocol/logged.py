"""What the log tells, kind by kind, held against the rows it tells of; and those rows against the log.

A row that was put in, changed or taken away beside its verb has no event, or another. What an event says is hashed in its chain.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, datetime
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from meetings.actions.board import words_of
from meetings.models import Appendix, BoardDecision, Meeting, Placement
from meetings.states import BEGUN, State
from motions.actions.filing import told as words
from motions.models import Motion
from motions.states import State as MotionState
from people.models import Group, Mandate, Party, User
from protocol.actions import words_of_request
from protocol.models import ChangeRequest, FrozenVersion, SealedProtocol, Signature, Withdrawal
from record import chain
from record.chain import SLACK
from record.models import Chain, Event
from record.verifying import Looked

OF_VERSIONS = ("frozen", "signed", "adjusted", "withdrawn", "sealed", "change_requested")
OF_WORDS = ("motion_filed", "motion_changed")
# What the log tells since a later version: older events go without, and none after the first that has it.
SINCE = {"words": "words", "party_id": "union", "handled": "times it was taken up"}
# Days that follow a meeting that gets another day (motions/actions/handling.py), without an event of their own.
FOLLOWING = ("wanted_on", "due_on", "until")


def told(event: Event) -> dict[str, Any]:
    """What the event says; nothing when somebody has erased its payload, of which the check of the chains tells."""
    payload = getattr(event, "payload", None)
    return payload.data if payload is not None and isinstance(payload.data, dict) else {}


def in_time(at: datetime, event: Event) -> bool:
    """A row has the time of its event. After a clock was set back it may be older: then the event has that of the one before."""
    before = Event.objects.filter(chain=event.chain_id, seq=event.seq - 1, at=event.at)
    return at <= event.at and (event.at - at <= SLACK or before.exists())


def events() -> Iterator[Looked]:
    """Every event tells of what is there and says the same, and every row that is done by an event has its own."""
    for log in Chain.objects.order_by("pk"):
        yield from _Log(log).looked()


def _days(groups: set[int], meetings: Collection[Meeting]) -> dict[str, set[str]]:
    """For each day that a meeting there has had: the days that it has come to since, and after a cancelled one any later day."""
    rows = Meeting.history.filter(group_id__in=groups).exclude(date=None).order_by("id", "history_id")
    had = {pk: [day for _, day in days] for pk, days in groupby(rows.values_list("id", "date"), key=itemgetter(0))}
    steps: dict[date, set[date]] = {}
    for days in had.values():
        for before, day in pairwise(days):
            steps.setdefault(before, set()).add(day)
    for row in meetings:
        if row.state == State.CANCELLED and row.date is not None:
            steps.setdefault(row.date, set()).update(day for days in had.values() for day in days if day > row.date)
    for came in steps.values():
        waits = list(came)
        while waits:
            further = steps.get(waits.pop(), set()) - came
            came |= further
            waits += further
    return {before.isoformat(): {day.isoformat() for day in came} for before, came in steps.items()}


class _Log:
    """One group's log beside the group's rows: a fixed number of questions, and the events one by one."""

    def __init__(self, log: Chain) -> None:
        self.log = log
        self.people = dict(User.objects.values_list("pk", "person_id"))
        here = {"version__meeting__group__chain": log}
        self.groups = set(Group.objects.filter(chain=log).values_list("pk", flat=True))
        self.meetings = {row.pk: row for row in Meeting.objects.filter(group__chain=log).select_related("source")}
        self.motions = set(Motion.objects.filter(group__chain=log).exclude(state=MotionState.DRAFT).values_list("pk", flat=True))
        versions = FrozenVersion.objects.filter(meeting__group__chain=log).defer("data")
        self.versions = {(row.meeting_id, row.n): row for row in versions}
        self.digests = set(Signature.objects.filter(**here).values_list("digest", flat=True))
        self.signed = Counter(Signature.objects.filter(**here).values_list("version", flat=True))
        self.withdrawals = {row.version_id: row for row in Withdrawal.objects.filter(**here)}
        self.requests = {row.pk: row for row in ChangeRequest.objects.filter(**here).select_related("version")}
        self.sealed = {row.version_id: row for row in SealedProtocol.objects.filter(**here).defer("pdf", "timestamp")}
        self.seen: Counter[tuple[str, Any]] = Counter()  # how often which kind has told of which row
        # The last that was told of the words of a motion, or of a board's decision.
        self.latest: dict[tuple[str, int], Event] = {}
        self.told_of: dict[int, dict[str, Any]] = {}  # what was told last of each column of a motion
        self.begun: set[tuple[str, str]] = set()  # kinds that have begun to tell what SINCE has
        self.moved = _days(self.groups, self.meetings.values())
        # How often each motion was taken up; what has left an agenda again is in its history.
        came = Placement.history.filter(history_type="+", motion_id__in=Motion.objects.filter(group__chain=log).values("pk"))
        self.placed = Counter(came.order_by().values_list("motion_id", flat=True))
        # Who has ever sat for whom, and which parties are one since a merger.
        seats = Mandate.history.filter(group_id__in=self.groups).exclude(party=None)
        self.seats = set(seats.order_by().values_list("person_id", "party_id"))
        self.heirs = Party.objects.merged()

    def looked(self) -> Iterator[Looked]:
        for event in self.log.events.select_related("payload").order_by("seq").iterator(chunk_size=500):
            yield Looked(f"event:{event.pk}", list(self._event(event)))
        for row in self.versions.values():
            yield Looked(f"frozenversion:{row.pk}", list(self._told_once("frozen", row.pk)))
        for row in self.withdrawals.values():
            yield Looked(f"withdrawal:{row.pk}", list(self._told_once("withdrawn", row.version_id)))
        for row in self.requests.values():
            yield Looked(f"changerequest:{row.pk}", list(self._request(row)))
        for row in self.sealed.values():
            yield Looked(f"sealedprotocol:{row.pk}", list(self._told_once("sealed", row.version_id)))
        for row in self.meetings.values():
            yield Looked(f"meeting:{row.pk}", list(self._meeting(row)))
        yield from self._all_motions()
        yield from self._all_decisions()

    def _told_once(self, kind: str, key: Any, times: int = 1) -> Iterator[str]:
        if self.seen[kind, key] != times:
            yield f"the log tells {self.seen[kind, key]} times, not {times}, that it was {kind}"

    def _event(self, event: Event) -> Iterator[str]:
        """What is wrong with what one event tells of."""
        kind, said = event.kind, told(event)
        what, _, number = event.thing.partition(":")
        pk = int(number) if number.isdecimal() else 0
        there = {"meeting": self.meetings, "motion": self.motions, "group": self.groups}.get(what)
        if there is not None and pk not in there:
            yield f"the log tells of {event.thing}, which is not there"
            return
        if kind in OF_VERSIONS:
            version = self.versions.get((pk, said.get("version")))
            if version is None:
                yield f"the log tells of version {said.get('version')} of {event.thing}, which is not there"
                return
            key: Any = said.get("request") if kind == "change_requested" else version.pk
            yield from self._of_version(kind, said, event, version)
        else:
            key = said.get("request") if kind == "change_refused" else pk
        self.seen[kind, key] += 1
        if kind in OF_WORDS:
            self.latest[kind, pk] = event
            self.told_of.setdefault(pk, {}).update(said)
        elif kind in ("motion_withdrawn", "motion_postponed"):
            self.latest[kind, pk] = event
        elif kind in ("board_decision_entered", "board_decision_removed"):
            for item in said.get("items", ()):
                self.latest["item", item] = event
        elif kind == "change_refused":
            yield from self._refused(said, event)
        elif kind == "file_restored":
            came = Appendix.history.filter(id=said.get("appendix"), sha256=said.get("sha256"))
            if not came.exists():  # rare enough to be asked one at a time
                yield "the log tells of a file that no appendix has had"
        for name in SINCE:
            if name in said:
                self.begun.add((kind, name))
            elif (kind, name) in self.begun:
                yield f"it does not tell the {SINCE[name]}, as the ones before it do"

    def _of_version(self, kind: str, said: dict[str, Any], event: Event, version: FrozenVersion) -> Iterator[str]:
        if kind == "frozen":
            if (event.actor_id, said.get("sha256")) != (version.frozen_by_id, version.sha256):
                yield "the log tells of another text, or of another who froze it"
            if not in_time(version.frozen_at, event):
                yield "the text was frozen at another time than the log tells"
        elif kind == "signed" and said.get("digest") not in self.digests:
            yield "the log tells of a signature that is not there"
        elif kind == "withdrawn":
            row = self.withdrawals.get(version.pk)
            if row is None:
                yield "the log tells of a withdrawal that is not there"
            elif (row.by_id, row.reason, self.signed[version.pk]) != (event.actor_id, said.get("reason"), said.get("void")):
                yield "the withdrawal has another reason, log-in or number of signatures than the log tells"
            elif not in_time(row.at, event):
                yield "the withdrawal has another time than the log tells"
        elif kind == "sealed" and (version.pk not in self.sealed or not in_time(self.sealed[version.pk].sealed_at, event)):
            yield "the log tells of a sealed file that is not there, or that has another time"
        elif kind == "change_requested":
            request = self.requests.get(said.get("request"))
            if request is None or request.version_id != version.pk:
                yield "the log tells of a request for a change that is not there"
            elif self.people.get(event.actor_id) != request.person_id or not in_time(request.at, event):
                yield "the request for a change is of another person or time than the log tells"
            elif "words" in said and said["words"] != chain.fingerprint(words_of_request(request)):
                yield "the request for a change has other words than the log tells"

    def _refused(self, said: dict[str, Any], event: Event) -> Iterator[str]:
        row = self.requests.get(said.get("request"))
        if row is None or row.accepted is not False or row.resolved_at is None:
            yield "the log tells of a refusal that is not there"
        elif not in_time(row.resolved_at, event):
            yield "the refusal has another time than the log tells"
        elif "words" in said and said["words"] != chain.fingerprint({"answer": row.answer}):
            yield "the refusal has other words than the log tells"

    def _request(self, row: ChangeRequest) -> Iterator[str]:
        """A request is told of, and so is its answer: by a refusal, or by the withdrawal that took the text back."""
        yield from self._told_once("change_requested", row.pk)
        yield from self._told_once("change_refused", row.pk, int(row.accepted is False))
        if row.accepted:
            withdrawal = self.withdrawals.get(row.version_id)
            if withdrawal is None or withdrawal.reason != row.answer:
                yield "it is accepted, with another answer than the withdrawal gives"

    def _meeting(self, row: Meeting) -> Iterator[str]:
        yield from self._told_once("cancelled", row.pk, int(row.state == State.CANCELLED))
        yield from self._told_once("draft_opened", row.pk, int(row.state in BEGUN and not row.loaded))
        if row.loaded and not hasattr(row, "source"):
            yield "it is loaded, from no file"

    def _all_motions(self) -> Iterator[Looked]:
        rows = Motion.objects.filter(group__chain=self.log).exclude(state=MotionState.DRAFT)
        for row in rows.prefetch_related("claims").order_by("pk").iterator(chunk_size=500):
            yield Looked(f"motion:{row.pk}", list(self._motion(row)))

    def _motion(self, row: Motion) -> Iterator[str]:
        """It was filed once, or came with a protocol that was loaded, and its words are those that were told last."""
        came, _, meeting = row.receipt.partition("-")
        source = self.meetings.get(int(meeting.partition("-")[0])) if came == "inläst" and meeting[:1].isdecimal() else None
        yield from self._told_once("motion_filed", row.pk, int(source is None or not source.loaded))
        yield from self._told_once("motion_withdrawn", row.pk, int(row.state == MotionState.WITHDRAWN))
        says, stands = self.told_of.get(row.pk, {}), words(row)
        differs = [name for name in says.keys() & stands.keys() if not self._stands(name, says[name], stands[name])]
        if differs:
            yield f"it does not say what the log tells: {', '.join(sorted(differs))}"
        filed = self.latest.get(("motion_filed", row.pk))
        if filed is not None:
            if not in_time(row.filed_at, filed):
                yield "it was filed at another time than the log tells"
            if "party_id" not in says and not self._sat_for(row.party_id, filed):
                yield "whoever filed it has never sat for its union"
        withdrawn = self.latest.get(("motion_withdrawn", row.pk))
        if row.withdrawn_at and withdrawn is not None and not in_time(row.withdrawn_at, withdrawn):
            yield "it was taken back at another time than the log tells"
        if row.handled != self.placed[row.pk]:
            yield f"it says that it was taken up {row.handled} times, and was {self.placed[row.pk]}"
        yield from self._put_off(row)

    def _stands(self, name: str, said: Any, stands: Any) -> bool:
        return stands == said or (name in FOLLOWING and said in self.moved and stands in self.moved[said])

    def _sat_for(self, party: int, event: Event) -> bool:
        """Whoever did this has had a seat of the party, or of one that is the same since a merger."""
        person, own = self.people.get(event.actor_id), self.heirs.get(party, party)
        return any(of == person and self.heirs.get(seat, seat) == own for of, seat in self.seats)

    def _put_off(self, row: Motion) -> Iterator[str]:
        """To the day that was told last, as far as the meeting there has not moved; until it is taken up."""
        last = self.latest.get(("motion_postponed", row.pk))
        said = told(last) if last else {}
        waits = last is not None and said.get("handled", row.handled) == row.handled  # nothing has taken it up since
        if row.postponed_to is not None:
            day = row.postponed_to.isoformat()
            if (
                not waits
                or not self._stands("until", said.get("until"), day)
                or said.get("next_time", row.next_time) != row.next_time
            ):
                yield "it is put off otherwise than the log tells"
        elif waits and "handled" in said:
            yield "the log tells that it was put off, and it says nothing of it"

    def _all_decisions(self) -> Iterator[Looked]:
        """What a board decided is what was entered last; none is there that was not entered, or that was taken away."""
        rows = BoardDecision.objects.filter(item__paragraph__meeting__group__chain=self.log).prefetch_related("entries")
        for row in rows.order_by("pk"):
            last = self.latest.pop(("item", row.item_id), None)
            yield Looked(f"boarddecision:{row.pk}", list(self._decision(row, last)))
        for (what, item), last in self.latest.items():
            if what == "item" and last.kind == "board_decision_entered":
                yield Looked(f"event:{last.pk}", [f"the log tells of a board's decision in item:{item}, which is not there"])

    def _decision(self, row: BoardDecision, last: Event | None) -> Iterator[str]:
        said = told(last) if last else {}
        if last is None or last.kind != "board_decision_entered" or said.get("edition", row.version) != row.version:
            yield "the log does not tell of it as it stands"
        elif "words" in said and said["words"] != chain.fingerprint(words_of(row)):
            yield "it has other words than the log tells"
