"""Swedish sentences made from data: pure functions that know neither database nor layout."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from meetings.language import spoken as sentences
from meetings.language.spoken import BALANCE_INTRO, MONTHS, day, elected_adjusters, elected_secretary, opened, weekday
from meetings.reading.defaults import plain
from motions import spoken as motion_sentences
from protocol import format as form
from record.swedish import capital, folded, join
from record.text import ListBlock, blocks, write

GROUP_WORDS = {
    "fvg": "förvaltningsgruppen",
    "svg": "samverkansgruppen",
    "local": "samverkansgruppen",
    "apt": "arbetsplatsträffen",
    "board": "nämnden",
    "central": "centrala samverkansgruppen",
}
ROLES = {
    "chair": "ordförande",
    "vice_chair": "vice ordförande",
    "chief_safety_rep": "huvudskyddsombud",
    "safety_rep": "skyddsombud",
    "substitute": "ersättare",
    "coopted": "adjungerad",
}
SIGNER_ROLES = {"chair": "ordförande", "adjuster": "justerare", "secretary": "sekreterare"}
SIDES = {
    "employer": "För arbetsgivaren",
    "employee": "För arbetstagarna",
    "board": "Ledamöter",
    "official": "Tjänstepersoner",
}
MATTER_OUTCOMES = {
    "no_comments": "{group} lämnade inga synpunkter.",
    "comments": "",
    "no_disagreement": "Ingen oenighet anmäldes.",
    "agreement": "Parterna var eniga.",
    "disagreement": "Oenighet anmäldes.",
    "separate_negotiation": "Frågan förhandlas separat.",
    "removed": "Ärendet utgick.",
    "rejected": "Förslaget avslogs.",
    "tabled": "Ärendet bordlades.",
    "other": "",
}
# How a text says by itself what the outcome sentence would say.
OUTCOME_SIGNS = {
    "no_comments": r"inga synpunkter",
    "no_disagreement": r"(ingen|inte någon) oenighet|oenighet anmäldes inte",
    "agreement": r"\b(enig|eniga|enighet)\b",
    "disagreement": r"\boenighet",
    "separate_negotiation": r"förhandlas? separat|central förhandling",
    "removed": r"\butg(ick|år)\b",
    "rejected": r"\bavsl(ås|og|ogs|agen)\b",
    "tabled": r"\bbord(lägg|lad)",
}
# One and many of what an appendix holds, as the format has the kinds.
MOTION_WORDS = {
    "motion": ("yrkande", "yrkanden"),
    "inquiry": ("skrivelse", "skrivelser"),
    "statement": ("särskilda yttrande", "särskilda yttranden"),
}
APPENDIX_KINDS = {
    "motion": "Yrkanden",
    "inquiry": "Skrivelse",
    "statement": "Särskilt yttrande",
    "special_opinion": "Särskilt yttrande",
    "minute_note": "Protokollsanteckning",
    "presentation": "Presentation",
}
UNPLACED = {"motion": "Yrkanden", "inquiry": "Skrivelser och frågor", "statement": "Särskilda yttranden"}
RESERVATION_KINDS = {
    "reservation": "Reservation",
    "special_statement": "Särskilt uttalande",
    "special_opinion": "Särskilt yttrande",
    "substitute_statement": "Ersättaryttrande",
    "minute_note": "Protokollsanteckning",
}


# Words


def meeting_time(on: str | None, starts: str | None, ends: str | None) -> str:
    """`Torsdagen den 16 april 2020, kl. 09:00 – 11:15`, as far as it is known."""
    hours = " – ".join(part for part in (starts, ends) if part) if starts else ""
    return ", ".join(part for part in (capital(weekday(on)) if on else "", f"kl. {hours}" if hours else "") if part)


def ranges(numbers: Iterable[int]) -> list[str]:
    """`1–7`, `9`: runs of whole numbers."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return [str(first) if first == last else f"{first}–{last}" for first, last in runs]


