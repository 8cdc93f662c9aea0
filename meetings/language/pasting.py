"""Read what people paste from a board's föredragningslista: columns, numbered lines, a table. Pure: text in, matters out."""

import csv
import re
from collections.abc import Iterable
from html import unescape
from typing import NamedTuple

# What a registry number looks like: AMN 2020-0276-1.6, AMN 2016-0222, KS 2020/779, DNR 325-2196/09. Others get a warning.
DNR = re.compile(r"[A-ZÅÄÖ]{2,5} \d{4}(-\d{4}(-\d{1,2}(\.\d{1,2})*)?|/\d{1,6})|DNR \d{1,4}-\d{1,5}/\d{2,4}", re.I)
LABEL = r"(?:dnr|diarienr|diarienummer|ärendenr)\b\.?:?"
_REF = rf"(?<![\w/-])(?:{DNR.pattern})(?![\w/-])".replace("(-", "(?:-").replace("(\\.", "(?:\\.")
REF = re.compile(_REF, re.I)
_JOINED = rf"{_REF}(?:\s*(?:[,;&+]|och)?\s*(?:{LABEL}\s*)?{_REF})*"
BRACKETED = re.compile(rf"[(\[]\s*(?:{LABEL}\s*)?({_JOINED})\s*[)\]]", re.I)
LOOSE = re.compile(rf"(?:{LABEL}\s*)?({_JOINED})", re.I)
ODD = re.compile(rf"[(\[]?\s*\b{LABEL}\s*(?P<odd>[^\s,;()\[\]]+(?:\s[^\s,;()\[\]]*\d[^\s,;()\[\]]*)?)\s*[)\]]?", re.I)
ONLY_REFS = re.compile(rf"[(\[]?\s*(?:{LABEL}\s*)?{_JOINED}\s*[)\]]?", re.I)
PRESENTER = re.compile(
    r"(?<![\s,;.–(\[-])[\s,;.–(\[-]*+\b(?:föredragande|föredras av|handläggare)\b:?\s*(?P<who>[^()\[\];]+?)\s*[)\]]?\.?$", re.I
)
NUMBER = re.compile(r"(?:§\s*|ärende\s+|punkt\s+|nr\.?\s*)?(\d{1,3}(?:\.\d{1,2})?)\s*[.):]?", re.I)
NUMBERED = re.compile(
    r"(?:(?:§\s*|ärende\s+|punkt\s+|nr\.?\s+)(?P<a>\d{1,3}(?:\.\d{1,2})?)[.):]?\s*[–-]?\s*|(?P<b>\d{1,3}(?:\.\d{1,2})?)(?:[.):]\s*|\s+[–-]\s+)|(?P<c>\d{1,3})\s+(?=[A-ZÅÄÖ]))(?=\S)",
    re.I,
)
BARE = re.compile(r"\d{1,3}\s+[A-ZÅÄÖ]")  # a number alone before a word counts only when the word begins a title
BULLET = re.compile(r"^[•·▪‣*–—-]\s+")
# A comment or a tag, which may have ">" in quotes. A tag is sought no further than to the next "<": half of one costs nothing.
MARK = re.compile(
    r"""<!--.*?-->|<[!?][^<>]*>|<(?P<closes>/?)(?P<tag>[a-z][^\s/<>]*+)(?:"[^"<]*"|'[^'<]*'|[^<>])*+>""", re.I | re.S
)
NO_CHARACTER = re.compile(r"&(?=#\w{9})")  # more figures than any character has
RULE = re.compile(r"\s*:?-{2,}:?\s*")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
HEADERS = {
    "number": {"nr", "nr.", "nummer", "ärendenr", "ärende nr", "punkt", "§", "#", "pkt"},
    "title": {"ärende", "ärenden", "rubrik", "ärenderubrik", "titel", "ärendemening", "benämning", "ärendets rubrik"},
    "references": {"dnr", "diarienummer", "diarienr", "dnr.", "diarienummer/dnr"},
    "presenter": {"föredragande", "handläggare", "föredras av", "ansvarig", "föredragande/handläggare"},
}
LONGEST = 1000  # characters of one row of the list: a longer one is no matter, and is kept unread
MOST_LINES = 20  # that one matter may be broken into
TOO_LONG = f"Raden är längre än {LONGEST} tecken. Dela upp den, eller skriv rubriken själv."


class PastedMatter(NamedTuple):
    """What was understood of one matter, and the line where it begins."""

    line: int
    raw: str
    number: str
    title: str
    references: tuple[str, ...]
    presenter: str
    problem: str = ""
    heading: bool = False  # looks like a heading of the list rather than a matter


