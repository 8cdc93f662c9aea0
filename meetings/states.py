"""A meeting's life as a table: verb → from which states, to which. The verbs after the freeze are done in `protocol`."""

from django.db import models

from record.moves import Move, step


class State(models.TextChoices):
    """Where a meeting and its protocol stand."""

    PLANNED = "planned", "planerat"
    CALLED = "called", "kallat"
    DRAFT = "draft", "utkast"
    APPROVAL = "approval", "för justering"
    ADJUSTED = "adjusted", "justerat – förseglas"
    SEALED = "sealed", "justerat och förseglat"
    ARCHIVED = "archived", "arkiverat"
    CANCELLED = "cancelled", "inställt"


P, K, U, J, SEALED, A = State.PLANNED, State.CALLED, State.DRAFT, State.APPROVAL, State.SEALED, State.ARCHIVED

# The letters of the permission table. Adjusted is as closed as under approval; a cancelled meeting reads as archived.
LETTERS = {
    State.PLANNED: "P",
    State.CALLED: "K",
    State.DRAFT: "U",
    State.APPROVAL: "J",
    State.ADJUSTED: "J",
    State.SEALED: "S",
    State.ARCHIVED: "A",
    State.CANCELLED: "A",
}
# In these the text is locked, in the database too.
FROZEN = (State.APPROVAL, State.ADJUSTED, State.SEALED, State.ARCHIVED)
FINISHED = (State.SEALED, State.ARCHIVED)
# A meeting that has not been held has said nothing about the balance list.
NOT_HELD = (State.PLANNED, State.CALLED, State.CANCELLED)  # so not NOT_BEGUN, which may still be held
NOT_BEGUN = (State.PLANNED, State.CALLED)
# What is still to come, or is being written: it can take something up.
WRITABLE = (*NOT_BEGUN, State.DRAFT)
# What it takes up is taken up there, until its protocol is sealed.
LIVE = (*WRITABLE, State.APPROVAL, State.ADJUSTED)
# There is a protocol, or a draft of one.
BEGUN = (State.DRAFT, *FROZEN)


class Verb:
    """What is asked for in the history: who does it and who reads that it was done say it by these names."""

    ADJUST = "adjust"
    ATTEND = "attend"
    BROKEN = "broken"
    CALL = "call"
    CARRY = "carry"
    EDIT_TEXT = "edit_text"
    RESTORE = "restore"  # an earlier text
    RETIME = "retime"
    UNDO = "undo"
    WENT = "went"


MOVES: dict[str, Move] = {
    # the meeting
    "edit": step(P, K, U),
    Verb.CALL: step(P, K, to=K),
    "open_draft": step(K, to=U),
    "cancel": step(P, K, to=State.CANCELLED),
    "delete": step(P),
    "appoint": step(P, K, U),
    "decline": step(P, K),
    # what others want on the agenda
    "propose": step(P, K),
    "withdraw_proposal": step(P, K),
    "place_proposal": step(P, K, U),
    "return_proposal": step(P, K, U),
    # the text
    "arrange": step(P, K, U),
    "append": step(P, K, U),
    "place": step(P, K, U),
    "postpone": step(P, K, U),
    Verb.EDIT_TEXT: step(U),
    Verb.ATTEND: step(U),
    "elect": step(U),
    # approval (protocol/actions.py)
    "freeze": step(U, to=J),
    "sign": step(J),
    "request_change": step(J),
    "refuse_change": step(J),
    "withdraw": step(J, to=U),
    "adjust": step(J, to=State.ADJUSTED),
    "seal": step(State.ADJUSTED, to=SEALED),
    "archive": step(SEALED, to=A),
    # after the seal, beside the text
    "settle": step(SEALED, A),
    # after the freeze, beside the text
    "enter_decision": step(J, State.ADJUSTED, SEALED, A),
}

# What is only read: who may not do it now waits, and has nothing to write or take back.
READS = frozenset({"read_agenda", "read_appendix", "read_frozen", "read_log", "read_protocol"})
NOT_READ = {
    State.APPROVAL: ("Protokollet är under justering.", "Du kan läsa det när det är förseglat."),
}
# Why it is not time, and what to do next, told by the state that the meeting is in.
WHY_NOT = {
    State.PLANNED: ("Mötet är planerat men ingen kallelse är skickad.", "Skicka kallelsen först."),
    State.CALLED: ("Kallelsen är skickad, men mötet har inte börjat.", "Öppna utkastet när mötet börjar."),
    State.DRAFT: ("Protokollet är ett utkast som skrivs.", "När det är klart skickas det till justering."),
    State.APPROVAL: (
        "Protokollet är under justering och kan inte ändras.",
        "Ordföranden eller sekreteraren kan ta tillbaka det, och då får alla skriva under igen.",
    ),
    State.ADJUSTED: ("Alla har skrivit under. Protokollet förseglas.", "Förseglingen är klar inom en minut. Ladda om sidan."),
    State.SEALED: ("Protokollet är justerat och förseglat.", "Det som är fel rättas med ett daterat tillägg."),
    State.ARCHIVED: ("Protokollet är arkiverat.", "Kontakta HR."),
    State.CANCELLED: ("Mötet är inställt.", "Planera ett nytt möte."),
}
