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
from meetings.models.attendance import Attendance, Interruption, Movement, Presence
from meetings.models.balance import BalanceItem, BalanceNote
from meetings.models.board import BoardDecision, BoardEntry
from meetings.models.desk import Phrase, Writer
from meetings.models.disagreement import Disagreement, Settlement
from meetings.models.meeting import Meeting, Officer, PersonnelRep
from meetings.models.proposal import Proposal
from meetings.models.template import AgendaTemplate, TemplateItem

__all__ = [
    "AgendaChange",
    "AgendaTemplate",
    "Appendix",
    "Attendance",
    "BalanceItem",
    "BalanceNote",
    "BoardDecision",
    "BoardEntry",
    "Commitment",
    "Decision",
    "Disagreement",
    "Interruption",
    "Item",
    "ItemAppendix",
    "Meeting",
    "Movement",
    "Officer",
    "Paragraph",
    "PersonnelRep",
    "Phrase",
    "Placement",
    "Presence",
    "Proposal",
    "Reservation",
    "Settlement",
    "Statement",
    "TemplateItem",
    "Writer",
]
