"""HTML from the rich editor, or straight from a clipboard, as plain form. Unknown tags go, their words stay.

This side decides what a text may hold and stores it, whoever sent it. What the editor would lose on the way here (lists and bold
that are only styles, tracked changes) static/js/paste.js says in tags first. The characters of a paste are cleaned there alone,
because here nobody can tell a soft hyphen that was typed from one that was pasted.
"""

import re
from collections import Counter
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import quote

import nh3

from .blocks import REFERENCE_KINDS, Block, Heading, Item, ListBlock, Paragraph, Span, Table, Target, inlines_of
from .cleaning import MOST_MARKED, TextError, clean, demand_lines
from .plain import ADDRESS, DEEPEST, LARGEST_START, MOST_CELLS, MOST_COLUMNS, canonical, write

LONGEST_HTML = 1_500_000
MOST_MARKS = 40_000  # of "<", and of "&"
MOST_TAGS = 15_000  # that are built of: in each line an item, its paragraph and words in bold
DEEPEST_HTML = 500
MOST_REPEATED = 400_000  # how many tags are open for formatting × how many tags

_HEADINGS = {"h1": 2, "h2": 2, "h3": 3, "h4": 3, "h5": 3, "h6": 3}
_BLOCKS = {
    *("p", "div", "blockquote", "pre", "section", "article", "dl", "dt", "dd", "caption", "hr", "address", *_HEADINGS),
    *(
        "header",
        "footer",
        "main",
        "nav",
        "aside",
        "figure",
        "figcaption",
        "center",
        "form",
        "fieldset",
        "legend",
        "details",
        "summary",
    ),
}
_TABLE_PARTS = {"table", "thead", "tbody", "tfoot", "tr", "td", "th"}
_BOLD = {"b", "strong"}
_TAGS = _BLOCKS | _BOLD | {"ul", "ol", "li", "a", "span", "br", *_TABLE_PARTS}
_DROPPED = {
    *("script", "style", "title", "template", "iframe", "noscript", "noembed", "noframes", "object", "svg", "math", "xml"),
    "del",  # what a tracked change took away
}
# Only what is named here survives; style and class are read for what Word and Google say with them, and never kept.
_ATTRIBUTES = {
    "*": {"class", "style"},
    "a": {"href"},
    "ol": {"start"},
    "li": {"data-aria-level"},
    "p": {"role", "aria-level"},
    "span": {"data-party", "data-ref"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_SCHEMES = {"http", "https", "mailto"}

_TOO_MUCH = "Texten är för stor. Dela upp den eller lägg den som bilaga."

# A comment, or a tag with its attributes, as a browser takes them apart; each goes on to its end or to that of the text.
_TOKEN = re.compile(
    r"""<!(?=--)(?:.*?--!?>|.*)
    |<(?:[!?]|/[^a-z>])[^>]*+>?
    |<(?P<closes>/?)(?P<name>[a-z][^ \t\n\r\f/>]*+)
        (?:[ \t\n\r\f/]
        |[^ \t\n\r\f/>][^ \t\n\r\f/>=]*+
            (?:[ \t\n\r\f]*+=[ \t\n\r\f]*+(?:"[^"]*+"?|'[^']*+'?|[^ \t\n\r\f>"'][^ \t\n\r\f>]*+)?+)?+
        )*+>?
    |<""",
    re.I | re.S | re.X,
)
# What a browser reads by other rules than a text: to its end, unread. The words of the others are words.
_UNREAD = {"script", "style", "title", "iframe", "noembed", "noframes", "svg", "math"}
_AS_WORDS = {"textarea", "xmp", "plaintext", "listing"}
_FORMATTING = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
_OPENED = re.compile(r"<([a-z][a-z0-9]*)")
_SAFE_TAG = re.compile(r"<[^<>]*>")
_ENTITY = re.compile(r"&[^;&<>]{1,8};")
# These close each other, so they do not pile up.
_UNCOUNTED = {"p", "li", "dt", "dd", "br", "hr", "img", "col", "meta", "link", "input", *(_TABLE_PARTS - {"table"})}

# The sanitiser looks for the next no-break space from every character that is written with the same first byte (§, », the soft
# hyphen), which takes quadratic time. So these are lent the places of characters that do not exist; those are still refused.
_LENT = {0xA0 + n: 0xFDD0 + n for n in range(32)}
_TO_SANITISER = str.maketrans(_LENT | dict.fromkeys(_LENT.values(), 0xFFFE) | dict.fromkeys(range(0x80, 0xA0), 0x7F))
_FROM_SANITISER = str.maketrans({lent: own for own, lent in _LENT.items()})

_SPACE = re.compile(r"[ \t\n\r\f]+")
_DRAWN_AS_NOTHING = str.maketrans("", "", "\u200b\u2060\ufeff")  # Teams and Outlook paste these; nobody can see or remove them
# Comments in the margin and what the program itself does not show.
_LEFT_OUT = re.compile(r"mso-element:\s*comment|mso-special-character:\s*comment|mso-hide:\s*all|display:\s*none")
_LEFT_OUT_CLASS = re.compile(r"(?:^|[\s_])(?:msocom|msoDel\b|MsoCommentReference)")
_TITLE_CLASS = re.compile(r"(?:^|[\s_])Mso(?:(Title\b)|Subtitle\b|Heading[1-9])")
_LIST_CLASS = re.compile(r"(?:^|[\s_])MsoListParagraph")
_LIST_LEVEL = re.compile(r"mso-list:[^;]{0,40}level([1-9])")
_MARGIN = re.compile(r"margin(?:-left)?:(?:[^;]{0,80}\s)?([0-9]{1,4}(?:\.[0-9]{1,9})?)(pt|in|cm|px)\s{0,4}(?:;|$)")
_STEP = {"pt": 36.0, "in": 0.5, "cm": 1.27, "px": 48.0}  # how far Word moves each level of a list to the right
# Where Word's marker is not set apart: letters that are bullets in another font count only before the no-break space put there.
_MARKER = re.compile("([·•▪●◦‣*–—\uf020-\uf0ff-]|[§oØüv✓](?=\u00a0)|(?:[0-9]{1,3}|[a-zA-Z]|[ivxIVX]{2,5})[.)])[ \u00a0]+")
_NUMBERED = re.compile(r"\(?(?:[0-9]+\.)*(?:([0-9]{1,3})|([a-z])|([ivxl]{1,7}))[.):]?\)?", re.IGNORECASE)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
_WINGDINGS = re.compile(r"font-family:\s{0,4}[\"']?wingdings", re.IGNORECASE)
_DRAWN = str.maketrans("àßèJLü", "→←→☺☹✓")  # what Word's arrows and Outlook's smileys are letters of
_WEIGHT = re.compile(r"(?<![\w-])font-weight:\s{0,4}(\w{1,8})")
_TARGET = re.compile(rf"({'|'.join(REFERENCE_KINDS)}):([1-9][0-9]{{0,17}})")
_ID = re.compile(r"[1-9][0-9]{0,17}")


def from_html(html: str) -> str:
    """The canonical plain form of HTML; raises TextError for what must not be stored."""
    return clean(canonical(clean(plain_of(html))))


def plain_of(html: str) -> str:
    """The plain form of HTML as typed, not yet cleaned; raises TextError only for HTML that is too much to read."""
    safe = _sanitised(html)
    demand_lines(_outline(safe))
    tags = Counter(_OPENED.findall(safe))
    if sum(tags.values()) > MOST_TAGS or tags["a"] + tags["b"] + tags["strong"] > MOST_MARKED:
        raise TextError(_TOO_MUCH)
    builder = _Builder()
    builder.feed(safe)
    builder.close()
    return "\n\n".join(builder.written())


def outlines_of(htmls: Sequence[str]) -> list[str]:
    """For each a text with about as many characters, lines and bars as it will have, to count; nothing is built.

    Raises TextError for HTML that together is more than one text may be.
    """
    marks, ampersands = (sum(html.count(mark) for html in htmls) for mark in "<&")
    if sum(map(len, htmls)) > LONGEST_HTML or max(marks, ampersands) > MOST_MARKS:
        raise TextError("Allt tillsammans är för stort. Dela upp det, eller lägg en del i en fil.")
    return [_outline(_sanitised(html)) for html in htmls]


def _sanitised(html: str) -> str:
    """The tags that we know, each of them closed, and the words; raises TextError for what is too much."""
    if len(html) > LONGEST_HTML or html.count("<") > MOST_MARKS or html.count("&") > MOST_MARKS:
        raise TextError(_TOO_MUCH)
    safe = nh3.clean(
        _counted(html).translate(_TO_SANITISER),
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    return safe.translate(_FROM_SANITISER).translate(_DRAWN_AS_NOTHING)


def _counted(html: str) -> str:
    """The tags and words of HTML, without all that could hide a tag; raises TextError for a tree that takes long to make.

    Depth is counted generously. A deep tree costs the sanitiser quadratic time, and formatting that is open goes on in every
    paragraph after it, written there once more.
    """
    out: list[str] = []
    open_tags: list[str] = []
    deepest, formatting, most, tags, read = 0, 0, 0, 0, 0
    while token := _TOKEN.search(html, read):
        out.append(html[read : token.start()])
        read, name = token.end(), (token["name"] or "").lower()
        if name in _UNREAD and not token["closes"]:
            end = re.compile(f"</{name}", re.I).search(html, read)
            read = end.start() if end else len(html)
        if not name or name in _UNREAD or name in _AS_WORDS:
            out.append("&lt;" if token[0] == "<" else "")
            continue
        out.append(token[0] if token[0].endswith(">") else "")
        tags += 1
        if name in _UNCOUNTED:
            continue
        if not token["closes"]:
            open_tags.append(name)
            formatting += name in _FORMATTING
            deepest, most = max(deepest, len(open_tags)), max(most, formatting)
        elif open_tags and open_tags[-1] == name:
            open_tags.pop()
            formatting -= name in _FORMATTING
    if deepest > DEEPEST_HTML or most * tags > MOST_REPEATED:
        raise TextError(_TOO_MUCH)
    return "".join([*out, html[read:]])


def _outline(safe: str) -> str:
    """The words, with a line or a bar for each that the tags will make at least."""
    tags = Counter(_OPENED.findall(safe))
    cells = tags["td"] + tags["th"]
    # In an item or a cell a paragraph makes no line of its own.
    blocks = sum(tags[name] for name in _BLOCKS) - tags["li"] - cells
    lines = tags["li"] + tags["tr"] + tags["br"] + max(blocks, 0)
    return _ENTITY.sub("x", _SAFE_TAG.sub("", safe)).replace("\n", " ") + "\n" * max(lines - 1, 0) + "|" * cells


def address_of(href: str) -> str | None:
    """An address as the plain form can hold it, or nothing when it is not http, https or mailto."""
    scheme, colon, rest = href.strip().partition(":")
    address = f"{scheme.lower()}{colon}{rest}"
    if not ADDRESS.fullmatch(address):
        # Everything but what the plain form or a sentence could trip on is left as it was.
        address = re.sub(r"""[\s()\[\]<>"\\|`]""", lambda found: quote(found.group(), safe=""), address)
    return address if ADDRESS.fullmatch(address) else None


class _Open(NamedTuple):
    """What an open tag, with all around it, means for the words in it."""

    bold: bool = False
    target: Target | None = None
    left_out: bool = False
    marker: bool = False  # the number or bullet that Word wrote before an item
    pre: bool = False
    wingdings: bool = False


class _Cell:
    def __init__(self, given: dict[str, str]):
        self.spans: list[Span] = []
        self.across, self.down = _count(given.get("colspan", "")), _count(given.get("rowspan", ""))


class _Builder(HTMLParser):
    """Builds blocks from what nh3 let through: every tag that it opens is closed, in order."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block | dict] = []  # a dict is a list that is still made of single paragraphs
        self.spans: list[Span] = []
        self.line_has_words = False
        self.open: list[_Open] = [_Open()]
        self.heading = 0
        self.marker = ""
        self.level: int | None = None  # of the paragraph that Word calls a list item; 0 when Word does not say
        self.lists: list[dict] = []
        self.tables = 0  # how many open
        self.rows: list[list[_Cell]] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.line_break()
            return
        if tag == "hr":
            self.flush()
            return
        given = {name: value or "" for name, value in attributes}
        opened = self.opened(tag, given)
        self.open.append(opened)
        if opened.left_out:
            return
        if tag in ("ul", "ol"):
            self.flush()
            self.open_list(tag == "ol", given.get("start", ""))
        elif tag == "li":
            self.flush()
            if self.lists:
                self.lists[-1]["level"] = self.lists[-1]["level"] or _count(given.get("data-aria-level", ""), none=0)
                self.lists[-1]["items"].append({"lines": [], "nested": None})
        elif tag == "table":
            self.flush()
            self.tables += 1
            if self.tables == 1 and not self.lists:
                self.rows = []
        elif tag == "tr":
            self.flush()
            if self.rows is not None and self.tables == 1:
                self.rows.append([])
        elif tag in ("td", "th"):
            self.flush()
            if self.rows is not None and self.tables == 1:
                self.rows.append([]) if not self.rows else None
                self.rows[-1].append(_Cell(given))
        elif tag in _BLOCKS:
            self.flush()
            self.open_block(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("br", "hr"):
            return
        if self.open.pop().left_out:
            return
        if tag in ("ul", "ol"):
            self.flush()
            self.close_list()
        elif tag == "table":
            self.flush()
            self.tables -= 1
            if not self.tables and self.rows is not None:
                rows, self.rows = self.rows, None
                self.add_table(rows)
        elif tag in _BLOCKS or tag in ("li", "tr", "td", "th"):
            self.flush()
            self.heading, self.level, self.marker = 0, None, ""

    def opened(self, tag: str, given: dict[str, str]) -> _Open:
        """What this tag adds to those around it."""
        around, style = self.open[-1], given.get("style", "")
        target = around.target  # the outermost link, chip or reference holds: there are no links in links
        if tag == "a" and not target and (address := address_of(given.get("href", ""))):
            target = Target("link", address)
        elif tag == "span" and not target and _ID.fullmatch(given.get("data-party", "")):
            target = Target("party", int(given["data-party"]))
        elif tag == "span" and not target and (reference := _TARGET.fullmatch(given.get("data-ref", ""))):
            target = Target(reference[1], int(reference[2]))
        return _Open(
            bold=False if tag in _HEADINGS or tag == "th" else _bold(tag, style, around.bold),
            target=target,
            left_out=around.left_out or bool(_LEFT_OUT.search(style) or _LEFT_OUT_CLASS.search(given.get("class", ""))),
            marker=around.marker or "mso-list:Ignore" in style,
            pre=around.pre or tag == "pre",
            wingdings=around.wingdings or bool(_WINGDINGS.search(style)),
        )

    def open_block(self, tag: str, given: dict[str, str]) -> None:
        style, names = given.get("style", ""), given.get("class", "")
        self.heading, self.level, self.marker = _HEADINGS.get(tag, 0), None, ""
        if tag == "p" and given.get("role") == "heading":
            self.heading = 2 if given.get("aria-level") in ("1", "2") else 3
        elif tag == "p" and (title := _TITLE_CLASS.search(names)):
            self.heading = 2 if title[1] else 3
        elif tag == "p":
            level = _LIST_LEVEL.search(style)
            if level or _LIST_CLASS.search(names):
                self.level = int(level[1]) if level else 0
                self.style = style

    def handle_data(self, data: str) -> None:
        here = self.open[-1]
        if here.left_out:
            return
        if here.marker:
            self.marker += data
            return
        if here.pre:
            first, *more = data.split("\n")
            self.add_words(first)
            for line in more:
                self.line_break()
                self.add_words(line)
            return
        self.add_words(_SPACE.sub(lambda space: " " if space.group().strip(" ") else space.group(), data))

    def add_words(self, words: str) -> None:
        here = self.open[-1]
        if not words.strip() and not self.line_has_words:
            return
        self.line_has_words = self.line_has_words or bool(words.strip())
        self.spans.append(Span(words.translate(_DRAWN) if here.wingdings else words, here.bold, here.target))

    def line_break(self) -> None:
        """A line break; a second one in a row ends the paragraph."""
        if self.open[-1].left_out:
            return
        if self.line_has_words:
            self.spans.append(Span("\n", self.open[-1].bold, self.open[-1].target))
            self.line_has_words = False
        elif not self.lists and self.rows is None:
            self.flush()

    def open_list(self, ordered: bool, start: str) -> None:
        first = int(start) if re.fullmatch(r"[1-9][0-9]{0,2}", start) else 1
        self.lists.append({"ordered": ordered, "start": min(first, LARGEST_START) if ordered else 1, "level": 0, "items": []})

    def close_list(self) -> None:
        """Hands a finished list to the item it stands in, or to the text."""
        if not self.lists:
            return
        done = self.lists.pop()
        if not done["items"]:
            return
        if not self.lists:
            self.add_list(done)
            return
        items = self.lists[-1]["items"]
        if not items:
            items.append({"lines": [], "nested": None})
        if items[-1]["nested"]:
            items[-1]["nested"]["items"] += done["items"]
        else:
            items[-1]["nested"] = done

    def add_list(self, done: dict) -> None:
        if self.rows is not None:  # a list in a table cell: its words
            for line in _lines_of(done):
                self.add_to_cell(line)
            return
        if not done["level"]:
            self.blocks.append(_list_block(done, 1))
            return
        for number, item in enumerate(done["items"], done["start"]):  # Word on the web writes every item as a list of its own
            self.join_list(done["level"], (number,) if done["ordered"] else (), item)

    def flush(self) -> None:
        """Gives the words so far to the cell, item, heading or paragraph they stand in."""
        spans, self.spans = self.spans, []
        marker, self.marker = self.marker.strip(), ""
        self.line_has_words = False
        if not "".join(span.text for span in spans).strip():
            return
        if self.lists:
            items = self.lists[-1]["items"]
            if not items or items[-1]["nested"]:  # words after a nested list: an item of their own, so that the order stays
                items.append({"lines": [], "nested": None})
            lines = items[-1]["lines"]
            if lines:
                lines.append(Span("\n"))
            lines += spans
        elif self.rows:
            self.add_to_cell(spans)
        elif self.heading:
            self.blocks.append(Heading(self.heading, inlines_of([Span(f"{marker} "), *spans] if marker else spans)))
        elif self.level is not None and self.add_list_paragraph(marker, spans):
            pass
        else:
            self.blocks.append(Paragraph(inlines_of(spans)))

    def add_to_cell(self, spans: list[Span]) -> None:
        if not self.rows:
            self.rows.append([])
        if not self.rows[-1]:
            self.rows[-1].append(_Cell({}))
        here = self.rows[-1][-1].spans
        if here:
            here.append(Span(" "))
        here += spans

    def add_table(self, rows: list[list[_Cell]]) -> None:
        if cells := [row for row in _squared(rows) if row]:
            self.blocks.append(Table(tuple(tuple(inlines_of(cell) for cell in row) for row in cells)))

    def add_list_paragraph(self, marker: str, spans: list[Span]) -> bool:
        """Puts a paragraph that Word calls a list item into its list; says no when it is none."""
        level, self.level = self.level, -1  # a further line of this paragraph goes on with the item
        if not marker and level >= 0 and (typed := _MARKER.match("".join(span.text for span in spans).lstrip())):
            marker = typed[1]
            spans = _without_first(spans, typed.end())
        if level > 0 or marker:
            self.join_list(level or _level_by_margin(self.style), _numbers(marker), {"lines": spans, "nested": None})
            return True
        last = self.blocks[-1] if self.blocks else None
        if not isinstance(last, dict):
            return False
        while last["items"][-1]["nested"]:
            last = last["items"][-1]["nested"]
        last["items"][-1]["lines"] += [Span("\n"), *spans]
        return True

    def join_list(self, level: int, numbers: tuple[int, ...], item: dict) -> None:
        """Puts an item where its level says, into the list that the text ends with or into a new one.

        `numbers` is what its marker may mean ("i" is 9 or 1), nothing for a bullet.
        """
        done = {
            "level": level,
            "ordered": bool(numbers),
            "start": min((*numbers, LARGEST_START)[0], LARGEST_START),
            "items": [item],
        }
        if not numbers:
            done["start"] = 1
        root = here = self.blocks[-1] if self.blocks and isinstance(self.blocks[-1], dict) else None
        if not root:
            self.blocks.append(done)
            return
        nested = here["items"][-1]["nested"]
        while nested and nested["level"] <= level:
            here, nested = nested, nested["items"][-1]["nested"]
        if here["level"] < level and not nested:
            here["items"][-1]["nested"] = done
        elif here["level"] < level:
            nested["items"].append(item)
        elif here is root and (
            root["ordered"] != bool(numbers) or (numbers and root["start"] + len(root["items"]) not in numbers)
        ):
            self.blocks.append(done)
        else:
            here["items"].append(item)

    def close(self) -> None:
        super().close()
        self.flush()
        while self.lists:
            self.close_list()
        if self.rows is not None:
            rows, self.rows = self.rows, None
            self.add_table(rows)

    def written(self) -> list[str]:
        """The plain form of each block."""
        return [write((_list_block(block, 1) if isinstance(block, dict) else block,)) for block in self.blocks]


def _count(number: str, *, none: int = 1) -> int:
    return int(number) if re.fullmatch(r"[1-9][0-9]{0,2}", number) else none


def _bold(tag: str, style: str, around: bool) -> bool:
    """Are the words of this tag bold? A weight says so, and Google writes <b style="font-weight:normal">."""
    weight = _WEIGHT.search(style)
    if not weight:
        return around or tag in _BOLD
    if weight[1] == "inherit":
        return around
    return weight[1] in ("bold", "bolder") or (weight[1].isdecimal() and int(weight[1]) >= 600)


def _level_by_margin(style: str) -> int:
    found = _MARGIN.search(style)
    return min(max(round(float(found[1]) / _STEP[found[2]]), 1), DEEPEST) if found else 1


def _numbers(marker: str) -> tuple[int, ...]:
    """What numbers a marker may mean, the likeliest first: 3 for "3." or "2.3", 3 for "c)", 4 for "iv."; nothing for a bullet."""
    numbered = _NUMBERED.fullmatch(marker)
    if not numbered or (len(marker) == 1 and not numbered[1]):  # "o" alone is a bullet
        return ()
    if numbered[1]:
        return (int(numbered[1]),)
    letters = (numbered[2] or numbered[3]).lower()
    values = [_ROMAN[letter] for letter in letters if letter in _ROMAN]
    roman = 0
    if len(values) == len(letters):
        roman = sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))
    letter = ord(letters) - ord("a") + 1 if len(letters) == 1 else 0
    return tuple(filter(None, (roman, letter) if letters == "i" else (letter, roman)))


def _squared(rows: list[list[_Cell]]) -> list[list[list[Span]]]:
    """The rows with empty cells where a merged cell reached, so that every word stays in its column."""
    wanted = sum(cell.across * cell.down for row in rows for cell in row)
    if wanted > MOST_CELLS or any(sum(cell.across for cell in row) > MOST_COLUMNS for row in rows):
        return [[cell.spans for cell in row] for row in rows]
    out: list[list[list[Span]]] = []
    reached: dict[int, int] = {}  # column → how many rows more
    for row in rows:
        line: list[list[Span]] = []
        for cell in [*row, None]:
            while reached.get(len(line)):
                reached[len(line)] -= 1
                line.append([])
            if cell:
                reached |= dict.fromkeys(range(len(line), len(line) + cell.across), cell.down - 1)
                line += [cell.spans, *([] for _ in range(cell.across - 1))]
        out.append(line)
    return out


def _list_block(done: dict, depth: int) -> ListBlock:
    """A list as a block; what is nested too deep is lifted to the deepest level that there is."""
    items: list[Item] = []
    for item in done["items"]:
        nested = item["nested"]
        if nested and depth >= DEEPEST:
            items.append(Item(inlines_of(item["lines"])))
            items += [Item(inlines_of(line)) for line in _lines_of(nested)]
        else:
            items.append(Item(inlines_of(item["lines"]), _list_block(nested, depth + 1) if nested else None))
    return ListBlock(done["ordered"], tuple(items), done["start"])


def _lines_of(done: dict) -> list[list[Span]]:
    """The words of every item, nested ones too, in order."""
    out, waiting = [], [done]
    while waiting:
        here = waiting.pop()
        if "items" in here:
            waiting += reversed(here["items"])
            continue
        if here["lines"]:
            out.append(here["lines"])
        if here["nested"]:
            waiting.append(here["nested"])
    return out


def _without_first(spans: list[Span], many: int) -> list[Span]:
    """The spans without leading space and then without so many characters."""
    out: list[Span] = []
    started = False
    for span in spans:
        text = span.text if started else span.text.lstrip()
        started = started or bool(text)
        cut = min(many, len(text))
        many -= cut
        out.append(span._replace(text=text[cut:]))
    return out