def split_references(written: str) -> list[str]:
    """The registry numbers in a cell: between commas or on lines of their own."""
    return [part.strip() for part in re.split(r"[,\n]", written) if part.strip()]


def understand(pasted: str) -> list[PastedMatter]:
    """The matters of a pasted list, in its order; nothing that stands there is left out."""
    text = re.sub(r"\r\n?|[\u2028\u2029\v\f]", "\n", pasted).replace("\u00a0", " ").replace("\x00", "")
    if re.search(r"<t[dh]\b", text, re.I):
        head, mark, tail = text.rpartition("-->")
        text = head + mark + tail.replace("<!--", " ")  # the end of every comment is looked for
        return _headings(_table(_cells(text)))
    lines = text.split("\n")
    delimiter = _delimiter([line for line in lines if line.strip()])
    if delimiter == "|":
        return _headings(_table([(n, line.strip(), line.strip().strip("|").split("|")) for n, line in enumerate(lines, 1)]))
    if delimiter:
        return _headings(_table(_columns(lines, delimiter), positional=delimiter == ";"))
    return _headings(_prose(lines))


def _delimiter(lines: list[str]) -> str:
    """What parts the columns, or nothing for a list in running text."""
    if any("\t" in line.strip() for line in lines):
        return "\t"
    if lines and sum(line.strip().startswith("|") for line in lines) > len(lines) / 2:
        return "|"
    if lines and sum(";" in line for line in lines) * 2 >= len(lines):  # one may well stand in a title
        return ";"
    if lines and len(_roles_of_header(lines[0].split(","))) > 1:
        return ","
    return ""


def _rows(markup: str) -> list[tuple[int, list[str]]]:
    """The rows of a table's markup, pasted as text: where each begins, and its cells. What is no whole mark stays as words."""
    rows: list[tuple[int, list[str]]] = []
    line, read, is_open = 1, 0, False
    for mark in MARK.finditer(markup):
        if is_open:
            rows[-1][1][-1] += markup[read : mark.start()]
        line, read = line + markup.count("\n", read, mark.start()), mark.start()
        closes, tag = mark["closes"], (mark["tag"] or "").lower()
        if closes and tag in ("td", "th", "tr"):
            is_open = False
        elif tag == "tr":
            rows.append((line, []))
            is_open = False
        elif tag in ("td", "th") and not closes:
            if not rows:
                rows.append((line, []))
            rows[-1][1].append("")
            is_open = True
        elif tag == "br" and is_open:
            rows[-1][1][-1] += ", "
        line, read = line + mark[0].count("\n"), mark.end()
    if is_open:
        rows[-1][1][-1] += markup[read:]
    return [(line, [unescape(NO_CHARACTER.sub("&amp;", cell)) for cell in cells]) for line, cells in rows]


def _cells(markup: str) -> list[tuple[int, str, list[str]]]:
    return [(line, " | ".join(_tidy(cell) for cell in cells), cells) for line, cells in _rows(markup)]


def _columns(lines: list[str], delimiter: str) -> list[tuple[int, str, list[str]]]:
    """The cells of every line; a quoted cell may hold the delimiter and line breaks."""
    text = "\n".join(lines)
    quoting = csv.QUOTE_NONE if text.count('"') % 2 else csv.QUOTE_MINIMAL
    rows, before = [], 0
    try:
        reader = csv.reader(text.split("\n"), delimiter=delimiter, quoting=quoting)
        for cells in reader:
            rows.append((before + 1, "\n".join(lines[before : reader.line_num]), cells))
            before = reader.line_num
    except csv.Error:
        return [(number, line, line.split(delimiter)) for number, line in enumerate(lines, 1)]
    return rows


def _roles_of_header(cells: list[str]) -> dict[int, str]:
    """Column → what its heading says that it is."""
    found: dict[int, str] = {}
    for at, cell in enumerate(cells):
        name = _tidy(cell).strip('"').lower().rstrip(":")
        role = next((role for role, names in HEADERS.items() if name in names), None)
        if role and role not in found.values():
            found[at] = role
    return found


