"""What the database itself refuses in this room: to touch the text of a meeting that is under approval, adjusted or sealed."""

from meetings.states import FROZEN, MOVES, State
from record.guards import Guard, among, closed, moves

_FROZEN = among(FROZEN)
_OF_MEETING = "(SELECT state FROM meetings_meeting WHERE id = {meeting}) IN " + _FROZEN  # noqa: S608 fixed words, no input


def _through(path: str) -> str:
    return _OF_MEETING.format(meeting=path)


_BY_PARAGRAPH = _through("(SELECT meeting_id FROM meetings_paragraph WHERE id = {row}.paragraph_id)")
_BY_ITEM = _through(
    "(SELECT p.meeting_id FROM meetings_paragraph p JOIN meetings_item i ON i.paragraph_id = p.id WHERE i.id = {row}.item_id)"
)
_BY_ATTENDANCE = _through("(SELECT meeting_id FROM meetings_attendance WHERE id = {row}.attendance_id)")

# The meeting's own columns that the protocol prints. Its state, and what comes after the adjustment, may change.
_CONTENT = (
    "group_id",
    "kind",
    "date",
    "starts",
    "ends",
    "place",
    "channels",
    "adjustment_day",
    "board_meets_on",
    "next_on",
    "next_at",
    "next_place",
    "adjusted_on",
    "loaded",
)
# JSON has no equality of its own on PostgreSQL; as text it has on both.
_CHANGED = " OR ".join(
    f"CAST(OLD.{column} AS TEXT) IS DISTINCT FROM CAST(NEW.{column} AS TEXT)"
    if column == "channels"
    else f"OLD.{column} IS DISTINCT FROM NEW.{column}"
    for column in _CONTENT
)

# Whatever its state: the database too knows only the ways of the table. When the way is open, `protocol` says too.
_WAYS: dict[str, set[str]] = {
    state.value: {move.target for move in MOVES.values() if move.target and state in move.sources} for state in State
}

_WRITTEN = "(SELECT 1 FROM meetings_historicalbalancenote h WHERE h.item_id = OLD.id AND h.text <> '')"
# A proposal waits, and is answered once (meetings/actions/proposals.py).
_OF_PROPOSALS = {"proposed": {"placed", "returned", "withdrawn"}}

GUARDS = [
    Guard(
        "meetings_meeting",
        "UPDATE",
        f"OLD.state IN {_FROZEN} AND ({_CHANGED})",
        "the text of this meeting is locked",
    ),
    moves("meetings_meeting", _WAYS, "a meeting goes only where a verb leads"),
    Guard(
        "meetings_meeting",
        "INSERT",
        "NEW.state <> 'planned' AND NOT (NEW.state = 'draft' AND NEW.loaded)",
        "a meeting begins as planned, or as loaded",
    ),
    Guard("meetings_meeting", "DELETE", "OLD.state <> 'planned'", "only a planned meeting can be removed"),
    *(
        guard
        for table in (
            "officer",
            "personnelrep",
            "attendance",
            "paragraph",
            "appendix",
            "placement",
            "agendachange",
            "statement",
            "commitment",
            "reservation",
            "balancenote",
        )
        for guard in closed(f"meetings_{table}", _through("{row}.meeting_id"))
    ),
    *closed("meetings_item", _BY_PARAGRAPH),
    *closed("meetings_decision", _BY_ITEM),
    *closed("meetings_disagreement", _BY_ITEM),
    *closed("meetings_itemappendix", _BY_ITEM),
    *closed("meetings_presence", _BY_ATTENDANCE),
    *closed("meetings_movement", _BY_ATTENDANCE),
    *closed("meetings_interruption", _BY_ATTENDANCE),
    # A promise stays on the list of its group until a note closes it, and comes back only as long as that note can be changed.
    Guard(
        "meetings_balanceitem",
        "INSERT",
        "NEW.state <> 'open'",
        "a promise begins as open",
    ),
    Guard(
        "meetings_balanceitem",
        "UPDATE",
        "NEW.group_id <> OLD.group_id OR NEW.opened_at_id IS DISTINCT FROM OLD.opened_at_id "
        "OR NEW.referred_from_id IS DISTINCT FROM OLD.referred_from_id",
        "a promise stays on the list where it was made",
    ),
    Guard(
        "meetings_balanceitem",
        "UPDATE",
        "NEW.state = 'closed' AND (OLD.state = 'open' OR NEW.closed_at_id IS DISTINCT FROM OLD.closed_at_id) AND NOT EXISTS "
        "(SELECT 1 FROM meetings_balancenote n JOIN meetings_meeting m ON m.id = n.meeting_id WHERE n.item_id = NEW.id "
        "AND n.meeting_id = NEW.closed_at_id AND n.closes AND m.group_id = NEW.group_id AND m.state <> 'cancelled')",
        "a promise is closed by a note at a meeting of its own group",
        "close",
    ),
    Guard(
        "meetings_balanceitem",
        "UPDATE",
        "(OLD.state <> NEW.state OR OLD.closed_at_id IS DISTINCT FROM NEW.closed_at_id) AND " + _through("OLD.closed_at_id"),
        "a promise that a protocol has closed stays closed",
        "reopen",
    ),
    # Only what nobody has written about, and no protocol holds, can be taken back.
    Guard(
        "meetings_balanceitem",
        "DELETE",
        f"OLD.state <> 'open' OR OLD.opened_at_id IS NULL OR {_through('OLD.opened_at_id')} OR EXISTS {_WRITTEN}",
        "a promise is closed, never removed",
    ),
    moves("meetings_proposal", _OF_PROPOSALS, "a proposal is answered once"),
    Guard("meetings_proposal", "DELETE", "1 = 1", "a proposal is answered, never removed"),
    Guard(
        "meetings_settlement",
        "UPDATE",
        "NEW.disagreement_id <> OLD.disagreement_id",
        "a settlement belongs to its disagreement",
    ),
    Guard("meetings_settlement", "DELETE", "1 = 1", "a settlement is corrected, never removed"),
]
