"""HTML from the rich editor, or pasted from Word, as plain form. Unknown tags go, their words stay."""

import re
from html.parser import HTMLParser
from urllib.parse import quote

import nh3

from .blocks import REFERENCE_KINDS, Block, Heading, Item, ListBlock, Paragraph, Span, Table, Target, inlines_of
from .cleaning import TextError, clean
from .plain import ADDRESS, DEEPEST, LARGEST_START, canonical, write

LONGEST_HTML = 1_500_000
MOST_MARKS = 40_000  # of "<", and of "&"
DEEPEST_HTML = 500

_HEADINGS = {"h1": 2, "h2": 2, "h3": 3, "h4": 3, "h5": 3, "h6": 3}
_BLOCKS = {"p", "div", "blockquote", "pre", "section", "article", "dl", "dt", "dd", "caption", "hr", "address", *_HEADINGS}
_TABLE_PARTS = {"table", "thead", "tbody", "tfoot", "tr", "td", "th"}
_BOLD = {"b", "strong"}
_TAGS = _BLOCKS | _BOLD | {"ul", "ol", "li", "a", "span", "br", *_TABLE_PARTS}
_DROPPED = {"script", "style", "title", "template", "iframe", "noscript", "noembed", "noframes", "object", "svg", "math", "xml"}
# Only what is named here survives; style and class are read for what Word and Google say with them, and never kept.
_ATTRIBUTES = {
    "*": set(),
    "a": {"href"},
    "ol": {"start"},
    "p": {"class", "style"},
    "span": {"data-party", "data-ref", "style"},
    "b": {"style"},
    "strong": {"style"},
}
_SCHEMES = {"http", "https", "mailto"}

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)")
_COMMENT_END = re.compile("--!?>")
# These close each other, so they do not pile up.
_UNCOUNTED = {"p", "li", "dt", "dd", "br", "hr", "img", "col", "meta", "link", "input", *(_TABLE_PARTS - {"table"})}

_SPACE = re.compile(r"[ \t\n\r\f]+")
_DRAWN_AS_NOTHING = str.maketrans("", "", "\u200b\u2060\ufeff")  # Teams and Outlook paste these; nobody can see or remove them
# Word's bullets; those that are letters in another font count only before the no-break space that Word puts there.
_WORD_BULLET = re.compile("(?:[·•▪●◦‣*–—-]|[\uf020-\uf0ff]|[§oØüv](?=\u00a0))[ \u00a0]+")
_WORD_NUMBER = re.compile("([1-9][0-9]{0,2})[.)][ \u00a0]+")
_WORD_LEVEL = re.compile(r"mso-list:[^;]{0,40}level([1-9])")
_WEIGHT = re.compile(r"font-weight:\s{0,4}(\w{1,8})")
_TARGET = re.compile(rf"({'|'.join(REFERENCE_KINDS)}):([1-9][0-9]{{0,17}})")
_ID = re.compile(r"[1-9][0-9]{0,17}")


def from_html(html: str) -> str:
    """The canonical plain form of HTML; raises TextError for what must not be stored."""
    return clean(canonical(clean(plain_of(html))))


def plain_of(html: str) -> str:
    """The plain form of HTML as typed, not yet cleaned; raises TextError only for HTML that is too much to read."""
    if len(html) > LONGEST_HTML or html.count("<") > MOST_MARKS or html.count("&") > MOST_MARKS or _depth(html) > DEEPEST_HTML:
        raise TextError("Texten är för stor. Dela upp den eller lägg den som bilaga.")
    safe = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    builder = _Builder()
    builder.feed(safe.translate(_DRAWN_AS_NOTHING))
    builder.close()
    return "\n\n".join(builder.written())


def _depth(html: str) -> int:
    """How deep tags are nested at most, counted generously: a deep tree costs the sanitiser quadratic time."""
    deepest, open_tags, position = 0, [], 0
    while position < len(html):
        comment = html.find("<!--", position)
        end = comment if comment >= 0 else len(html)
        for found in _TAG.finditer(html, position, end):
            name = found[2].lower()
            if name in _UNCOUNTED:
                continue
            if not found[1]:
                open_tags.append(name)
                deepest = max(deepest, len(open_tags))
            elif open_tags and open_tags[-1] == name:
                open_tags.pop()
        closing = _COMMENT_END.search(html, end + 2)
        position = closing.end() if closing else len(html)
    return deepest


def address_of(href: str) -> str | None:
    """An address as the plain form can hold it, or nothing when it is not http, https or mailto."""
    scheme, colon, rest = href.strip().partition(":")
    address = f"{scheme.lower()}{colon}{rest}"
    if not ADDRESS.fullmatch(address):
        # Everything but what the plain form or a sentence could trip on is left as it was.
        address = re.sub(r"""[\s()\[\]<>"\\|`]""", lambda found: quote(found.group(), safe=""), address)
    return address if ADDRESS.fullmatch(address) else None