def _table(rows: list[tuple[int, str, list[str]]], *, positional: bool = False) -> list[PastedMatter]:
    """Rows of cells as matters: by the headings of the columns, else by what stands in them."""
    rows = [(line, raw, [_tidy(cell) for cell in cells]) for line, raw, cells in rows]
    rows = [row for row in rows if any(row[2]) and not all(RULE.fullmatch(cell) for cell in row[2] if cell)]
    if not rows:
        return []
    readable = [row for row in rows if len(row[1]) <= LONGEST]
    if not readable:
        return [_unread(line, raw) for line, raw, _ in rows]
    # A line of the list's own between the rows (a heading, a matter somebody typed) says nothing of the columns.
    alone = [row for row in readable if _is_alone(row[2])]
    in_columns = [row for row in readable if row not in alone]
    if not in_columns:
        alone, in_columns = [], readable
    first = in_columns[0]
    roles = _roles_of_header(first[2])
    if len(roles) > 1 or (len(roles) == 1 and len(first[2]) == 1):
        rows = [row for row in rows if row is not first]
    else:
        roles = _roles_by_content([cells for _, _, cells in in_columns], positional=positional)
    matters = []
    for row in rows:
        line, raw, cells = row
        if len(raw) > LONGEST:
            matters.append(_unread(line, raw))
        else:
            matters.append(_inline(line, raw, cells[0]) if row in alone else _row(line, raw, cells, roles))
    return matters


def _is_alone(cells: list[str]) -> bool:
    """Words in the first cell and nothing in the others."""
    return bool(cells[0]) and not any(cells[1:]) and not NUMBER.fullmatch(cells[0])


def _unread(line: int, raw: str) -> PastedMatter:
    """A row too long to be a matter: told by its number, its words kept."""
    return PastedMatter(line, raw, "", _tidy(raw), (), "", TOO_LONG)


def _roles_by_content(rows: list[list[str]], *, positional: bool) -> dict[int, str]:
    """Column → what its cells look like."""
    columns = {at: [row[at] for row in rows if at < len(row) and row[at]] for at in range(max(map(len, rows)))}
    roles: dict[int, str] = {}
    wordy = []
    for at, cells in columns.items():
        if not cells or all(DAY.fullmatch(cell) for cell in cells):
            continue
        if "number" not in roles.values() and all(NUMBER.fullmatch(cell) for cell in cells):
            roles[at] = "number"
        elif "references" not in roles.values() and sum(bool(ONLY_REFS.fullmatch(cell)) for cell in cells) * 2 >= len(cells):
            roles[at] = "references"
        else:
            wordy.append(at)
    if positional and "references" not in roles.values() and len(wordy) > 1:
        return roles | dict(zip(wordy, ("title", "references", "presenter"), strict=False))
    if "references" not in roles.values() and "number" not in roles.values():
        return roles | dict(zip(wordy, ("title", "presenter"), strict=False))
    # The title comes first, unless a later column is much wordier.
    length = {at: sum(map(len, columns[at])) / len(columns[at]) for at in wordy}
    title = max(wordy, key=lambda at: length[at] if at == wordy[0] or length[at] > 1.5 * length[wordy[0]] else 0, default=None)
    if title is not None and positional:
        title = wordy[0]
    others = [at for at in wordy if at != title]
    return roles | dict(zip([title, *others[:1]] if title is not None else [], ("title", "presenter"), strict=False))


def _row(line: int, raw: str, cells: list[str], roles: dict[int, str]) -> PastedMatter:
    by_role = {role: cells[at] for at, role in roles.items() if at < len(cells)}
    extra = [cell for at, cell in enumerate(cells) if cell and at not in roles and not DAY.fullmatch(cell)]
    matter = _inline(line, raw, by_role.get("title", ""))
    references, presenter = _references(by_role.get("references", "")), by_role.get("presenter", "")
    if references and not any(char.isdigit() for char in "".join(references)) and not presenter:
        references, presenter = [], by_role["references"]  # no registry number lacks a figure
    number = NUMBER.fullmatch(by_role.get("number", ""))
    problem = "Raden har fler kolumner än nummer, rubrik, diarienummer och föredragande." if extra else ""
    return matter._replace(
        number=number[1] if number else by_role.get("number", "") or matter.number,
        references=tuple(dict.fromkeys([*references, *matter.references])),
        presenter=PRESENTER.sub(r"\g<who>", presenter) or matter.presenter,
        problem=problem,
    )


def _references(cell: str) -> list[str]:
    """The registry numbers of a cell that holds nothing else, odd ones as they stand."""
    found = REF.findall(cell)
    rest = re.sub(rf"{LABEL}|[()\[\]]", " ", REF.sub(",", cell), flags=re.I)
    return [*map(_tidy, found), *(_tidy(part) for part in re.split(r"[,;\n]", rest) if _tidy(part) not in ("", "och", "&"))]


