"""Every kind of letter: what it is, why one gets it, and whether one may say no to it.

Its words are in templates/mail/<kind>.txt, and the rooms above send it.
"""

from typing import NamedTuple

from people.models import Role, User


class LetterKind(NamedTuple):
    """A kind of letter as it is told to the one who gets it; `roles` are those who can get it, none when anybody can."""

    label: str
    why: str
    optional: bool = False
    roles: frozenset[str] = frozenset()


LEADING = frozenset({Role.CHAIR, Role.SECRETARY})
ANSWERING = frozenset({Role.CHAIR, Role.EMPLOYER_REP})
KEEPING = frozenset({Role.SECRETARY})


# Receipts, notices of meetings and what has to be signed cannot be refused: without them nobody can do their part, or prove it.
KINDS = {
    "call": LetterKind("Kallelse", "Du har ett uppdrag i gruppen som ska mötas."),
    "cancel": LetterKind("Inställt möte", "Du var kallad till mötet."),
    "substitute": LetterKind("Du kallas in som ersättare", "Någon som du ersätter har anmält förhinder."),
    "to_sign": LetterKind("Protokoll att justera", "Du är vald att skriva under protokollet."),
    "remind_to_sign": LetterKind(
        "Påminnelse om att justera", "Du har inte skrivit under, och justeringsdagen är nära eller har varit."
    ),
    "signed": LetterKind("Kvitto på din underskrift", "Du har skrivit under. Spara det, så kan du visa vad du skrev under."),
    "change_requested": LetterKind("En ändring är begärd", "Du ska skriva under ett protokoll som någon vill ändra."),
    "change_refused": LetterKind("En begäran om ändring är besvarad", "Du ska skriva under protokollet."),
    "withdrawn": LetterKind("Protokollet är taget tillbaka", "Din underskrift gäller inte längre, eller ska inte ges än."),
    "sealed": LetterKind(
        "Protokollet är förseglat", "Du har ett uppdrag i gruppen. Med mejlet kan du visa om protokollet ändras senare."
    ),
    "file_lost": LetterKind("En fil saknas", "Du sköter tjänsten. Ett protokoll kan inte förseglas utan filen till en bilaga."),
    "file_asked": LetterKind(
        "En fil till ett protokoll saknas", "Du är sekreterare eller ordförande och kan lägga tillbaka filen.", roles=LEADING
    ),
    "file_back": LetterKind("Filen är tillbaka", "Du har fått veta att filen till en bilaga saknades."),
    "disagreement_removed": LetterKind(
        "Er oenighet är borttagen", "Någon annan har tagit bort en oenighet som din organisation anmält.", roles=Role.OF_UNIONS
    ),
    "motion_receipt": LetterKind(
        "Kvitto på det du lämnat in", "Du har lämnat in ett yrkande eller en skrivelse.", roles=Role.OF_UNIONS
    ),
    "support_lapsed": LetterKind(
        "Ert stöd har upphört", "Den som lämnade in har ändrat det som ni stödde.", roles=Role.OF_UNIONS
    ),
    "answer_asked": LetterKind(
        "Du ska skriva ett svar", "Ordföranden eller sekreteraren har utsett dig att svara.", roles=ANSWERING
    ),
    "answer_moved": LetterKind(
        "Någon annan ska skriva svaret", "Du var utsedd att svara, och nu är någon annan det.", roles=ANSWERING
    ),
    "remind_to_answer": LetterKind(
        "Påminnelse om ett svar", "Du ska skriva ett svar, och dagen är nära eller har varit.", roles=ANSWERING
    ),
    "invitation": LetterKind("Inbjudan", "Du har fått ett uppdrag och ska välja ett lösenord."),
    "address_replaced": LetterKind(
        "Din adress är bytt", "Någon har bytt adress på ditt inlogg. Var det inte du ska du få veta det."
    ),
    "proof_changed": LetterKind(
        "Ditt inlogg har ändrats", "Lösenord, adress eller andra steget har ändrats. Var det inte du ska du få veta det."
    ),
    "address_asked": LetterKind(
        "Någon vill byta din adress", "Någon har begärt en annan adress på ditt inlogg. Det gäller när du har bekräftat."
    ),
    "mandate_entered": LetterKind(
        "Ett uppdrag i er organisations namn", "Du företräder organisationen, som ska bekräfta uppdraget innan det gäller."
    ),
    "guessed_at": LetterKind(
        "Någon gissar ditt lösenord", "Många har försökt logga in som du. Med länken i mejlet kommer du in ändå."
    ),
    "staff_changed": LetterKind(
        "En systemadministratör mer eller mindre",
        "Du sköter tjänsten, eller ska kunna säga till när bara en person gör det. Känner du inte igen det ska du få veta det.",
    ),
    "party_asked": LetterKind(
        "Något ändras för er organisation", "Du företräder organisationen, eller en som berörs, och kan säga nej."
    ),
    "union_invited": LetterKind(
        "Någon bjuds in i er organisations namn", "Du företräder organisationen, som ska kunna säga till om det är fel."
    ),
    "group_invited": LetterKind(
        "Någon i gruppen bjuds in",
        "Du är ordförande eller sekreterare i gruppen, och vet om det är rätt person och adress.",
        roles=LEADING,
    ),
    "to_confirm": LetterKind(
        "Något väntar på en andra person", "Du kan bekräfta det som någon annan har begärt, eller avslå det."
    ),
    "request_settled": LetterKind(
        "Hur det gick med en begäran", "Du har begärt något som en annan person skulle bekräfta, eller är systemadministratör."
    ),
    "mandate_confirmed": LetterKind("Ditt uppdrag gäller", "Ditt uppdrag väntade på att någon skulle bekräfta det."),
    "motion_filed": LetterKind(
        "Något nytt är inlämnat", "Du är ordförande eller sekreterare i gruppen.", optional=True, roles=LEADING
    ),
    "answer_written": LetterKind(
        "Det finns svar att lämna ut", "Du är ordförande eller sekreterare i gruppen.", optional=True, roles=LEADING
    ),
    "motion_answered": LetterKind(
        "Det finns svar att läsa",
        "Du företräder den organisation som har lämnat in, eller en som stödjer det.",
        optional=True,
        roles=Role.OF_UNIONS,
    ),
    "motion_postponed": LetterKind(
        "Något inlämnat är uppskjutet",
        "Du företräder den organisation som har lämnat in, eller en som stödjer det, eller ska svara.",
        optional=True,
        roles=Role.OF_UNIONS | ANSWERING,
    ),
    "motion_changed": LetterKind(
        "Något inlämnat är ändrat",
        "Du är ordförande eller sekreterare i gruppen, eller skriver svaret.",
        optional=True,
        roles=LEADING | ANSWERING,
    ),
    "motion_withdrawn": LetterKind(
        "Något inlämnat är återkallat",
        "Du skulle ta upp eller svara på det, eller företräder en organisation som stödde det.",
        optional=True,
    ),
    "proposal": LetterKind("Vad det blev av ditt förslag", "Du har föreslagit en punkt till dagordningen.", optional=True),
    "overdue": LetterKind(
        "Något skulle ha varit klart",
        "Du är ansvarig för en punkt på balanslistan. Högst ett i veckan för varje punkt.",
        optional=True,
    ),
    "overdue_list": LetterKind(
        "Försenat på gruppens balanslista",
        "Du är sekreterare i gruppen. Högst ett i veckan för varje punkt.",
        optional=True,
        roles=KEEPING,
    ),
    "balance_referred": LetterKind(
        "En annan grupp har skickat en punkt", "Du är sekreterare i gruppen som fick den.", optional=True, roles=KEEPING
    ),
    "balance_reported": LetterKind(
        "Svar från en annan grupp", "Du är sekreterare i gruppen som skickade punkten.", optional=True, roles=KEEPING
    ),
    "negotiation": LetterKind(
        "Sista dag för central förhandling",
        "Du företräder parten som är oenig, är sekreterare i gruppen eller arbetar med HR.",
        optional=True,
        roles=Role.OF_UNIONS | {Role.SECRETARY, Role.HR},
    ),
}


def may_be_refused(kind: str) -> bool:
    """Whether one may say no to letters of this kind."""
    return kind in KINDS and KINDS[kind].optional


def meant_for(user: User) -> dict[str, LetterKind]:
    """The kinds of letter that the user's mandates of today bring."""
    roles = {held.role for held in user.held}
    return {name: kind for name, kind in KINDS.items() if not kind.roles or kind.roles & roles}
