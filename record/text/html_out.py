"""Blocks as HTML: for pages and print, and for the rich editor. The only place that marks text as safe."""

import re
from collections.abc import Callable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .blocks import Block, Heading, Inline, Link, ListBlock, Paragraph, Party, Reference, Strong, Table, Words
from .plain import parse
from .words import inline_words

Resolver = Callable[[str, int], tuple[str, str] | None]

# The look-behind starts each e-mail address at the start of its word, and the bounds keep the search linear.
_BARE = re.compile(r"""(?P<url>https?://[^\s<>"”»]+)|(?<![\w.+-])(?P<mail>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)""")

_BROAD = re.compile(r"[A-ZÅÄÖÆØŒ0-9mw@%&–—]")
WIDEST = 72  # ordinary letters on a printed line; a table that needs more breaks its words to stay on the page


def to_html(text: str | tuple[Block, ...], *, resolve: Resolver | None = None, heading_base: int = 3) -> SafeString:
    """HTML for a page or print; `resolve(kind, id)` gives (address, words) for chips and references.

    Headings become h{heading_base} and below, and no level is skipped.
    """
    blocks = parse(text) if isinstance(text, str) else text
    above = False  # has there been a level 2 for the level 3 to stand under?
    out = []
    for block in blocks:
        match block:
            case Heading(level, inlines):
                above = above or level == 2
                tag = f"h{min(heading_base + (level == 3 and above), 6)}"
                out.append(f"<{tag}>{_inlines(inlines, resolve)}</{tag}>")
            case Paragraph(inlines):
                out.append(f"<p>{_inlines(inlines, resolve)}</p>")
            case ListBlock():
                out.append(_list(block, resolve))
            case Table():
                out.append(_table(block, resolve))
    return mark_safe("\n".join(out))  # noqa: S308 - every word in it was escaped above


def _list(block: ListBlock, resolve: Resolver | None) -> str:
    items = "".join(
        f"<li>{_inlines(item.inlines, resolve)}{_list(item.nested, resolve) if item.nested else ''}</li>" for item in block.items
    )
    return f"{_list_tag(block)}{items}</{'ol' if block.ordered else 'ul'}>"


def _list_tag(block: ListBlock) -> str:
    if not block.ordered:
        return "<ul>"
    return "<ol>" if block.start == 1 else f'<ol start="{block.start}">'


def _table(table: Table, resolve: Resolver | None) -> str:
    width = max(map(len, table.rows))
    header, *body = [[_inlines(cell, resolve) for cell in row] + [""] * (width - len(row)) for row in table.rows]
    # An empty header cell says nothing to a screen reader: it is a data cell.
    cells = "".join(f'<th scope="col">{cell}</th>' if cell else "<td></td>" for cell in header)
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in body)
    wide = ' class="document-wide"' if _needs(table, width) > WIDEST else ""
    return f"<table{wide}><thead><tr>{cells}</tr></thead>{f'<tbody>{rows}</tbody>' if rows else ''}</table>"


def _needs(table: Table, width: int) -> float:
    """How many ordinary letters wide the table is at least, when no word is broken."""
    longest = [0.0] * width
    for row in table.rows:
        for n, cell in enumerate(row):
            longest[n] = max(
                longest[n], *(len(word) + 0.6 * len(_BROAD.findall(word)) for word in inline_words(cell).split() or [""])
            )
    return sum(longest) + 2 * width


def _inlines(inlines: tuple[Inline, ...], resolve: Resolver | None, *, linked: bool = False) -> str:
    out = []
    for inline in inlines:
        match inline:
            case Words(text):
                out.append(_breaks(escape(text) if linked else _with_links(text)))
            case Strong(children):
                out.append(f"<strong>{_inlines(children, resolve, linked=linked)}</strong>")
            case Link(children, address):
                out.append(f'<a href="{escape(address)}">{_inlines(children, resolve, linked=True)}</a>')
            case Party(words, id):
                party = resolve("party", id) if resolve else None
                out.append(f'<span class="party">{escape(party[1] if party else words)}</span>')
            case Reference(words, kind, id):
                out.append(_reference(words, resolve(kind, id) if resolve else None))
    return "".join(out)


def _reference(words: str, found: tuple[str, str] | None) -> str:
    if not found:
        return escape(words)
    address, words = found
    if not (address or "").startswith(("/", "#", "https://", "http://")):
        return escape(words)
    return f'<a href="{escape(address)}">{escape(words)}</a>'


def _breaks(escaped: str) -> str:
    return escaped.replace("\n", "<br>")


def _with_links(text: str) -> str:
    """Escaped words in which bare addresses are links."""
    out, position = [], 0
    for found in _BARE.finditer(text):
        words = _without_end(found.group()) if found["url"] else found.group()
        address = words if found["url"] else f"mailto:{words}"
        out += [escape(text[position : found.start()]), f'<a href="{escape(address)}">{escape(words)}</a>']
        position = found.start() + len(words)
    out.append(escape(text[position:]))
    return "".join(out)


def _without_end(address: str) -> str:
    """An address without the punctuation of the sentence around it."""
    opened, closed = address.count("("), address.count(")")
    end = len(address)
    while address[end - 1] in ".,;:!?'*)]}…’":
        if address[end - 1] == ")":
            if closed <= opened:
                break
            closed -= 1
        end -= 1
    return address[:end] if end > len("https://") else address


def to_editor_html(plain: str) -> str:
    """HTML that the rich editor loads; `from_html` makes the same plain form of it again."""
    return "".join(map(_edited_block, parse(plain)))


def _edited_block(block: Block) -> str:
    match block:
        case Heading(level, inlines):
            return f"<h{level}>{_edited(inlines)}</h{level}>"
        case Paragraph(inlines):
            return f"<p>{_edited(inlines)}</p>"
        case ListBlock(ordered, items):
            inside = "".join(
                f"<li><p>{_edited(item.inlines)}</p>{_edited_block(item.nested) if item.nested else ''}</li>" for item in items
            )
            return f"{_list_tag(block)}{inside}</{'ol' if ordered else 'ul'}>"
        case Table(rows):
            lines = (
                "".join(f"<{tag}><p>{_edited(cell)}</p></{tag}>" for cell in row)
                for row, tag in zip(rows, ["th"] + ["td"] * (len(rows) - 1), strict=True)
            )
            return f"<table><tbody>{''.join(f'<tr>{line}</tr>' for line in lines)}</tbody></table>"


def _edited(inlines: tuple[Inline, ...]) -> str:
    out = []
    for inline in inlines:
        match inline:
            case Words(text):
                out.append(_breaks(escape(text)))
            case Strong(children):
                out.append(f"<strong>{_edited(children)}</strong>")
            case Link(children, address):
                out.append(f'<a href="{escape(address)}">{_edited(children)}</a>')
            case Party(words, id):
                out.append(f'<span data-party="{id}">{escape(words)}</span>')
            case Reference(words, kind, id):
                out.append(f'<span data-ref="{kind}:{id}">{escape(words)}</span>')
    return "".join(out)
