"""What the database itself refuses in this room: to change what was frozen, signed or sealed, and to go on without it.

Where a meeting and its motions may go depends on what lies here: on a frozen text, its signatures, their events and the file.
"""

# ruff: noqa: S608  (fixed words, no input)

from meetings.states import WRITABLE
from record.guards import Guard, Trigger, among, evidence

# How each database looks into JSON: the signers of frozen bytes, and what an event says.
_SQLITE = {
    "<signers>": "json_each(CAST(v.data AS TEXT), '$.signers') s",
    "<role>": "json_extract(s.value, '$.role')",
    "<person>": "json_extract(s.value, '$.person')",
    "<digest>": "json_extract(p.data, '$.digest')",
    "<sha256>": "json_extract(p.data, '$.sha256')",
    "<file_sha256>": "json_extract(p.data, '$.file_sha256')",
}
_POSTGRESQL = {
    "<signers>": "jsonb_array_elements(convert_from(v.data, 'UTF8')::jsonb -> 'signers') s",
    "<role>": "s.value ->> 'role'",
    "<person>": "(s.value ->> 'person')::bigint",
    "<digest>": "p.data ->> 'digest'",
    "<sha256>": "p.data ->> 'sha256'",
    "<file_sha256>": "p.data ->> 'file_sha256'",
}


def _guard(table: str, event: str, condition: str, message: str, part: str = "", *, counted: str = "") -> Guard:
    """A guard that looks into JSON. `counted` is what PostgreSQL is asked besides: SQLite has no checksums."""
    sqlite, postgresql = condition, condition
    for word in _SQLITE:
        sqlite, postgresql = sqlite.replace(word, _SQLITE[word]), postgresql.replace(word, _POSTGRESQL[word])
    return Guard(table, event, sqlite, message, part, f"{postgresql} OR {counted}" if counted else postgresql)


def _event(kind: str, says: str) -> str:
    """The log of the group of meeting m has such an event of it, and says this in its payload."""
    return (
        "EXISTS (SELECT 1 FROM record_event e JOIN record_eventpayload p ON p.event_id = e.id "
        "JOIN people_group o ON o.chain_id = e.chain_id "
        f"WHERE o.id = m.group_id AND e.thing = 'meeting:' || m.id AND e.kind = '{kind}' AND {says})"
    )


def _version(which: str, holds: str = "1 = 1") -> str:
    """There is a version v of a meeting m that has not been taken back, of which this is true."""
    return (
        "EXISTS (SELECT 1 FROM protocol_frozenversion v JOIN meetings_meeting m ON m.id = v.meeting_id "
        f"WHERE {which} AND NOT EXISTS (SELECT 1 FROM protocol_withdrawal w WHERE w.version_id = v.id) AND {holds})"
    )


# A meeting m where the motion is up.
_UP = "m.id IN (SELECT a.meeting_id FROM meetings_placement a WHERE a.motion_id = NEW.id)"


# Everybody whom v names has signed it, every signature is in the log as it was given, and so is the adjustment.
_WHOLE = (
    "NOT EXISTS (SELECT 1 FROM <signers> WHERE NOT EXISTS (SELECT 1 FROM protocol_signature g "
    "WHERE g.version_id = v.id AND g.role = <role> AND g.person_id = <person>)) "
    "AND NOT EXISTS (SELECT 1 FROM protocol_signature g WHERE g.version_id = v.id AND NOT "
    f"{_event('signed', '<digest> = g.digest')}) AND {_event('adjusted', '<sha256> = v.sha256')}"
)
_HAS_FILE = "EXISTS (SELECT 1 FROM protocol_sealedprotocol f WHERE f.version_id = v.id)"
_SEALED = (
    "EXISTS (SELECT 1 FROM protocol_sealedprotocol f WHERE f.version_id = v.id AND "
    + _event("sealed", "<file_sha256> = f.sha256")
    + ")"
)
_NAMED = "EXISTS (SELECT 1 FROM <signers> WHERE <role> = NEW.role AND <person> = NEW.person_id)"
# When a motion goes to another phase; each for itself, since any of them is enough.
_PHASES = (
    "NEW.phase IN ('K', 'U') AND OLD.phase IN ('K', 'U')",
    "NEW.phase = 'J' AND " + _version(_UP, "m.state = 'draft'"),
    "NEW.phase = 'U' AND OLD.phase = 'J' AND NOT " + _version(_UP, "m.state IN ('approval', 'adjusted')"),
    "NEW.phase = 'S' AND " + _version(_UP, "m.state = 'adjusted' AND " + _HAS_FILE),
    "NEW.phase IN ('K', 'U') AND OLD.phase IN ('S', 'A') "
    f"AND EXISTS (SELECT 1 FROM meetings_meeting m WHERE m.state IN {among(WRITABLE)} AND {_UP})",
)

