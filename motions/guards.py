"""What the database itself refuses in this room: to change a motion that a protocol has locked."""

from motions.states import LOCKED, MOVES, State
from motions.written import CLOSED
from record.guards import Guard, among, closed, moves

_PHASES = among(LOCKED)
_LOCKED = "(SELECT phase FROM motions_motion WHERE id = {motion}) IN " + _PHASES  # noqa: S608 fixed words, no input
_OF_CLAIM = _LOCKED.format(motion="(SELECT motion_id FROM motions_claim WHERE id = {row}.claim_id)")
_CHANGED = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in CLOSED)
_WAYS: dict[str, set[str]] = {
    state.value: {move.target for move in MOVES.values() if move.target and state in move.sources} for state in State
}

# When a motion goes from one phase to another its protocol decides: protocol/guards.py.
GUARDS = [
    Guard(
        "motions_motion",
        "INSERT",
        f"NEW.phase IN {_PHASES} OR NEW.state = 'withdrawn'",
        "a motion begins as a draft, or as loaded",
    ),
    moves("motions_motion", _WAYS, "a motion goes only where a verb leads"),
    Guard("motions_motion", "UPDATE", f"OLD.phase IN {_PHASES} AND ({_CHANGED})", "a locked motion is not changed"),
    Guard("motions_motion", "DELETE", "OLD.state <> 'draft' OR OLD.phase <> 'K'", "a filed motion is never removed"),
    *closed("motions_claim", _LOCKED.format(motion="{row}.motion_id")),
    *closed("motions_support", _OF_CLAIM),
    *closed("motions_answer", _OF_CLAIM),
]
