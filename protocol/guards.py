"""What the database itself refuses in this room: to change or remove what was frozen, signed, withdrawn or sealed."""

from record.guards import Guard, evidence

_STATE = (
    "(SELECT m.state FROM meetings_meeting m JOIN protocol_frozenversion v ON v.meeting_id = m.id WHERE v.id = NEW.version_id)"
)

GUARDS = [
    *evidence(
        "protocol_frozenversion", "protocol_withdrawal", "protocol_signature", "protocol_sealedprotocol", "protocol_legacysource"
    ),
    *evidence("protocol_historicalchangerequest"),
    # A text is frozen from the draft, and never beside one that people are signing or have signed.
    Guard(
        "protocol_frozenversion",
        "INSERT",
        "(SELECT state FROM meetings_meeting WHERE id = NEW.meeting_id) <> 'draft'",
        "only a draft can be frozen",
    ),
    Guard("protocol_changerequest", "DELETE", "1 = 1", "a request is answered, never removed"),
    Guard("protocol_changerequest", "UPDATE", "OLD.resolved_at IS NOT NULL", "this request has been answered"),
    # A signature belongs to a text that is under approval: nobody signs a draft, and nobody signs afterwards.
    Guard(
        "protocol_signature",
        "INSERT",
        f"{_STATE} <> 'approval' OR EXISTS (SELECT 1 FROM protocol_withdrawal w WHERE w.version_id = NEW.version_id)",  # noqa: S608 fixed words
        "only a version under approval can be signed",
    ),
    # What all have signed is not taken back by a row beside it, and only what all have signed gets its file.
    Guard("protocol_withdrawal", "INSERT", f"{_STATE} <> 'approval'", "only a version under approval can be taken back"),
    Guard("protocol_sealedprotocol", "INSERT", f"{_STATE} <> 'adjusted'", "only an adjusted version can be sealed"),
]
