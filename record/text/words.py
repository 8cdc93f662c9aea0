"""Plain words out of a plain form, and what its chips and references point at."""

from collections.abc import Callable, Iterator

from .blocks import (
    Block,
    Heading,
    Inline,
    Item,
    Link,
    ListBlock,
    Paragraph,
    Party,
    Reference,
    Strong,
    Table,
    Target,
    Words,
    inlines_of,
    spans_of,
)
from .plain import parse, write


def to_words(plain: str) -> str:
    """Words without markup: one blank line between blocks, bullets and numbers kept, cells separated by tabs."""
    return "\n\n".join(map(_block_words, parse(plain)))


def _block_words(block: Block) -> str:
    match block:
        case Paragraph(inlines) | Heading(_, inlines):
            return inline_words(inlines)
        case ListBlock():
            return "\n".join(_list_words(block, ""))
        case Table(rows):
            return "\n".join("\t".join(map(inline_words, row)) for row in rows)


def _list_words(block: ListBlock, indent: str) -> Iterator[str]:
    for number, item in enumerate(block.items, block.start):
        marker = f"{number}." if block.ordered else "-"
        words = inline_words(item.inlines).replace("\n", f"\n{indent}  ")
        yield f"{indent}{marker} {words}".rstrip()
        if item.nested:
            yield from _list_words(item.nested, indent + "  ")


def inline_words(inlines: tuple[Inline, ...]) -> str:
    """The words of inlines; a link's address follows in parentheses when the words do not show it."""
    out = []
    for inline in inlines:
        match inline:
            case Words(text):
                out.append(text)
            case Strong(children):
                out.append(inline_words(children))
            case Link(children, address):
                label = inline_words(children)
                out.append(label if address.removeprefix("mailto:") in label else f"{label} ({address.removeprefix('mailto:')})")
            case Party(label, _) | Reference(label, _, _):
                out.append(label)
    return "".join(out)


def references(plain: str) -> list[tuple[str, int]]:
    """(kind, id) of every party chip ("party") and reference, in order, with repeats."""
    return [(target.kind, target.value) for inlines in _texts(parse(plain)) for target in _targets(inlines)]


def _targets(inlines: tuple[Inline, ...]) -> Iterator[Target]:
    return (span.target for span in spans_of(inlines) if span.target and span.target.kind != "link")


def _texts(blocks: tuple[Block, ...]) -> Iterator[tuple[Inline, ...]]:
    for block in blocks:
        match block:
            case Paragraph(inlines) | Heading(_, inlines):
                yield inlines
            case ListBlock(_, items):
                for item in items:
                    yield item.inlines
                    yield from _texts((item.nested,) if item.nested else ())
            case Table(rows):
                yield from (cell for row in rows for cell in row)


def resolve(plain: str, names: Callable[[str, int], str | None]) -> str:
    """The same plain form with chips and references as plain words: `names(kind, id)`, or what was written when it gives None."""

    def words(inlines: tuple[Inline, ...]) -> tuple[Inline, ...]:
        spans = []
        for span in spans_of(inlines):
            if span.target and span.target.kind != "link":
                name = " ".join((names(span.target.kind, span.target.value) or "").split())
                span = span._replace(text=name or span.text, target=None)
            spans.append(span)
        return inlines_of(spans)

    def block_of(block: Block) -> Block:
        match block:
            case Paragraph(inlines):
                return Paragraph(words(inlines))
            case Heading(level, inlines):
                return Heading(level, words(inlines))
            case ListBlock(ordered, items, start):
                parts = (Item(words(item.inlines), block_of(item.nested) if item.nested else None) for item in items)
                return ListBlock(ordered, tuple(parts), start)
            case Table(rows):
                return Table(tuple(tuple(map(words, row)) for row in rows))

    return write(tuple(map(block_of, parse(plain))))
