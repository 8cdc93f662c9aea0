"""The plain form: a small, lossless subset of Markdown. Anything that is not well-formed markup is plain words.

    blank line          new block; a single newline in a paragraph is kept as a line break
    ## and ###          heading of level 2 or 3
    - and 1.            list item; two spaces more nest it; an ordered list counts on from its first number (at most 999)
    | a | b |           table row; the first row is the header; a row of --- under it is dropped
    **bold**            exactly two asterisks, against a word
    [words](address)    http://, https:// or mailto:
    [Vision](party:12)  party chip;  [§ 7](paragraph:5) reference (paragraph, item, appendix, motion, claim)
    \\*                  a backslash before ASCII punctuation makes it plain

A text is canonical when `write(parse(text)) == text`. Escapes are written only where words would otherwise be read as markup.
"""

import re
import string

from .blocks import (
    REFERENCE_KINDS,
    Block,
    Heading,
    Inline,
    Item,
    Link,
    ListBlock,
    Paragraph,
    Party,
    Reference,
    Span,
    Strong,
    Table,
    Target,
    Words,
    inlines_of,
)

DEEPEST = 6  # levels of nested lists
MOST_COLUMNS = 50
MOST_CELLS = 10_000
LARGEST_START = 999

_HEADING = re.compile(r"(#{2,3})\s+(\S.*)$")
_ITEM = re.compile(r"(?:-|([1-9][0-9]{0,5})\.)(?:\s+(.*))?$")
_CELL = re.compile(r"((?:\\.|[^|\\])*+)\|")
_RULE = re.compile(r":?-{2,}:?$")

# A character of an address ends neither the link nor the cell; parentheses may be nested once, as in Wikipedia's.
_CHARACTER = r"""[^\s()\[\]<>"\\|`]"""
ADDRESS = re.compile(rf"(?:https?://|mailto:)(?:{_CHARACTER}|\({_CHARACTER}*+\))++")
_PUNCTUATION = re.escape(string.punctuation)
# A link's words hold no bare bracket and no space at the edges, so that the search from one "[" ends at the next bracket.
_SPECIAL = re.compile(
    rf"\\[{_PUNCTUATION}]|\*\*+"
    rf"|\[(?!\s)((?:\\.|[^\[\]\\])++)(?<!\s)\]"
    rf"\((?:(party|{'|'.join(REFERENCE_KINDS)}):([1-9][0-9]{{0,17}})|({ADDRESS.pattern}))\)",
    re.DOTALL,
)
_ESCAPE = re.compile(rf"\\([{_PUNCTUATION}])")
_ESCAPED = {"words": re.compile(r"[\\*\]]"), "label": re.compile(r"[\\*\[\]]")}


def parse(plain: str) -> tuple[Block, ...]:
    """The blocks of a plain form; never raises."""
    return _Reader(plain.split("\n")).read()


def canonical(plain: str) -> str:
    """The one way of writing what a clean text says."""
    return write(parse(plain))