def group(body: form.Body) -> str:
    """What the sentences call the group: its own name when that is one definite word, else the word for its kind."""
    name = body.name.strip()
    if re.fullmatch(r"\w+(gruppen|nämnden|träffen|styrelsen)", name):
        return name[:1].lower() + name[1:]
    return GROUP_WORDS[body.kind]


def employer(body: form.Body) -> str:
    return "förvaltningen" if body.kind == "fvg" else "arbetsgivaren"


# The first page


def title(protocol: form.Protocol) -> str:
    """`Protokoll från möte med FVG den 16 april 2020`."""
    kind = "Protokoll" if protocol.kind == "protocol" else "Minnesanteckningar"
    when = f" {day(protocol.date)}" if protocol.date else ""
    return f"{kind} från möte med {protocol.body.abbreviation}{when}"


def header(protocol: form.Protocol) -> str:
    """`Protokoll FVG`, the first line of the running header."""
    return f"{'Protokoll' if protocol.kind == 'protocol' else 'Minnesanteckningar'} {protocol.body.abbreviation}"


def place(protocol: form.Protocol) -> str:
    """The place as written, with the digital channels that it leaves out only when nobody's row names them."""
    named = {attendee.channel for attendee in protocol.attendees}
    words = (protocol.place or "").casefold()
    left_out = [channel for channel in protocol.channels if channel not in named and channel.casefold() not in words]
    if not left_out:
        return protocol.place or ""
    digital = f"via {join(left_out)}"
    return f"{protocol.place} samt {digital}" if protocol.place else capital(digital)


def attendee(person: form.Attendee, away: Iterable[str] = ()) -> str:
    """One row of the attendance list: name, function, party, channel, when the person was there, and (`away`) was not."""
    parts = [f"{person.name} ({person.political_party})" if person.political_party else person.name]
    parts += [person.title] if person.title else []
    said = (person.title or "").casefold()
    safety = [ROLES[role] for role in person.roles if role in ("chief_safety_rep", "safety_rep") and ROLES[role] not in said]
    offices = [
        ROLES[role] for role in person.roles if role in ("chair", "vice_chair", "coopted") and ROLES[role] not in said.split(", ")
    ]
    parts += safety + ([person.party] if person.party else []) + offices
    if person.replaces:
        parts.append(f"ersättare för {person.replaces}")
    elif "substitute" in person.roles and "ersättare" not in said:
        parts.append("ersättare")
    parts += [person.channel] if person.channel else []
    row = ", ".join(parts)
    when = [presence(person.presence.paragraphs)] if person.presence and person.presence.paragraphs else []
    when += away
    return f"{row} – {'; '.join(when)}" if when else row


def presence(paragraphs: Iterable[int]) -> str:
    """`närvarande under § 1–7 och § 9`."""
    return f"närvarande under {join(f'§ {run}' for run in ranges(paragraphs))}"


# Formal paragraphs


def next_meeting(meeting: form.NextMeeting, body: form.Body) -> str:
    """`Nästa möte med förvaltningsgruppen äger rum den 20 maj 2020, kl. 09:00 i lokal Ek.`"""
    return sentences.next_meeting(meeting.date, meeting.time, meeting.place, group(body))


def interruption(person: form.Attendee, absence: form.Absence, others: Iterable[form.Attendee] = ()) -> str:
    """`SACO deltog inte kl. 09:58–10:10 på grund av tekniska problem.` The party is named when nobody else was there for it."""
    alone = person.party and not any(
        one.party == person.party and one.status == "present" and one is not person for one in others
    )
    return f"{person.party if alone else person.name} {cut_off(absence)}."


def cut_off(absence: form.Absence) -> str:
    """`deltog inte kl. 09:58–10:10 på grund av tekniska problem`"""
    hours = f"kl. {absence.since}–{absence.until}" if absence.until else f"från kl. {absence.since}"
    reason = f" på grund av {absence.reason.rstrip('.')}" if absence.reason else ""
    return f"deltog inte {hours}{reason}"


# Matters and motions


def presented(presenter: str) -> str:
    return f"{capital(presenter)} föredrog ärendet."


