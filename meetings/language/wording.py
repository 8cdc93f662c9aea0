"""What to look at in a text before it is signed: rules that read words and blocks and know no database.

Each rule reads each letter a few times at most, however long the text is.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from meetings.language.statements import Unit, asks, sentences, units
from record.text import to_words
from record.text.blocks import Link, Strong, spans_of
from record.text.words import inline_words

EXCERPT = 90
HIDDEN = "\ufffc"  # stands where a chip or a reference was: what it says follows the thing it points at


class Finding(NamedTuple):
    """One thing that a rule has found: which rule, what is wrong in words, and where it stands."""

    code: str
    said: str
    excerpt: str = ""


class Loose(NamedTuple):
    """A number written by hand: "§ 7", "ärende 12", "bilaga 2"."""

    kind: str  # paragraph, matter or appendix
    number: int
    written: str


# Promises

_STEPS = r"(?:(?!att\b|som\b|och\b)\w{1,30}\ ){0,3}?"  # a few words between the parts of a verb
_PROMISES = re.compile(
    rf"""\b(?:
      (?:tar|ta|tog|tas|togs)\ {_STEPS}med\ (?:sig|till|för|i)\b
    | (?:tagit|tagits)\ {_STEPS}med\ (?:sig|till)\b
    | tas\ med\b
    | kommer\ {_STEPS}att\b
    | utred(?:a|as|er|s|es)\b
    | återk(?:ommer|omma|ommes|opplar|oppla|opplas)\b
    | (?:ser|se|ses)\ (?!fram|ut|tillbaka){_STEPS}över\b
    | översyn(?:\ av)?\b
    | undersök(?:a|as|er|s|es)\b
    | (?:följer|följa|följs|följas)\ {_STEPS}upp\b
    | åtar\ sig\b | åta\ sig\b | åtog\ sig\b
    | lov(?:ar|a|ade|as)\b
    | bereds\b | beredas\b
    )""",
    re.I | re.X,
)


def promises(text: str) -> list[str]:
    """The sentences that promise something: not those in which a party asks or wishes, nor what is only quoted."""
    found = []
    for sentence in sentences(text):
        if _PROMISES.search(unquoted(sentence.text)) and not asks(sentence):
            found.append(sentence.text)
    return found


# What a phrase left to be filled in

_SLOT = re.compile(
    r"\[(?:roll|namn|part|datum|tid|plats|bilaga|ordförande|sekreterare|grupp|nämnd|nästa möte)\]"
    r"|\{[a-zåäö]{2,30}(?: [a-zåäö]{2,30}){0,3}\}"
)


def open_slots(text: str) -> list[str]:
    """The slots of phrases that still stand there as slots, each once."""
    return list(dict.fromkeys(_SLOT.findall(to_words(text)))) if "[" in text or "{" in text else []


# References by hand

_NUMBER = re.compile(
    r"(§{1,2}|\bparagraf(?:en)?|\bärende(?:t)?|\bbilag(?:a|an|or|orna))[ \u00a0]{0,2}"
    r"(?:nr\.?|nummer)?[ \u00a0]{0,2}(\d{1,3})\b(?![:.,]\d)",
    re.I,
)
_LAW = re.compile(
    r"\W{0,3}(?:(?:st(?:ycket)?|p(?:unkten)?|och|–|-|i|\d{1,3})\W{1,2}){0,6}"
    r"(?:[A-ZÅÄÖ][A-Za-zÅÄÖåäö]{0,3}L\b|FML\b|AFS\b|LAS\b|\w{0,30}(?:lag|lagen|balken|förordning|förordningen|avtal|avtalet|föreskrift|föreskrifter)\b)"
)
_ELSEWHERE = re.compile(
    r"protokoll|förra mötet|föregående möte|mötet den|sammanträdet den|till (?:tjänsteutlåtandet|ärendet|avtalet)", re.I
)
_KINDS = {"§": "paragraph", "p": "paragraph", "ä": "matter", "b": "appendix"}


def loose_references(text: str) -> list[Loose]:
    """References to this protocol's own things as typed numbers; a law's §§ and another protocol's are left alone."""
    references = []
    for unit in units(text):
        plain = bare_words(unit)
        for match in _NUMBER.finditer(plain):
            after, before = plain[match.end() : match.end() + 60], plain[max(0, match.start() - 40) : match.start()]
            if _LAW.match(after) or _ELSEWHERE.search(after.split(".")[0][:40]) or _ELSEWHERE.search(before.rsplit(".", 1)[-1]):
                continue
            if match[1].startswith("§") and re.search(r"(?:kap\.?|lagen|avtalet|[A-ZÅÄÖ]{2,4}) ?$", before):
                continue
            references.append(Loose(_KINDS[match[1][0].casefold()], int(match[2]), match[0]))
    return list(dict.fromkeys(references))


