"""The registry as those who keep it see it: which groups are theirs, as a tree, and which seats are empty."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from people.allauth import proved_lately
from people.models import Group, Mandate, Person, Role, User, Waiting, today
from people.permissions import column_of, may, table

ADMINISTER = "administer"


def keeps_registry(user: Any) -> bool:
    """Whether the table lets `user` administer anything at all. Costs no query of its own."""
    cells = table()[ADMINISTER].cells
    columns = {column_of(role) for role in user.roles_anywhere} | ({"admin"} if user.is_staff else set())
    return any(cells[column].states for column in columns)


def why_none_is_valid(user: User) -> str:
    """Why somebody whose log-in it is does not come in, when no mandate of theirs is valid today."""
    things = Waiting.objects.filter(mandate__person=user.person_id or 0, settled_at__isnull=True)
    if waiting := things.select_related("mandate__party").first():
        party = waiting.mandate.party
        return f"Ditt uppdrag för {party} väntar på att någon bekräftar det. Du får ett mejl när det gäller."
    return "Du har inget uppdrag som gäller i dag. Kontakta HR om det är fel."


OPENED = "opened_person"  # in the session: the one person whose name and address an administrator has asked for


def open_person(request: HttpRequest, person: Person) -> None:
    """Let this session meet the real name and address of one protected person, for as long as the password is newly given."""
    request.session[OPENED] = person.pk


def is_open(request: HttpRequest, person: Person | None) -> bool:
    """Whether this page may show the real name and the address: by the rule of `open_to`, or opened by an administrator."""
    if person is None or person.is_open_to(request.user):
        return True
    if not proved_lately(request):
        request.session.pop(OPENED, None)  # giving the password for something else opens nobody again
    return request.user.is_staff and request.session.get(OPENED) == person.pk


def kept_groups(user: Any) -> list[Group]:
    """The groups that the table lets `user` administer."""
    return [group for group in Group.objects.visible_to(user) if may(user, ADMINISTER, group)]


@dataclass
class Branch:
    """A group with its mandates of today, its empty seats, and the branches below."""

    group: Group
    mandates: list[Mandate]
    vacant: list[str]
    below: list["Branch"] = field(default_factory=list)


def seats_of(group: Group) -> list[Role]:
    """The roles that somebody ought to hold in this group."""
    if group.kind == Group.Kind.BOARD:
        return []
    seats = [Role.SECRETARY, Role.CHAIR, Role.EMPLOYER_REP, Role.UNION_REP, Role.SAFETY_REP]
    return [*seats, Role.CHIEF_SAFETY_REP] if group.is_safety_committee else seats


def vacant_in(group: Group, mandates: list[Mandate]) -> list[str]:
    """The Swedish names of the seats that nobody holds."""
    filled = {mandate.role for mandate in mandates}
    return [str(role.label) for role in seats_of(group) if role not in filled]


def mandates_today(groups: list[Group]) -> QuerySet[Mandate]:
    """Mandates in force in these groups, as they are printed."""
    return (
        Mandate.objects.valid_on(today())
        .filter(group__in=groups)
        .select_related("person__user", "party")
        .prefetch_related("party__names")
        .in_printing_order()
    )


def tree(groups: list[Group]) -> list[Branch]:
    """The branches, top groups first. A group whose parent is not among them stands at the top."""
    mandates_of: dict[int, list[Mandate]] = {}
    for mandate in mandates_today(groups):
        mandates_of.setdefault(mandate.group_id, []).append(mandate)
    branches = {}
    for group in groups:
        mandates = mandates_of.get(group.pk, [])
        branches[group.pk] = Branch(group, mandates, vacant_in(group, mandates))
    top = []
    for branch in branches.values():
        above = branches.get(branch.group.parent_id)
        (above.below if above else top).append(branch)
    return top
