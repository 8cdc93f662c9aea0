"""Plain make_* functions: invented people, groups, meetings and motions, each with as little as it needs."""

from datetime import date, time, timedelta
from itertools import count

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from meetings.actions import attendance, planning
from meetings.models import Attendance, Item, Meeting, Paragraph
from motions.actions import answering, drafting, filing, handling
from motions.models import Claim, Motion
from people.models import Group, Mandate, Party, PartyName, Person, Role, User, today
from record.history import remember
from tests.runner import unguarded

PASSWORD = "ett-langt-losenord-1"
_serial = count(1)


def make_person(name: str = "") -> Person:
    """Somebody without a log-in."""
    person = Person(name=name or f"Person Nummer{next(_serial)}")
    remember(person, by=None, verb="test")
    return person


def make_user(person: Person | str | None = None, *, email: str = "", **fields) -> User:
    """A log-in with the password PASSWORD and a verified address."""
    if isinstance(person, str):
        person = make_person(person)
    email = email or f"person{next(_serial)}@fvg.example"
    user = User.objects.create_user(email, PASSWORD, person=person, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_second_step(user: User, secret: str = "JBSWY3DPEHPK3PXP") -> str:
    """An authenticator app and recovery codes for `user`; returns one of the recovery codes."""
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": secret})
    codes = Authenticator.objects.create(
        user=user, type=Authenticator.Type.RECOVERY_CODES, data={"seed": f"seed-{user.pk}", "used_mask": 0}
    )
    return codes.wrap().get_unused_codes()[0]


def make_party(
    name: str = "Facket", abbreviation: str = "", *, kind: str = "union", position: int = 0, valid_from: date | None = None
) -> Party:
    party = Party(kind=kind, position=position)
    remember(party, by=None, verb="test")
    remember(PartyName(party=party, name=name, abbreviation=abbreviation, valid_from=valid_from), by=None, verb="test")
    return party


def make_group(name: str = "Förvaltningsgruppen", *, kind: str = "fvg", **fields) -> Group:
    fields.setdefault("definite", name[:1].lower() + name[1:])
    fields.setdefault("abbreviation", kind.upper())
    fields.setdefault("organisation", "Parkförvaltningen")
    group = Group(name=name, kind=kind, **fields)
    remember(group, by=None, verb="test")
    return group


def make_mandate(person: Person | User | str, group: Group, role: str, *, party: Party | None = None, **fields) -> Mandate:
    """A seat that is valid since last year."""
    if isinstance(person, User):
        person = person.person
    if isinstance(person, str):
        person = make_person(person)
    fields.setdefault("starts", today() - timedelta(days=365))
    mandate = Mandate(person=person, group=group, role=role, party=party, **fields)
    mandate.full_clean(exclude=["person", "group", "party"])
    remember(mandate, by=None, verb="test")
    return mandate


def make_member(group: Group, role: str, name: str = "", *, party: Party | None = None, title: str = "") -> User:
    """A log-in with a seat in the group."""
    user = make_user(make_person(name or f"{Role(role).label.capitalize()} {next(_serial)}"))
    make_mandate(user, group, role, party=party, title=title)
    return user


def make_meeting(group: Group | None = None, *, by: User | None = None, state: str = "planned", **fields) -> Meeting:
    """A meeting in a state up to draft, walked there through the room's own verbs. (Later states: tests/cast.py.)"""
    group = group or make_group()
    fields.setdefault("date", today() + timedelta(days=14))
    fields.setdefault("starts", time(9))
    fields.setdefault("place", "Kvarngatan 3, Stora salen")
    meeting = planning.plan(group, by=by, **fields)
    if state in ("called", "draft"):
        planning.call(meeting, by=by)
    if state == "draft":
        planning.open_draft(meeting, by=by)
    return Meeting.objects.get(pk=meeting.pk)


def put_in_state(meetings: "Meeting | QuerySet[Meeting]", state: str, **fields) -> Meeting:
    """Straight into a state, past verbs and guards: for what reads the state and does not ask how it came about."""
    if isinstance(meetings, Meeting):
        meetings = Meeting.objects.filter(pk=meetings.pk)
    with unguarded("meetings_meeting"):
        Meeting.objects.filter(pk__in=list(meetings.values_list("pk", flat=True))).update(state=state, **fields)
    return meetings.first()


def put_in_phase(motion: Motion, phase: str, *, by: User | None, verb: str) -> None:
    """Straight into a phase, as if the meeting that it is up at had come so far."""
    with unguarded("motions_motion"):
        handling.set_phase([motion], phase, by=by, verb=verb)


def make_ready_to_freeze(meeting: Meeting, *, by: User) -> Meeting:
    """Everything the check list asks for: times, people present, an adjuster from the employees' side."""
    planning.edit(meeting, fields={"ends": time(11)}, version=meeting.version, by=by)
    attendance.all_expected_present(meeting, by=by)
    row = meeting.attendances.filter(side=Attendance.Side.EMPLOYEE, status=Attendance.Status.PRESENT).first()
    attendance.elect(meeting, adjusters=[row], adjustment_day=meeting.date, by=by)
    return Meeting.objects.get(pk=meeting.pk)


def make_paragraph(meeting: Meeting, slug: str = "operations") -> Paragraph:
    """The meeting's paragraph with that slug."""
    return meeting.paragraphs.get(slug=slug)


def make_item(paragraph: Paragraph, title: str = "Ett ämne", *, kind: str = "topic", **fields) -> Item:
    item = Item(paragraph=paragraph, title=title, kind=kind, position=paragraph.items.count() + 1, **fields)
    remember(item, by=None, verb="test")
    return item


def make_motion(
    group: Group, party: Party, *, by: User, claims: tuple[str, ...] = ("att lokalerna ses över.",), filed: bool = True, **fields
) -> Motion:
    """A motion drafted, and filed unless told otherwise, by a representative of the party."""
    motion = drafting.draft(group, party=party, by=by, kind=fields.pop("kind", Motion.Kind.MOTION))
    if motion.asks:
        fields.setdefault("due_on", today() + timedelta(days=30))
    fields.setdefault("title", "Lokaler")
    fields.setdefault("background", "Lokalerna är slitna.")
    drafting.save_draft(motion, fields=fields, claims=[{"text": text} for text in claims], version=motion.version, by=by)
    if filed:
        filing.file(motion, by=by)
    return Motion.objects.get(pk=motion.pk)


def make_answer(
    claim: Claim, *, by: User, outcome: str = "answered", text: str = "Frågan utreds under våren.", released: bool = True
):
    answer = answering.answer(claim, outcome=outcome, text=text, version=0, by=by)
    return answering.release(answer, by=by) if released else answer
