"""What the database itself refuses in this room: to touch the text of a meeting that is under approval, adjusted or sealed."""

from meetings.states import FROZEN, MOVES, State
from record.guards import Guard, among, closed, evidence

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


def _astray(state: State) -> str:
    """The meeting goes from `state` to where no verb leads."""
    known = {state, *(move.target for move in MOVES.values() if move.target and state in move.sources)}
    return f"(OLD.state = '{state}' AND NEW.state NOT IN {among(known)})"


# Where people have signed, and where it is over, the database too knows only the ways of the table.
_ASTRAY = " OR ".join(map(_astray, (*FROZEN, State.CANCELLED)))

_HISTORY = [
    f"meetings_historical{name}"
    for name in (
        "meeting",
        "officer",
        "personnelrep",
        "attendance",
        "presence",
        "movement",
        "interruption",
        "paragraph",
        "item",
        "decision",
        "appendix",
        "itemappendix",
        "placement",
        "agendachange",
        "statement",
        "commitment",
        "reservation",
        "balanceitem",
        "balancenote",
        "phrase",
        "proposal",
        "disagreement",
        "settlement",
        "boarddecision",
        "boardentry",
    )
]

GUARDS = [
    Guard(
        "meetings_meeting",
        "UPDATE",
        f"(OLD.state IN {_FROZEN} AND ({_CHANGED})) OR {_ASTRAY}",
        "the text of this meeting is locked",
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
    *evidence(*_HISTORY),
]