def _inline(line: int, raw: str, text: str) -> PastedMatter:
    """A matter in running text: its number, registry numbers and presenter taken out of the title."""
    text, number = _tidy(BULLET.sub("", text)), ""
    start = NUMBERED.match(text)
    if start and (not start["c"] or BARE.match(text)):
        number, text = start["a"] or start["b"] or start["c"], text[start.end() :]
    presenter = ""
    said = PRESENTER.search(text)
    if said and said.start() > 0:
        # "Föredragande: HR-chef, Dnr KS 2020/779": what follows is no part of the name.
        presenter, text = said["who"], text[: said.start()]
        text += "".join(f" {part[0]}" for part in BRACKETED.finditer(presenter)) or "".join(
            f" {part[0]}" for part in LOOSE.finditer(presenter)
        )
        presenter = LOOSE.sub("", BRACKETED.sub("", presenter)).strip(" ,;.–-")
    references: list[str] = []

    def take(match: re.Match) -> str:
        references.extend(REF.findall(match[1]))
        return " "

    text = LOOSE.sub(take, BRACKETED.sub(take, text))

    def take_odd(match: re.Match) -> str:
        if not any(char.isdigit() for char in match["odd"]):
            return match[0]
        references.append(match["odd"].strip(".,;:"))
        return " "

    text = ODD.sub(take_odd, text)
    title = re.sub(r"[(\[]\s*[)\]]", " ", text)
    title = re.sub(r"\s+([,.;:])", r"\1", _tidy(title)).strip(" ,;:–-|")
    return PastedMatter(line, raw, number, title, tuple(dict.fromkeys(map(_tidy, references))), presenter)


def _prose(lines: list[str]) -> list[PastedMatter]:
    """A list in lines: one matter on each, or each cell of a table on a line of its own."""
    matters: list[PastedMatter] = []
    by_cell = False  # the matter began with a number alone: its title, numbers and presenter follow on lines of their own
    gap = True
    for at, raw in enumerate(lines, 1):
        if len(raw.strip()) > LONGEST:
            matters.append(_unread(at, raw.strip()))
            by_cell, gap = False, True
            continue
        line = _tidy(BULLET.sub("", raw.strip()))
        if not line:
            gap = True
            continue
        last = matters[-1] if matters else None
        if last and (len(last.raw) + len(line) >= LONGEST or at - last.line >= MOST_LINES):  # no matter goes on for so long
            last, by_cell = None, False
        said = PRESENTER.fullmatch(line)
        if NUMBER.fullmatch(line):
            matters.append(PastedMatter(at, raw.strip(), NUMBER.fullmatch(line)[1], "", (), ""))
            by_cell = True
        elif last and ONLY_REFS.fullmatch(line):
            matters[-1] = last._replace(references=(*last.references, *map(_tidy, REF.findall(line))), raw=f"{last.raw} {line}")
        elif last and said and not last.presenter:
            matters[-1] = last._replace(presenter=said["who"], raw=f"{last.raw} {line}")
        elif last and by_cell and not (NUMBERED.match(line) and last.title):
            matters[-1] = _cell(last, line)
        elif last and not gap and last.title and line[0].islower():  # a long line that was broken
            whole = f"{last.raw} {line}"
            matters[-1] = _inline(last.line, whole, whole)
        else:
            matters.append(_inline(at, raw.strip(), line))
            by_cell = False
        gap = False
    return [matter if matter.title else matter._replace(problem="Rubriken saknas.") for matter in matters]


def _cell(matter: PastedMatter, line: str) -> PastedMatter:
    """The next cell of a matter whose cells came on lines of their own."""
    raw = f"{matter.raw} {line}"
    if not matter.title:
        whole = _inline(matter.line, raw, line)
        return whole._replace(number=matter.number, references=(*matter.references, *whole.references))
    if not matter.presenter:
        return matter._replace(presenter=line, raw=raw)
    return matter._replace(title=f"{matter.title} {line}", raw=raw)


def _headings(matters: Iterable[PastedMatter]) -> list[PastedMatter]:
    """A line with neither number nor registry number, among lines that are numbered, is likely a heading of the list."""
    rows = list(matters)
    if sum(bool(row.number) for row in rows) * 2 <= len(rows):
        return rows
    return [
        row if row.number or row.references or row.presenter or row.problem == TOO_LONG else row._replace(heading=True)
        for row in rows
    ]


def _tidy(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip()