def matter_outcome(outcome: str | None, body: form.Body) -> str:
    """The sentence for an outcome; empty where the matter's own text is the outcome."""
    return MATTER_OUTCOMES.get(outcome or "", "").format(group=capital(group(body)))


def see_appendices(numbers: Iterable[int]) -> str:
    found = list(numbers)
    return f"Se bilaga {join(map(str, found))}." if found else ""


def in_appendices(motions: Iterable[form.Motion], body: form.Body, said: str) -> dict[int, str]:
    """`LRs yrkanden och förvaltningens svar biläggs protokollet, se bilaga 2.` by appendix, but for those named in `said`."""
    appended: dict[int, list[form.Motion]] = {}
    for motion in motions:
        if motion.appendix and not mentions_appendix(said, motion.appendix):
            appended.setdefault(motion.appendix, []).append(motion)
    told = {}
    for number, of_appendix in sorted(appended.items()):
        count = Counter((motion.party, motion.kind) for motion in of_appendix)
        what = [f"{motion_sentences.genitive(party)} {MOTION_WORDS[kind][many > 1]}" for (party, kind), many in count.items()]
        if any(claim.answer or claim.outcome for motion in of_appendix for claim in motion.claims):
            what.append(f"{motion_sentences.genitive(employer(body))} svar")
        told[number] = f"{capital(join(what))} biläggs protokollet, se bilaga {number}."
    return told


def mentions_appendix(text: str, number: int) -> bool:
    return says(text, rf"bilaga\s+{number}\b|bilagor\b.*\b{number}\b")


def answer_label(claim: form.Claim, body: form.Body, kind: str = "motion") -> str:
    """What stands before the answer to an att-sats or a question."""
    return motion_sentences.answer_label(claim.outcome, claim.answer, employer(body), kind)


def motion_heading(motion: form.Motion) -> str:
    """`1. Kompetensförsörjning`; a letter or a statement begins with what it is and from whom."""
    return motion_sentences.motion_heading(motion.kind, motion.party, motion.title, motion.number)


def appendix_title(kind: str | None, party: str | None) -> str:
    """A title for an appendix that has none of its own: `Skrivelse från SACO`."""
    word = APPENDIX_KINDS.get(kind or "", "")
    return f"{word} från {party}" if word and party else word or (f"Från {party}" if party else "")


def reservation(entry: form.Reservation) -> str:
    """`Särskilt yttrande från SACO`."""
    return sentences.handed_in_by(RESERVATION_KINDS[entry.kind], entry.persons, entry.parties)


# What prints when a text does not say it already


def says(text: str, pattern: str) -> bool:
    return re.search(pattern, text, re.I) is not None


def matter_lines(matter: form.Matter, body: form.Body, motions: Sequence[form.Motion] = ()) -> tuple[str, list[str]]:
    """The sentence before a matter's text, and those after it (with the motions in appendices), without what the text says."""
    before = presented(matter.presenter) if matter.presenter and not says(matter.text, r"föredrog|föredragning") else ""
    after = []
    sign = OUTCOME_SIGNS.get(matter.outcome or "")
    if sign and not says(matter.text, sign):
        after.append(matter_outcome(matter.outcome, body))
    told = in_appendices(motions, body, matter.text)
    after += told.values()
    left = [number for number in matter.appendices if number not in told and not mentions_appendix(matter.text, number)]
    if left:
        after.append(see_appendices(left))
    return before, after


def own_text(paragraph: form.Paragraph) -> str:
    """Everything that is written under the §."""
    parts = [paragraph.text]
    for topic in paragraph.topics:
        parts += [topic.title or "", topic.text]
    for matter in paragraph.matters:
        parts += [matter.title or "", matter.text]
    return "\n\n".join(part for part in parts if part)


def interruptions(protocol: form.Protocol, paragraph: form.Paragraph) -> list[str]:
    """Broken lines under this § that its text does not mention by party or name and time."""
    text = own_text(paragraph)
    return [
        interruption(person, absence, protocol.attendees)
        for person in protocol.attendees
        for absence in person.absences
        if absence.paragraph == paragraph.number and not _mentions(text, person, absence)
    ]