# The words themselves

_FIRST_PERSON = re.compile(r"\b(?:jag|mig|mej|min|mitt|mina)\b", re.I)
_NOT_ME = re.compile(r"(?i:mitt (?:i|på|emot|under|bland|mellan|framför|för|över|emellan)\b|mina (?:sidor|meddelanden)\b)")
_QUOTES = re.compile(r"[”\"»“][^”\"»«“]*+[”\"«]")
_ENDED = re.compile(r"[.!?…:;][\"”’»)\]]*+$|[\"”’»)\]]+[.!?…:;]$")
_ADDRESS = re.compile(r"(?:https?|file)://[^\s<>\"”]+|\\\\[^\s\\]+\\[^\s]+", re.I)
_HOST = re.compile(r"(?:https?|file)://([^/:\s]*)", re.I)
_INSIDE = (
    "intranät",
    "intranet",
    "intranat",
    "intra.",
    "intern.",
    "sharepoint",
    "samarbetsyta",
    ".local",
    ".internal",
    "teams.microsoft",
)
# `v: stödjer LR`: a line of the desk that was not written out, or a note to oneself.
_SHORT_LINE = re.compile(r"[a-zåäö]{1,5}(?:, ?[a-zåäö]{1,5}){0,5}: ?[^\s/]")
_MANY_SPACES = re.compile(r"[ \u00a0]{2,}")
SHORT_LINE = 4  # words: fewer are a label, not a sentence
LONG_POINT = 9  # words: a point of a list that is as long as this is a sentence


def findings(text: str) -> list[Finding]:
    """What is wrong with the wording of one text."""
    found = list(_wording(text))
    return list({(one.code, one.excerpt): one for one in found}.values())


def _wording(text: str) -> Iterator[Finding]:
    for unit in units(text):
        written = inline_words(unit.inlines)
        bare = written.strip()
        if (
            unit.kind in ("item", "paragraph")
            and not bare.strip("-–•·*")
            and (bare or unit.kind == "item")
            and not unit.before_list
        ):
            yield Finding("empty_bullet", "har en tom punkt i en lista")
        if spaces := _MANY_SPACES.search(written.strip()):
            yield Finding("double_space", "har dubbla mellanslag", around(written.strip(), spaces.start()))
        for match in _FIRST_PERSON.finditer(plain := unquoted(written)):
            if _is_me(plain, match):
                yield Finding("first_person", "är skriven i jag-form", around(plain, match.start()))
                break
        if short := _SHORT_LINE.match(bare):
            yield Finding("short_line", "har en rad som inte är utskriven", around(bare, short.start()))
        if lacks_full_stop(unit, bare):
            yield Finding("full_stop", "har en mening utan punkt på slutet", around(bare, len(bare)))
        for mailbox in mailboxes(written):
            yield Finding("mailbox", "innehåller en e-postadress", mailbox)
        for address in addresses(unit, written):
            if is_internal(address):
                yield Finding("intranet", "har en länk som bara går att öppna inifrån", address[:EXCERPT])