class _Reader:
    """Goes through the lines once; an open paragraph, list or table is closed by the first line that does not belong."""

    def __init__(self, lines: list[str]):
        self.lines = lines
        self.blocks: list[Block] = []
        self.paragraph: list[str] = []
        self.rows: list[list[str]] = []
        self.row_lines: list[str] = []
        self.lists: list[_OpenList] = []  # from the outermost to the innermost

    def read(self) -> tuple[Block, ...]:
        for line in self.lines:
            content = line.strip()
            if not content:
                self.close()
            elif not (self.lists and self.in_list(content, len(line) - len(line.lstrip()))):
                self.outside_list(content)
        self.close()
        return tuple(self.blocks)

    def close(self, *, but: str = "") -> None:
        """Ends what is open, except the named kind."""
        if self.paragraph and but != "paragraph":
            self.blocks.append(Paragraph(read_inlines("\n".join(self.paragraph))))
            self.paragraph = []
        if self.rows and but != "table":
            self.blocks.append(self.table())
            self.rows, self.row_lines = [], []
        if self.lists and but != "list":
            self.blocks.append(self.lists[0].block())
            self.lists = []

    def outside_list(self, content: str) -> None:
        if row := cells_of(content):
            self.close(but="table")
            self.rows.append(row)
            self.row_lines.append(content)
        elif heading := _HEADING.match(content):
            self.close()
            self.blocks.append(Heading(len(heading[1]), read_inlines(heading[2])))
        elif starts_list(content):
            self.close()
            item = _ITEM.match(content)
            self.lists = [_OpenList(item[1])]
            self.lists[0].add(item[2] or "")
        else:
            self.close(but="paragraph")
            self.paragraph.append(content)

    def in_list(self, content: str, indent: int) -> bool:
        """Takes a line that belongs to the open list; says no when it does not."""
        item = _ITEM.match(content)
        if not item:
            if indent >= 2:
                self.lists[-1].items[-1][0].append(content)
            return indent >= 2
        depth = min(indent // 2, len(self.lists), DEEPEST - 1)
        if depth == len(self.lists):
            if not starts_list(content):
                self.lists[-1].items[-1][0].append(content)
                return True
            nested = _OpenList(item[1])
            self.lists[-1].items[-1][1] = nested
            self.lists.append(nested)
            nested.add(item[2] or "")
            return True
        here = self.lists[depth]
        if here.continues(item[1]):
            here.add(item[2] or "")
        elif depth:  # another kind of list has no room here: the marker stays, as words
            here.add(content)
        else:
            return False
        del self.lists[depth + 1 :]
        return True

    def table(self) -> Block:
        if len(self.rows) * max(map(len, self.rows)) > MOST_CELLS:
            return Paragraph(read_inlines("\n".join(self.row_lines)))
        rows = self.rows
        if len(rows) > 1 and all(_RULE.match(cell) for cell in rows[1]):
            rows = [rows[0], *rows[2:]]
        return Table(tuple(tuple(read_inlines(cell) for cell in row) for row in rows))


class _OpenList:
    """A list that is being read."""

    def __init__(self, number: str | None):
        self.start = int(number) if number else 1
        self.ordered = number is not None
        self.items: list[list] = []  # [lines, nested _OpenList or None]

    def add(self, words: str) -> None:
        self.items.append([[words] if words else [], None])

    def continues(self, number: str | None) -> bool:
        return int(number) == self.start + len(self.items) if self.ordered and number else not (self.ordered or number)

    def block(self) -> ListBlock:
        items = (Item(read_inlines("\n".join(lines)), nested.block() if nested else None) for lines, nested in self.items)
        return ListBlock(self.ordered, tuple(items), self.start)


def starts_list(content: str) -> bool:
    """Would this line begin a list?"""
    found = _ITEM.match(content)
    return bool(found) and int(found[1] or 1) <= LARGEST_START


def cells_of(content: str) -> list[str]:
    """The raw cells of a table row, or nothing when the line is no row."""
    cells: list[str] = []
    position = 1
    if len(content) < 2 or content[0] != "|" or content[-1] != "|":
        return cells
    while position < len(content):
        cell = _CELL.match(content, position)
        if not cell or len(cells) == MOST_COLUMNS:
            return []
        cells.append(cell[1].strip())
        position = cell.end()
    return cells


def read_inlines(source: str) -> tuple[Inline, ...]:
    """Words, bold, links, chips and references of one block's text."""
    return inlines_of(_spans(source))


def _spans(source: str) -> list[Span]:
    spans: list[Span] = []
    pending: list[str] = []  # read, but not yet a span
    opened: int | None = None  # the span that holds the asterisks which may begin a bold run
    position = 0

    def close_words() -> None:
        if pending:
            spans.append(Span("".join(pending)))
            pending.clear()

    while special := _SPECIAL.search(source, position):
        pending.append(source[position : special.start()])
        position = special.end()
        mark = special.group()
        if mark[0] == "\\":
            pending.append(mark[1])
        elif mark[0] == "[":
            label = _label(*special.groups())
            if label:
                close_words()
                spans += label
            else:
                pending.append("[")
                position = special.start() + 1
        elif mark != "**":
            pending.append(mark)
        elif opened is not None and not source[special.start() - 1].isspace():
            close_words()
            spans[opened:] = [span._replace(strong=True) for span in spans[opened + 1 :]]
            opened = None
        elif opened is None and not source[position : position + 1].isspace() and position < len(source):
            close_words()
            opened = len(spans)
            spans.append(Span("**"))
        else:
            pending.append("**")
    pending.append(source[position:])
    close_words()
    return spans


def _label(label: str, kind: str | None, id: str | None, address: str | None) -> list[Span]:
    """The spans of a link's words, or nothing when they cannot be the words of a chip."""
    if address:
        target = Target("link", address)
        return [span._replace(target=target) for span in _spans(label)]
    words = _ESCAPE.sub(r"\1", label)
    return [Span(words, target=Target(kind, int(id)))] if "\n" not in words else []


def write(blocks: tuple[Block, ...]) -> str:
    """The canonical plain form of blocks."""
    return "\n\n".join(filter(None, map(_write_block, blocks)))


def _write_block(block: Block) -> str:
    match block:
        case Paragraph(inlines):
            return "\n".join(_written_lines(inlines))
        case Heading(level, inlines):
            title = " ".join(_written_lines(inlines, escape_from=None))
            return f"{'#' * level} {title}" if title else ""
        case ListBlock():
            return "\n".join(_list_lines(block, 0))
        case Table(rows):
            return "\n".join(_row(row, index) for index, row in enumerate(rows))


def _list_lines(block: ListBlock, depth: int) -> list[str]:
    lines = []
    for number, item in enumerate(block.items, block.start):
        first, *more = _written_lines(item.inlines, escape_from=1) or [""]
        lines.append(f"{'  ' * depth}{f'{number}.' if block.ordered else '-'} {first}".rstrip())
        lines += ["  " * (depth + 1) + line for line in more]
        if item.nested:
            lines += _list_lines(item.nested, depth + 1)
    return lines


def _row(row: tuple[tuple[Inline, ...], ...], index: int) -> str:
    cells = [" ".join(_written_lines(cell, escape_from=None, in_cell=True)) for cell in row]
    if index == 1 and all(_RULE.match(cell) for cell in cells):
        cells[0] = "\\" + cells[0]
    return f"| {' | '.join(cells)} |"


def _written_lines(inlines: tuple[Inline, ...], *, escape_from: int | None = 0, in_cell: bool = False) -> list[str]:
    """Lines of written inlines; from `escape_from` on, a line that looks like the start of a block gets a backslash."""
    lines = [line for line in map(str.strip, write_inlines(inlines, in_cell=in_cell).split("\n")) if line]
    if escape_from is None:
        return lines
    return lines[:escape_from] + [_escape_start(line, in_item=escape_from > 0) for line in lines[escape_from:]]


def _escape_start(line: str, *, in_item: bool) -> str:
    found = _ITEM.match(line)
    if found and (in_item or starts_list(line)):
        return line.replace(".", "\\.", 1) if found[1] else "\\" + line
    if not in_item and (_HEADING.match(line) or cells_of(line)):
        return "\\" + line
    return line


def write_inlines(inlines: tuple[Inline, ...], *, in_cell: bool = False) -> str:
    """Inlines as written, with a backslash only where words would be read as markup."""
    pieces: list[tuple[str, str]] = []
    _collect(inlines, pieces, "words")
    raw = "".join(text for text, _ in pieces)
    out, offset = [], 0
    for text, role in pieces:
        if role != "markup":
            text_out = _ESCAPED[role].sub(lambda m, o=offset, r=role: _escaped(raw, o + m.start(), r), text)
            out.append(text_out.replace("|", "\\|") if in_cell else text_out)
        else:
            out.append(text)
        offset += len(text)
    return "".join(out)


def _collect(inlines: tuple[Inline, ...], pieces: list[tuple[str, str]], role: str) -> None:
    for inline in inlines:
        match inline:
            case Words(text):
                pieces.append((text, role))
            case Strong(children):
                pieces.append(("**", "markup"))
                _collect(children, pieces, role)
                pieces.append(("**", "markup"))
            case Link(children, address):
                pieces.append(("[", "markup"))
                _collect(children, pieces, "label")
                pieces.append((f"]({address})", "markup"))
            case Party(words, id):
                pieces += [("[", "markup"), (words, "label"), (f"](party:{id})", "markup")]
            case Reference(words, kind, id):
                pieces += [("[", "markup"), (words, "label"), (f"]({kind}:{id})", "markup")]


def _escaped(raw: str, at: int, role: str) -> str:
    character, before, after = raw[at], raw[at - 1 : at], raw[at + 1 : at + 2]
    if character == "\\":
        needed = bool(after) and after in string.punctuation
    elif character == "*":
        needed = "*" in (before, after)
    else:
        needed = role == "label" or after == "("
    return "\\" + character if needed else character
