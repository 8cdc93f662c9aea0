"""A whole world for the tests that walk every page: in each state a meeting with one of everything that has an address."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any, NamedTuple, Self

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver
from PIL import Image

from meetings.actions import agenda, attendance, balance, board, placing
from meetings.models import (
    Appendix,
    Attendance,
    BalanceItem,
    Disagreement,
    Item,
    Meeting,
    Officer,
    Paragraph,
    Placement,
    Proposal,
)
from motions.models import Answer, Claim, Motion
from people.models import Group, Mandate, Person, Service, User
from protocol import actions, sealing
from protocol.models import ChangeRequest, FrozenVersion
from record.history import remember
from record.moves import moving
from tests import factories as make
from tests.cast import Cast

STATES = ("planned", "called", "draft", "approval", "sealed", "archived")


def png() -> bytes:
    """A grey square."""
    file = BytesIO()
    Image.new("RGB", (4, 4), (128, 128, 128)).save(file, "PNG")
    return file.getvalue()


# The columns of the permission table, and who plays each.
PLAYERS = {
    "secretary": "secretary",
    "chair": "chair",
    "adjuster": "adjuster",
    "employer_rep": "employer",
    "union_rep": "union_rep",
    "substitute": "substitute",
    "safety_rep": "safety_rep",
    "hr": "hr",
    "auditor": "auditor",
    "admin": "admin",
    "outsider": "stranger",
}


class Page(NamedTuple):
    """An address of the site, with the row of the permission table it asks."""

    name: str
    action: str
    model: Any
    view: Any
    arguments: frozenset[str]


def pages(patterns: Any = None, namespace: str = "") -> Iterator[Page]:
    """Every address of our own rooms (the admin and the log-in package have tests of their own)."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin" and getattr(pattern.urlconf_name, "__name__", "") != "people.account_urls":
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from pages(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            view = pattern.callback
            yield Page(
                f"{namespace}{pattern.name}",
                getattr(view, "action", ""),
                getattr(view, "model", None),
                view,
                frozenset(pattern.pattern.converters),
            )


class Stages(dict[str, dict[Any, Any]]):
    """state → what there is of a meeting in it; made on first use, so that a test pays only for the states that it looks at."""

    def __init__(self, make: Callable[[str], dict[Any, Any]]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, state: str) -> dict[Any, Any]:
        self[state] = self.make(state)
        return self[state]


class World:
    """One group with a meeting in each state, and the things that hang on it."""

    def __init__(self) -> None:
        self.cast = Cast()
        cast = self.cast
        _ = (cast.chair, cast.secretary, cast.employer, cast.adjuster, cast.union_rep, cast.other_rep, cast.substitute)
        _ = (cast.safety_rep, cast.hr, cast.auditor, cast.admin, cast.stranger)
        substitute = Mandate.objects.get(person=cast.substitute.person)
        for days in (0, 1):  # also when a long walk goes on past midnight
            remember(Service(mandate=substitute, date=make.today() + timedelta(days=days)), by=None, verb="test")
        self.things = Stages(self._stage)

    def whole(self) -> Self:
        """With every state in it, for those who walk through all."""
        for state in STATES:
            self.things[state]
        return self

    def _stage(self, state: str) -> dict[Any, Any]:
        """model → an object that belongs to a meeting in `state`."""
        cast = self.cast
        early = state if state in ("planned", "called", "draft") else "draft"
        meeting = make.make_meeting(cast.group, by=cast.secretary, state=early)
        paragraph = make.make_paragraph(meeting)
        item = make.make_item(paragraph)
        appendix = agenda.append(
            meeting,
            title="En bild",
            description="En grå punkt.",
            file=SimpleUploadedFile("bild.png", png()),
            by=cast.secretary,
        )
        matter = make.make_item(
            make.make_paragraph(meeting, "decisions"), f"Beslut {state}", kind="decision", outcome="disagreement"
        )
        disagreement = Disagreement(item=matter, party=cast.union, reason=f"Skäl {state}")
        remember(disagreement, by=None, verb="test")
        motion = make.make_motion(cast.group, cast.union, by=cast.union_rep, title=f"Yrkande {state}")
        answer = make.make_answer(motion.claims.get(), by=cast.employer)
        placing.place(motion, meeting=meeting, paragraph=paragraph, by=cast.secretary)
        promise = balance.open_item(cast.group, title=f"Löfte {state}", owner=cast.employer.person, by=cast.secretary)
        person = meeting.attendances.first()
        if person is None:
            person = Attendance(meeting=meeting, person=make.make_person(), name="Någon", side="employer")
            remember(person, by=None, verb="test")
        proposal = Proposal(
            meeting=meeting,
            person=cast.union_rep.person,
            party=cast.union,
            title=f"Förslag {state}",
            description="En grå punkt.",
            filename="bild.png",
            content_type="image/png",
        )
        proposal.file.save("forslag.png", ContentFile(png()), save=False)
        remember(proposal, by=None, verb="test")
        things: dict[Any, Any] = {}
        if early != state:
            meeting = cast.ready(meeting)
            things[FrozenVersion] = actions.freeze(meeting, by=cast.secretary, privacy_reviewed=True)
            things[ChangeRequest] = actions.request_change(
                things[FrozenVersion], paragraph=paragraph, comment="Rätta stavningen.", wording="", by=cast.adjuster
            )
            fields = {"decided_on": make.today(), "text": f"Nämnden beslutar {state}.", "by": cast.secretary}
            entry = {"kind": "reservation", "persons": ["Vera Ask"], "parties": ["X"], "text": f"Vi yrkade avslag {state}."}
            board.enter_decision(Item.objects.get(pk=matter.pk), entries=[entry], **fields)
            if state in ("sealed", "archived"):
                actions.refuse_change(things[ChangeRequest], answer="Den är rätt.", by=cast.secretary)
                cast.sign_all(things[FrozenVersion])
                sealing.seal(FrozenVersion.objects.get(pk=things[FrozenVersion].pk))
            if state == "archived":
                with moving(Meeting.objects.get(pk=meeting.pk), "archive", by=cast.hr):
                    pass
        elif state == "draft":
            expected = meeting.attendances.filter(person=cast.adjuster.person)
            attendance.attend(expected.get(), status="present", by=cast.secretary)
            attendance.elect(meeting, adjusters=list(expected), adjustment_day=meeting.date, by=cast.secretary)
        made = {
            Group: cast.group,
            Meeting: meeting,
            Paragraph: paragraph,
            Item: item if state in ("planned", "called") else matter,
            Disagreement: disagreement,
            Appendix: appendix,
            Motion: motion,
            Claim: motion.claims.get(),
            Answer: answer,
            BalanceItem: promise,
            Attendance: person,
            Officer: meeting.officers.first(),
            Placement: meeting.placements.get(),
            Proposal: proposal,
            Person: cast.employer.person,
        }
        things |= {model: model.objects.get(pk=thing.pk) for model, thing in made.items()}
        for model in (FrozenVersion, ChangeRequest):
            if model in things:
                things[model] = model.objects.get(pk=things[model].pk)
        return things

    def user(self, column: str) -> User | None:
        """Who plays a column of the permission table; None for somebody who has not logged in."""
        return getattr(self.cast, PLAYERS[column]) if column in PLAYERS else None

    def player(self, column: str) -> User | None:
        """The same, read anew, so that nothing is remembered from an earlier question."""
        user = self.user(column)
        return User.objects.get(pk=user.pk) if user else None
