"""The sentences of a text, and who said what in them: pure functions on the text model, every search in linear time."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from record.text import Block, Heading, ListBlock, blocks, parse
from record.text.blocks import Inline, spans_of

Names = Callable[[str, int], str | None]

# A full stop after one of these ends no sentence. ("m.m.", "osv." and "etc." often do, before a capital letter.)
_SHORT_WRITTEN = """
ang avd bil bl.a ca d.v.s dnr dr dvs ev ex exkl f.d forts fr.o.m föreg förf gm inkl jfr kap kl moms mån nr ordf p.g.a
pga prof resp s.k sekr sid st.f st.förv t.ex t.o.m tel tf tr vd
"""
SHORT = frozenset(_SHORT_WRITTEN.split())
_END = re.compile(r"[.!?…][\"”’»)\]]*+(?=\s)|\n")
_WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*+")
_LONGEST_SHORT = 12


class Chip(NamedTuple):
    """A party chip in a sentence: where it stands, and which party it is."""

    start: int
    end: int
    party: int


class Sentence(NamedTuple):
    """A sentence in words, with its party chips; `place` is the text unit (paragraph, list item, cell) that it stands in."""

    text: str
    chips: tuple[Chip, ...] = ()
    place: int = 0


class Said(NamedTuple):
    """Who said what: the parties, how the sentence says that they speak ("undrade om", None for a colon), and all of it."""

    parties: tuple[int, ...]
    speakers: tuple[str, ...]
    verb: str | None
    sentence: str


# Sentences


class Unit(NamedTuple):
    """The smallest part of a text that stands by itself, and what kind of part it is."""

    kind: str  # paragraph, heading, item or cell
    inlines: tuple[Inline, ...]
    before_list: bool = False


def units(plain: str) -> Iterator[Unit]:
    """The parts of a text in reading order."""
    parts = parse(plain)
    for at, block in enumerate(parts):
        before_list = at + 1 < len(parts) and isinstance(parts[at + 1], ListBlock)
        yield from _units(block, isinstance(block, blocks.Paragraph) and before_list)


def _units(block: Block, before_list: bool = False) -> Iterator[Unit]:
    match block:
        case blocks.Paragraph(inlines):
            yield Unit("paragraph", inlines, before_list)
        case Heading(_, inlines):
            yield Unit("heading", inlines)
        case ListBlock(_, items):
            for item in items:
                yield Unit("item", item.inlines, item.nested is not None)
                if item.nested:
                    yield from _units(item.nested)
        case blocks.Table(rows):
            yield from (Unit("cell", cell) for row in rows for cell in row)


def sentences(plain: str, names: Names = lambda kind, pk: None) -> list[Sentence]:
    """The sentences of a text without its headings; `names(kind, id)` gives the words of a chip or reference, or None."""
    found = []
    for place, unit in enumerate(units(plain)):
        if unit.kind != "heading":
            found += _sentences(unit.inlines, names, place)
    return found


def _sentences(inlines: tuple[Inline, ...], names: Names, place: int) -> Iterator[Sentence]:
    parts, chips, at = [], [], 0
    for span in spans_of(inlines):
        said = span.text
        if span.target is not None and span.target.kind != "link":
            said = " ".join((names(span.target.kind, span.target.value) or said).split())
            if span.target.kind == "party":
                chips.append(Chip(at, at + len(said), span.target.value))
        parts.append(said)
        at += len(said)
    text, chips = "".join(parts), iter([*chips, Chip(at, at, 0)])
    chip = next(chips)
    for start, end in _bounds(text):
        own = []
        while chip.party and chip.start < end:
            if chip.start >= start and chip.end <= end:
                own.append(Chip(chip.start - start, chip.end - start, chip.party))
            chip = next(chips)
        yield Sentence(text[start:end].replace("\n", " "), tuple(own), place)


def _bounds(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _END.finditer(text):
        if _ends(text, found):
            yield from _trimmed(text, start, found.end())
            start = found.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    words = text[start:end]
    if stripped := words.strip():
        first = start + len(words) - len(words.lstrip())
        yield first, first + len(stripped)


def _ends(text: str, match: re.Match[str]) -> bool:
    """A sentence ends here: what follows looks like a beginning, and the full stop is no abbreviation's."""
    following = text[match.end() : match.end() + 4].lstrip(' \n\u00a0"”’»(–-')[:1]
    if match[0] == "\n":  # before a small letter, a line break is in the middle of a sentence
        return not following.islower()
    if following.islower():
        return False
    before = text[max(0, match.start() - _LONGEST_SHORT) : match.start()]
    last = before.split()[-1].lstrip('("”') if before.split() else ""
    if match[0][0] != ".":
        return True
    initial = len(last) == 1 and last.isalpha() and last.isupper()
    return not (initial or last.casefold() in SHORT)


def key(words: str) -> str:
    """What two writings of the same sentence have in common: neither spaces, case nor the marks at its ends."""
    return " ".join(words.split()).casefold().strip(' .!?…:;,"”’»')


def token(words: str) -> str:
    """A sentence in an address, where its words do not belong: logs keep addresses."""
    return hashlib.sha256(key(words).encode()).hexdigest()[:16]


# Who said what