def _is_me(words: str, found: re.Match[str]) -> bool:
    if found[0].isupper() and len(found[0]) > 1:  # MIN, MIG: an abbreviation or shouting
        return False
    if found[0].casefold() == "min" and re.search(r"\d[ \u00a0]?$", words[max(0, found.start() - 3) : found.start()]):
        return False  # minutes
    return not _NOT_ME.match(words, found.start())


def lacks_full_stop(unit: Unit, text: str) -> bool:
    """A sentence that just ends. Headings, labels, bold lines, short points, cells and lines before a list are none."""
    if unit.kind not in ("paragraph", "item") or unit.before_list or not text or _ENDED.search(text[-8:]):
        return False
    if unit.kind == "item" and (text.endswith((",", "och", "samt", "–")) or text.count(" ") + 1 < LONG_POINT):
        return False
    if text.count(" ") + 1 < SHORT_LINE or isinstance(unit.inlines[-1], Link):
        return False
    if len(unit.inlines) == 1 and isinstance(unit.inlines[0], Strong):
        return False
    return not ("://" in text[-300:].rsplit(None, 1)[-1] or "@" in text[-300:].rsplit(None, 1)[-1])


def mailboxes(words: str) -> list[str]:
    """The e-mail addresses in some words."""
    found = []
    for at in re.finditer("@", words):
        before = re.search(r"[\w.+-]{1,64}$", words[max(0, at.start() - 64) : at.start()])
        after = re.match(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", words[at.end() : at.end() + 200])
        if before and after:
            found.append(f"{before[0]}@{after[0]}")
    return found


def addresses(unit: Unit, words: str) -> list[str]:
    """Where the links of a unit lead, and the addresses written in it."""
    linked = [str(span.target.value) for span in spans_of(unit.inlines) if span.target is not None and span.target.kind == "link"]
    return list(dict.fromkeys([*linked, *(one[0].rstrip(".,)") for one in _ADDRESS.finditer(words))]))


def is_internal(address: str) -> bool:
    """Only somebody inside the organisation can open it."""
    low = address.casefold()
    if low.startswith(("file:", "\\\\")):
        return True
    host = _HOST.match(low)
    return host is not None and ("." not in host[1] or any(one in low for one in _INSIDE))


# Privacy (R93)

_DELICATE = re.compile(
    r"\b(?:lex[ -](?:sarah|maria)\w{0,20}|sjukskriven|sjukskrivna|diagnos(?:en|er|erna)?|missbruk(?:et|are|ar)?|skyddad identitet"
    r"|skyddade personuppgifter|personnummer|graviditet|funktionsnedsättning hos)\b",
    re.I,
)
_SMALL = re.compile(
    r"(?<![\d.,%\u00a0])(?<!\d )\b(?:[1-4]|två|tre|fyra|en enskild|en viss|en av) (?:av (?:de )?)?"
    r"(?:medarbetar|anställd|kolleg|elev|lärar|chef|handläggar|rektor|undersköters|barn|brukar|klient|person(?:er)?(?:na)?s?\b)\w{0,12}",
    re.I,
)
_ID_NUMBER = re.compile(r"(?<![\d-])(?:19|20)?\d{2}(\d{2})(\d{2})[-+ ]?\d{4}(?![\d-])")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*+")
_FIRST_NAMES_WRITTEN = """
adam agnes ahmed albin alexander ali alice amanda amir anders andreas ann anna anneli annika anton arvid astrid axel
barbro beatrice bengt berit birgitta björn bo britt camilla carina carl carolina caroline cecilia charlotte christer
christian christina daniel david ebba edvin elias elin elisabeth ella ellen elsa emelie emil emma erik erika eva fatima
felix filip fredrik frida gabriel george gun gunilla gustav göran hampus hanna hannes hans harald hassan helena henrik
henry hugo håkan ida inga inger ingrid isabella jakob jan jenny jens jessica joakim johan johanna johannes john jonas
jonathan josef josefin julia kajsa karin karl karolina katarina kenneth kerstin kjell klara kristina kurt lars lena
lennart leif lina linda linnea lisa louise lovisa lukas magnus maja malin margareta maria marianne marie markus martin
matilda mats mattias max mikael mohamed mona monica nathalie niklas nils olle olof oscar oskar ove patrik paul per
pernilla peter petra pia rasmus rebecka rickard robert robin roger roland rolf sandra sara sebastian simon sofia sofie
stefan sten stig stina susanne sven tobias tomas thomas tommy ulf ulla ulrika urban viktor viktoria victor wilhelm
william yvonne yusuf åke åsa örjan östen
"""
_FIRST_NAMES = frozenset(_FIRST_NAMES_WRITTEN.split())


def delicate(text: str) -> list[Finding]:
    """What may say more of somebody than the protocol should: words of health and lex Sarah, small groups, identity numbers."""
    told = {}
    for unit in units(text):
        plain = inline_words(unit.inlines)
        for rule, code, said in (
            (_DELICATE, "delicate", "nämner något som kan gälla en enskilds hälsa eller förhållanden"),
            (_SMALL, "small_group", "talar om så få att de kan kännas igen"),
            (_ID_NUMBER, "id_number", "innehåller något som ser ut som ett personnummer"),
        ):
            for match in rule.finditer(plain):
                if code == "id_number" and not (
                    1 <= int(match[1]) <= 12 and (1 <= int(match[2]) <= 31 or 61 <= int(match[2]) <= 91)
                ):
                    continue
                written = match[0][:2] + "…" if code == "id_number" else match[0]  # the list must not spread what it warns of
                told.setdefault((code, written.casefold()), Finding(code, said, written))
                break
    return list(told.values())


def full_names(text: str) -> list[str]:
    """Two words with capital letters side by side: what may be somebody's name. Chips are no names of persons."""
    names: dict[str, None] = {}
    for unit in units(text):
        plain = bare_words(unit)
        last: re.Match[str] | None = None
        for match in _NAME_WORD.finditer(plain):
            capital = match[0][0].isupper() and match[0][1:2].islower()
            if last is not None and capital and plain[last.end() : match.start()] in (" ", "\u00a0"):
                names.setdefault(f"{last[0]} {match[0]}")
            last = match if capital else None
    return list(names)


def strangers(candidates: Sequence[str], *, here: Sequence[str], registered: Sequence[str]) -> list[str]:
    """Those of the candidates that are persons who were not there: by the registry, or by a first name that many bear."""
    present = {key for name in here for key in (name.casefold(), name.casefold().rstrip("s"))}
    known = {name.casefold() for name in registered}
    unknown = []
    for name in candidates:
        low = name.casefold()
        ways = {low, low.removesuffix("s")}  # a genitive
        is_person = bool(ways & known) or low.split()[0] in _FIRST_NAMES
        if is_person and not ways & present and not any(who.endswith(f" {low}") or who.startswith(f"{low} ") for who in present):
            unknown.append(name)
    return unknown


# Words


def unquoted(words: str) -> str:
    """The same words without what stands in quotation marks: somebody else's words."""
    return _QUOTES.sub(lambda one: " " * len(one[0]), words)


def bare_words(unit: Unit) -> str:
    """The words of a unit with a mark where a chip, a reference or a link was."""
    return "".join(span.text if span.target is None else HIDDEN for span in spans_of(unit.inlines))


def around(words: str, at: int) -> str:
    """The piece of the text round a place, cut at spaces, in one line."""
    start, end = max(0, at - EXCERPT // 2), min(len(words), at + EXCERPT // 2)
    piece = words[start:end].replace("\n", " ")
    if start and " " in piece:
        piece = "…" + piece.split(" ", 1)[1]
    if end < len(words) and " " in piece:
        piece = piece.rsplit(" ", 1)[0] + "…"
    return piece.strip()