class _Builder(HTMLParser):
    """Builds blocks from what nh3 let through."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block | str] = []  # a str is a line of a list that Word wrote as paragraphs
        self.spans: list[Span] = []
        self.line_has_words = False
        # What the open inline tags amount to, innermost last; Google writes <b style="font-weight:normal">.
        self.bold: list[bool] = [False]
        self.targets: list[Target | None] = [None]
        self.heading = 0
        self.word_list: tuple[int, bool] | None = None  # level, and whether it is the paragraph that opens an item
        self.lists: list[dict] = []
        self.tables = 0  # how many open
        self.rows: list[list[list[Span]]] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "br":
            self.line_break()
        elif tag in _BOLD or tag == "span":
            self.open_inline(tag, given)
        elif tag == "a":
            address = address_of(given.get("href", ""))
            self.open_target(Target("link", address) if address else None)
        elif tag in ("ul", "ol"):
            self.flush()
            self.open_list(tag == "ol", given.get("start", ""))
        elif tag == "li":
            self.flush()
            if self.lists:
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
            self.flush(cell=True)
            if self.rows is not None and self.tables == 1:
                self.rows.append([]) if not self.rows else None
                self.rows[-1].append([])
        elif tag in _BLOCKS:
            self.flush()
            self.heading = _HEADINGS.get(tag, 0)
            if "MsoListParagraph" in given.get("class", "") or "mso-list:" in given.get("style", ""):
                level = _WORD_LEVEL.search(given.get("style", ""))
                self.word_list = (int(level[1]) if level else 1, True)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BOLD or tag == "span":
            self.bold.pop()
            if tag == "span":
                self.targets.pop()
        elif tag == "a":
            self.targets.pop()
        elif tag in ("ul", "ol"):
            self.flush()
            self.close_list()
        elif tag == "table":
            self.flush()
            self.tables -= 1
            if not self.tables and self.rows is not None:
                rows, self.rows = self.rows, None
                self.add_table(rows)
        elif tag in ("td", "th"):
            self.flush(cell=True)
        elif tag in _BLOCKS or tag in ("li", "tr"):
            self.flush()
            self.heading = 0
            self.word_list = None

    def handle_data(self, data: str) -> None:
        words = _SPACE.sub(lambda found: " " if found.group().strip(" ") else found.group(), data)
        if not words.strip() and not self.line_has_words:
            return
        self.line_has_words = self.line_has_words or bool(words.strip())
        self.spans.append(Span(words, self.bold[-1], self.targets[-1]))

    def line_break(self) -> None:
        """A line break; a second one in a row ends the paragraph."""
        if self.line_has_words:
            self.spans.append(Span("\n", self.bold[-1], self.targets[-1]))
            self.line_has_words = False
        elif not self.lists and self.rows is None:
            self.flush()

    def open_inline(self, tag: str, given: dict[str, str]) -> None:
        weight = _WEIGHT.search(given.get("style", ""))
        heavy = weight and (weight[1] in ("bold", "bolder") or weight[1] in ("600", "700", "800", "900"))
        self.bold.append(self.bold[-1] or (bool(heavy) if weight or tag == "span" else True))
        if tag == "span":
            chip = None
            if _ID.fullmatch(given.get("data-party", "")):
                chip = Target("party", int(given["data-party"]))
            elif found := _TARGET.fullmatch(given.get("data-ref", "")):
                chip = Target(found[1], int(found[2]))
            self.open_target(chip)

    def open_target(self, target: Target | None) -> None:
        """The outermost link, chip or reference holds: there are no links in links."""
        self.targets.append(self.targets[-1] or target)

    def open_list(self, ordered: bool, start: str) -> None:
        first = int(start) if re.fullmatch(r"[1-9][0-9]{0,2}", start) else 1
        self.lists.append({"ordered": ordered, "start": min(first, LARGEST_START) if ordered else 1, "items": []})

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
        self.blocks.append(_list_block(done, 1))

    def flush(self, *, cell: bool = False) -> None:
        """Gives the words so far to the cell, item, heading or paragraph they stand in."""
        spans, self.spans = self.spans, []
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
        elif self.rows is not None:
            self.add_to_cell(spans)
        elif self.word_list:
            self.blocks.append(self.word_line(spans))
        elif self.heading:
            self.blocks.append(Heading(self.heading, inlines_of(spans)))
        else:
            self.blocks.append(Paragraph(inlines_of(spans)))

    def add_to_cell(self, spans: list[Span]) -> None:
        if not self.rows:
            self.rows.append([])
        if not self.rows[-1]:
            self.rows[-1].append([])
        here = self.rows[-1][-1]
        if here:
            here.append(Span(" "))
        here += spans

    def add_table(self, rows: list[list[list[Span]]]) -> None:
        if rows := [row for row in rows if row]:
            self.blocks.append(Table(tuple(tuple(inlines_of(cell) for cell in row) for row in rows)))

    def word_line(self, spans: list[Span]) -> str:
        """A paragraph that Word calls a list item, as a line of the plain form."""
        level, opens = self.word_list
        self.word_list = (level, False)
        words = write((Paragraph(inlines_of(spans)),))
        indent = "  " * (min(level, DEEPEST) - 1)
        text = " ".join(words.split("\n"))
        plain = "".join(span.text for span in spans).lstrip()
        if not opens:
            return f"{indent}  {text}"
        if found := _WORD_NUMBER.match(plain):
            return f"{indent}{found[1]}. {write((Paragraph(inlines_of(_without_first(spans, found.end()))),))}"
        if found := _WORD_BULLET.match(plain):
            spans = _without_first(spans, found.end())
        return f"{indent}- {' '.join(write((Paragraph(inlines_of(spans)),)).split(chr(10)))}"

    def close(self) -> None:
        super().close()
        self.flush()
        while self.lists:
            self.close_list()
        if self.rows is not None:
            rows, self.rows = self.rows, None
            self.add_table(rows)

    def written(self) -> list[str]:
        """The plain form of each block; lines of one Word list are kept together."""
        out: list[str] = []
        after_line = False
        for block in self.blocks:
            line = isinstance(block, str)
            written = block if line else write((block,))
            if line and after_line:
                out[-1] += "\n" + written
            else:
                out.append(written)
            after_line = line
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