GUARDS = [
    *evidence(
        "protocol_frozenversion", "protocol_withdrawal", "protocol_signature", "protocol_sealedprotocol", "protocol_legacysource"
    ),
    # A text is frozen from the draft, and never beside one that people are signing or have signed.
    _guard(
        "protocol_frozenversion",
        "INSERT",
        "(SELECT state FROM meetings_meeting WHERE id = NEW.meeting_id) <> 'draft' OR " + _version("m.id = NEW.meeting_id"),
        "only a draft can be frozen",
        counted="NEW.sha256 <> encode(sha256(convert_to(E'samverkan-record/1\\n', 'UTF8') || NEW.data), 'hex')",
    ),
    Guard("protocol_changerequest", "DELETE", "1 = 1", "a request is answered, never removed"),
    Guard("protocol_changerequest", "UPDATE", "OLD.resolved_at IS NOT NULL", "this request has been answered"),
    # A signature belongs to a text that is under approval, and is given by somebody whom that text names, from their own log-in.
    _guard(
        "protocol_signature",
        "INSERT",
        "NOT " + _version("v.id = NEW.version_id", "m.state = 'approval' AND " + _NAMED) + " "
        "OR (SELECT u.person_id FROM people_user u WHERE u.id = NEW.by_id) IS DISTINCT FROM NEW.person_id",
        "only a version under approval can be signed, by those it names",
    ),
    # What all have signed is not taken back by a row beside it, and only what all have signed gets its file.
    Guard(
        "protocol_withdrawal",
        "INSERT",
        "(SELECT m.state FROM meetings_meeting m JOIN protocol_frozenversion v ON v.meeting_id = m.id "
        "WHERE v.id = NEW.version_id) <> 'approval'",
        "only a version under approval can be taken back",
    ),
    _guard(
        "protocol_sealedprotocol",
        "INSERT",
        "NOT " + _version("v.id = NEW.version_id", "m.state = 'adjusted' AND " + _WHOLE),
        "only an adjusted version can be sealed, with its signatures in the log",
        counted="NEW.sha256 <> encode(sha256(NEW.pdf), 'hex')",
    ),
    # The meeting follows.
    _guard(
        "meetings_meeting",
        "UPDATE",
        f"OLD.state = 'draft' AND NEW.state = 'approval' AND NOT {_version('m.id = NEW.id')}",
        "what is approved has been frozen",
        "approve",
    ),
    _guard(
        "meetings_meeting",
        "UPDATE",
        f"OLD.state = 'approval' AND NEW.state = 'draft' AND {_version('m.id = NEW.id')}",
        "what is opened again has been taken back",
        "reopen",
    ),
    _guard(
        "meetings_meeting",
        "UPDATE",
        f"OLD.state = 'approval' AND NEW.state = 'adjusted' AND NOT {_version('m.id = NEW.id', _WHOLE)}",
        "what is adjusted has been signed by all, and the log says so",
        "adjust",
    ),
    _guard(
        "meetings_meeting",
        "UPDATE",
        f"OLD.state = 'adjusted' AND NEW.state = 'sealed' AND NOT {_version('m.id = NEW.id', _SEALED)}",
        "what is sealed has its file, and the log says so",
        "seal",
    ),
    # So do its motions: locked by the freeze, opened by a withdrawal, sealed by the seal; taken up again at a meeting to come.
    _guard(
        "motions_motion",
        "UPDATE",
        f"NEW.phase <> OLD.phase AND NOT ({' OR '.join(_PHASES)})",
        "a motion follows its meeting",
        "phase",
    ),
]

# The search keeps its index of trigrams in step by these (migration 0001).
_INDEX = "protocol_passage_trigrams"
_TAKEN_OUT = f"INSERT INTO {_INDEX} ({_INDEX}, rowid, folded) VALUES ('delete', OLD.id, OLD.folded); "
_PUT_IN = f"INSERT INTO {_INDEX} (rowid, folded) VALUES (NEW.id, NEW.folded); "
TRIGGERS = [
    Trigger(
        f"{_INDEX}_{event.lower()}",
        "protocol_passage",
        f"CREATE TRIGGER {_INDEX}_{event.lower()} AFTER {event} ON protocol_passage BEGIN {does}END",
    )
    for event, does in (("INSERT", _PUT_IN), ("DELETE", _TAKEN_OUT), ("UPDATE", _TAKEN_OUT + _PUT_IN))
]
