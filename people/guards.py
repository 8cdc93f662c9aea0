"""What the database itself refuses in this room: another log for a group, and to sit for a party of the other side."""

from people.models import Party, Role
from record.guards import Guard, among

_UNION = f"'{Party.Kind.UNION.value}'"
_OF_UNIONS = among(Role.OF_UNIONS)
_INTO = f"NEW.kind <> {_UNION} OR NOT EXISTS (SELECT 1 FROM people_party p WHERE p.id = NEW.successor_id AND p.kind = {_UNION})"  # noqa: S608
_SIDE = "(SELECT p.kind FROM people_party p WHERE p.id = NEW.party_id)"
_WRONG = f"NEW.role IN {_OF_UNIONS} AND {_SIDE} <> {_UNION} OR NEW.role = '{Role.EMPLOYER_REP.value}' AND {_SIDE} = {_UNION}"

# Of a row that stands only what changes is asked: one from before these guards can still be ended.
GUARDS = [
    Guard("people_group", "UPDATE", "NEW.chain_id <> OLD.chain_id", "a group keeps its log"),
    Guard("people_party", "UPDATE", "NEW.kind <> OLD.kind", "a party stays on its side"),
    *(
        Guard(
            "people_party", event, f"NEW.successor_id IS NOT NULL{changed} AND ({_INTO})", "a union merges into a union", "merge"
        )
        for event, changed in (("INSERT", ""), ("UPDATE", " AND NEW.successor_id IS DISTINCT FROM OLD.successor_id"))
    ),
    Guard("people_mandate", "INSERT", _WRONG, "a mandate is for a party of its side"),
    Guard(
        "people_mandate",
        "UPDATE",
        f"(NEW.role <> OLD.role OR NEW.party_id IS DISTINCT FROM OLD.party_id) AND ({_WRONG})",
        "a mandate is for a party of its side",
    ),
]