# Verbs of saying and doing that a protocol uses: stems that take any of the endings, and forms that stand by themselves.
_STEMS_WRITTEN = """
accepter avvis beklag berätt beton efterfråg efterlys fråg framför framhåll förklar förord förtydlig hänvis hävd hopp
ifrågasätt inform instämm invänd kommenter konstater kräv lyft lämn meddel noter påminn påpek poängter presenter redogör
rekommender reserver skick svar tack tillstyrk tyck undr uppdater uppman uppmärksamm uppskatt uttal uttryck
vidarebefordr vidhåll välkomn yrk önsk överlämn
"""
_STEMS = frozenset(_STEMS_WRITTEN.split())
_ENDINGS = ("a", "ar", "ade", "as", "ades", "at", "er", "de", "te", "r", "t", "")
_WHOLE_WRITTEN = """
anmälde anmäler anser ansåg avstod avstår begär begärde bifaller biföll delar delade framhöll föredrar föredrog föreslog
föreslår gav ger gjorde godkände godkänner gör hade har höll håller ifrågasatte instämde invände kom kommer lade lägger
menade menar motsatte motsätter påminde redogjorde sa sade ser ställde ställer stod står stödde stöder stödjer såg säger
tar tillade tog trodde tror underströk understryker uppger uppgav vidhöll vill ville
"""
_WHOLE = frozenset(_WHOLE_WRITTEN.split())
_FRAMES = (
    ("med", "sig", "frågan"),
    ("med", "sig"),
    ("sig", "bakom"),
    ("frågan", "om"),
    ("en", "fråga", "om"),
    ("frågor", "om"),
    ("önskan", "om"),
    ("en", "önskan", "om"),
    ("synpunkter", "på"),
    ("upp",),
    ("att",),
    ("om",),
    ("för",),
    ("över",),
    ("till",),
)
# What a sentence begins with when its subject comes after the verb.
_INVERTED_WRITTEN = """
angående avseende avslutningsvis dessutom då därefter däremot därför därtill efter gällande här i inför inledningsvis
kring med nu när på rörande samtidigt sedan slutligen som under utöver vad vid vidare återigen även
"""
_INVERTED = frozenset(_INVERTED_WRITTEN.split())
_AND = re.compile(r"\s*(?:,|och|samt|&|och\s+även|,\s*och|,\s*samt)\s*")
_ASIDE = re.compile(r"\s*(?:\([^()]{0,80}\)|,\s*(?:genom|via|företrätt\s+av)\s[^,]{1,80},)")
_FARTHEST = 60  # characters before an inverted verb
_ASKS = ("undr", "fråg", "efterfråg", "efterlys", "önsk", "yrk", "föresl", "begär", "kräv", "vill", "ställde")


def statements(plain: str, names: Names = lambda kind, pk: None) -> list[Said]:
    """Who said what in a text: each sentence whose subject is one or more party chips, with the verb that says so."""
    return [said for sentence in sentences(plain, names) if (said := said_in(sentence))]


def said_in(sentence: Sentence) -> Said | None:
    """The statement that a sentence is, if its subject is party chips before the verb or a colon, or after an inverted verb."""
    if not sentence.chips:
        return None
    text, speakers = sentence.text, _speakers(sentence)
    first, end = speakers[0].start, speakers[-1].end
    verb: str | None
    if not text[:first].strip(' "”*'):
        if aside := _ASIDE.match(text, end):
            end = aside.end()
        if text[end : end + 1].isalpha():  # a genitive: somebody else speaks
            return None
        rest = text[end:].lstrip()
        verb = None
        if not rest.startswith(":"):
            verb = _verb(rest)
            if verb is None:
                return None
    else:
        before = _WORD.findall(text[:first]) if first <= _FARTHEST else []
        if len(before) < 2 or before[0].casefold() not in _INVERTED or not _is_verb(before[-1]) or text[end : end + 1].isalpha():
            return None
        if text[:first].rstrip()[-1:] in ",;:(":
            return None
        verb = before[-1].casefold()
    return Said(tuple(chip.party for chip in speakers), tuple(text[chip.start : chip.end] for chip in speakers), verb, text)


def _speakers(sentence: Sentence) -> list[Chip]:
    """The first chip, and those that follow it with no more than commas and "och" between."""
    found = [sentence.chips[0]]
    for chip in sentence.chips[1:]:
        between = sentence.text[found[-1].end : chip.start]
        if len(between) > 16 or not _AND.fullmatch(between):
            break
        found.append(chip)
    return found


def _verb(rest: str) -> str | None:
    """`undrade om` from `undrade även om …`; None when the first words are no verb of saying."""
    words = [word.casefold() for word in _WORD.findall(rest[:120])]
    if not words or not _is_verb(words[0]):
        return None
    following = words[1:5]
    while (
        following and following[0] in ("också", "även", "dock", "vidare", "då", "därför", "sedan", "sig") and len(following) > 1
    ):
        if following[0] == "sig" and following[1] == "bakom":
            break
        following = following[1:]
    for frame in _FRAMES:
        if tuple(following[: len(frame)]) == frame:
            return " ".join((words[0], *frame))
    return words[0]


def _is_verb(word: str) -> bool:
    word = word.casefold()
    return word in _WHOLE or any(word.endswith(end) and word[: len(word) - len(end)] in _STEMS for end in _ENDINGS)


def asks(sentence: Sentence) -> bool:
    """A party asks or wishes: what "kommer att" or "utreds" says in such a sentence is no promise."""
    said = said_in(sentence)
    return said is not None and said.verb is not None and said.verb.startswith(_ASKS)


# For the search


def mark(speaker: str) -> str:
    """The mark put among the searchable words of a § where `speaker` has said something; nobody types it by chance."""
    return f"¶sagt:{' '.join(speaker.split()).casefold()}¶"


def marks(rows: Iterable[Any]) -> dict[int, str]:
    """§ number → the marks of all who say something there, of a protocol's statements (`paragraph`, `speakers`)."""
    found: dict[int, dict[str, None]] = {}
    for row in rows:
        if row.paragraph is not None:
            found.setdefault(row.paragraph, {}).update(dict.fromkeys(map(mark, row.speakers)))
    return {number: "\n".join(own) for number, own in found.items()}