def attendee_row(protocol: form.Protocol, person: form.Attendee) -> str:
    """The person's row, with the broken lines that no § carries and no text mentions: they must be printed somewhere."""
    printed = {paragraph.number for paragraph in protocol.paragraphs}
    left = [absence for absence in person.absences if absence.paragraph not in printed]
    said = "\n\n".join(own_text(paragraph) for paragraph in protocol.paragraphs) if left else ""
    return attendee(person, [cut_off(absence) for absence in left if not _mentions(said, person, absence)])


def _mentions(text: str, person: form.Attendee, absence: form.Absence) -> bool:
    time = absence.since.replace(":", "[:.]")
    who = "|".join(re.escape(name) for name in (person.party, person.name) if name)
    return says(text, rf"\b0?{time.lstrip('0')}") and says(text, who)


HEADINGS = {
    "opening": r"öppnande|öppnas",
    "secretary": r"sekreterare",
    "adjusters": r"justerare|justeringsdag",
    "balance": r"balanslista",
    "next_meeting": r"^nästa (möte|sammanträde)",
}


def purposes(paragraph: form.Paragraph) -> set[str]:
    """What a formal § is for, by its heading; one § may elect both secretary and adjuster."""
    return {name for name, sign in HEADINGS.items() if paragraph.heading and says(paragraph.heading, sign)}


def default_text(protocol: form.Protocol, paragraph: form.Paragraph) -> str:
    """The sentences (in plain form) that data gives a formal §, without those that the § does not need.

    A § with text of its own gets none of the phrases for opening and elections. But an open promise cannot fall off the list:
    balance items and the next meeting are printed unless the § names them.
    """
    text, what = own_text(paragraph), purposes(paragraph)
    sentences = []
    if not text:
        people = {person.name: person for person in protocol.attendees}
        if "opening" in what and protocol.chair:
            chair = people.get(protocol.chair)
            sentences.append(plain(opened(protocol.chair, chair.title if chair else None)))
        if "secretary" in what and protocol.secretary:
            sentences.append(plain(elected_secretary(protocol.secretary)))
        if "adjusters" in what and protocol.adjusters:
            names = [(name, people[name].party if name in people else None) for name in protocol.adjusters]
            sentences.append(plain(elected_adjusters(names, protocol.adjustment_day)))
    if "balance" in what:
        sentences.append(balance_text(protocol, text))
    if "next_meeting" in what:
        sentences.append(next_meeting_text(protocol, text))
    return "\n\n".join(part for part in sentences if part)


def balance_text(protocol: form.Protocol, said: str = "") -> str:
    """The balance list as plain form, without the items that `said` names."""
    text = folded(said)
    left = [entry.title for entry in protocol.balance if folded(entry.title) not in text]
    return (
        write(
            (
                blocks.Paragraph((blocks.Words(BALANCE_INTRO),)),
                ListBlock(False, tuple(blocks.Item((blocks.Words(title),)) for title in left)),
            )
        )
        if left
        else ""
    )


def next_meeting_text(protocol: form.Protocol, said: str = "") -> str:
    meeting = protocol.next_meeting
    if not meeting or not meeting.date:
        return ""
    written = day(meeting.date).removeprefix("den ").rsplit(" ", 1)[0]
    said = said.replace("\u00a0", " ").casefold()
    return "" if written in said or meeting.date in said else plain(next_meeting(meeting, protocol.body))


# Print


_NBSP = re.compile(
    r"(§§?|\bkl\.|\bnr|\b[Bb]ilaga|\bden|\bDnr) (?=[\d])"
    r"|(?<=\d) (?=(?:" + "|".join(MONTHS) + r"|%|kr\b|kronor\b|mnkr\b))"
    r"|(?<=\d) (?=–\s\d)"
    r"|(?:" + "|".join(MONTHS) + r") (?=\d{4}\b)"
)


def no_break(text: str) -> str:
    """The print filter: no line break inside `§ 7`, `kl. 09:00`, `den 17 april 2020`, `75 %`. Stored text is left as it is."""
    return _NBSP.sub(lambda match: match[0][:-1] + "\u00a0", text)
