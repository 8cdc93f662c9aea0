"""What the database itself refuses in this room: to give a group another log."""

from record.guards import Guard

GUARDS = [Guard("people_group", "UPDATE", "NEW.chain_id <> OLD.chain_id", "a group keeps its log")]
