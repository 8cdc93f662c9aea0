"""The models of the room, by purpose: agenda template ← meeting ← attendance, agenda, balance list."""

from meetings.models.agenda import (
    AgendaChange,
    Appendix,
    Commitment,
    Decision,
    Item,
    ItemAppendix,
    Paragraph,
    Placement,
    Reservation,
    Statement,
)
from meetings.models.attendance import Attendance, Interruption, Presence
from meetings.models.balance import BalanceItem, BalanceNote
from meetings.models.meeting import Meeting, Officer, PersonnelRep
from meetings.models.template import AgendaTemplate, TemplateItem

__all__ = [
    "AgendaChange",
    "AgendaTemplate",
    "Appendix",
    "Attendance",
    "BalanceItem",
    "BalanceNote",
    "Commitment",
    "Decision",
    "Interruption",
    "Item",
    "ItemAppendix",
    "Meeting",
    "Officer",
    "Paragraph",
    "PersonnelRep",
    "Placement",
    "Presence",
    "Reservation",
    "Statement",
    "TemplateItem",
]
