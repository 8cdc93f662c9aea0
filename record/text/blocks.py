"""What a text is made of: blocks and inlines, and the flat spans from which a normal tree is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

REFERENCE_KINDS = ("paragraph", "item", "appendix", "motion", "claim")


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words; a newline in them is a hard line break."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Bold; holds anything but another Strong."""

    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A link to an http, https or mailto address; holds Words and Strong."""

    children: tuple[Inline, ...]
    address: str


@dataclass(frozen=True, slots=True)
class Party:
    """A party chip: `words` is what was written, `id` is the party that the caller resolves."""

    words: str
    id: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a thing of the meeting: `kind` is one of REFERENCE_KINDS."""

    words: str
    kind: str
    id: int


Inline = Words | Strong | Link | Party | Reference


@dataclass(frozen=True, slots=True)
class Paragraph:
    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Item:
    inlines: tuple[Inline, ...]
    nested: ListBlock | None = None


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A list; an ordered one may start at another number, so that a typed "3. " keeps its 3."""

    ordered: bool
    items: tuple[Item, ...]
    start: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells of inlines; the first row is the header, rows may differ in length."""

    rows: tuple[tuple[tuple[Inline, ...], ...], ...]


Block = Paragraph | Heading | ListBlock | Table


class Target:
    """Where one link, chip or reference points; compared by identity, so that neighbours stay apart."""

    __slots__ = ("kind", "value")

    def __init__(self, kind: str, value: str | int):
        self.kind, self.value = kind, value  # kind: "link", "party" or one of REFERENCE_KINDS


class Span(NamedTuple):
    """A stretch of words with one look: the flat form in which nesting cannot go wrong."""

    text: str
    strong: bool = False
    target: Target | None = None


def spans_of(inlines: tuple[Inline, ...], strong: bool = False, target: Target | None = None) -> list[Span]:
    """The flat form of a tree."""
    spans = []
    for inline in inlines:
        match inline:
            case Words(text):
                spans.append(Span(text, strong, target))
            case Strong(children):
                spans += spans_of(children, True, target)
            case Link(children, address):
                spans += spans_of(children, strong, Target("link", address))
            case Party(words, id):
                spans.append(Span(words, strong, Target("party", id)))
            case Reference(words, kind, id):
                spans.append(Span(words, strong, Target(kind, id)))
    return spans


def inlines_of(spans: list[Span]) -> tuple[Inline, ...]:
    """The one normal tree of flat spans: edges of bold and links hold no space, bold goes outside a wholly bold link."""
    pieces = [piece for group in _grouped(spans) for piece in _pieces(group)]
    out: list[Inline] = []
    run: list[tuple[Inline, bool]] = []
    for inline, strong in [*pieces, (Words(""), False)]:
        if strong:
            run.append((inline, strong))
            continue
        out += _bold([inline for inline, _ in run])
        run = []
        out.append(inline)
    return _merged(out)


def _grouped(spans: list[Span]) -> list[list[Span]]:
    """Spans side by side with the same target belong together."""
    groups: list[list[Span]] = []
    for span in spans:
        if not span.text:
            continue
        if groups and span.target is not None and groups[-1][0].target is span.target:
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _pieces(group: list[Span]) -> list[tuple[Inline, bool]]:
    """One group as inlines, each with whether it is wholly bold."""
    target = group[0].target
    if target is None:
        return [(Words(span.text), span.strong) for span in group]
    before, group, after = _trimmed(group)
    outside = [[(Words(span.text), span.strong) for span in side] for side in (before, after)]
    if not group:
        return outside[0]
    if target.kind != "link":
        label = " ".join("".join(span.text for span in group).split("\n"))
        chip = Party(label, target.value) if target.kind == "party" else Reference(label, target.kind, target.value)
        inside = (chip, all(span.strong for span in group))
    elif all(span.strong for span in group):
        inside = (Link(_merged([Words(span.text) for span in group]), target.value), True)
    else:
        inside = (Link(inlines_of([Span(span.text, span.strong) for span in group]), target.value), False)
    return [*outside[0], inside, *outside[1]]


def _trimmed(group: list[Span]) -> tuple[list[Span], list[Span], list[Span]]:
    """White space before, the words, white space after."""
    before: list[Span] = []
    after: list[Span] = []
    first, last = 0, len(group) - 1
    while first <= last and not group[first].text.strip():
        before.append(group[first])
        first += 1
    if first > last:
        return before, [], []
    while not group[last].text.strip():
        after.insert(0, group[last])
        last -= 1
    inside = group[first : last + 1]
    head, tail = inside[0], inside[-1]
    if space := head.text[: len(head.text) - len(head.text.lstrip())]:
        before.append(head._replace(text=space))
        inside[0] = head._replace(text=head.text.lstrip())
    if space := tail.text[len(tail.text.rstrip()) :]:
        after.insert(0, tail._replace(text=space))
        inside[-1] = inside[-1]._replace(text=inside[-1].text.rstrip())
    return before, inside, after


def _bold(run: list[Inline]) -> list[Inline]:
    """A bold run with its outer white space left outside."""
    before: list[Inline] = []
    after: list[Inline] = []
    run = list(_merged(run))
    if run and isinstance(run[0], Words):
        text = run[0].text
        before = [Words(text[: len(text) - len(text.lstrip())])]
        run[:1] = [Words(text.lstrip())] if text.strip() else []
    if run and isinstance(run[-1], Words):
        text = run[-1].text
        after = [Words(text[len(text.rstrip()) :])]
        run[-1:] = [Words(text.rstrip())] if text.strip() else []
    return [*before, *([Strong(tuple(run))] if run else []), *after]


def _merged(inlines: list[Inline]) -> tuple[Inline, ...]:
    """Words side by side become one; empty ones go."""
    out: list[Inline] = []
    pending: list[str] = []
    for inline in inlines:
        if isinstance(inline, Words):
            pending.append(inline.text)
            continue
        if text := "".join(pending):
            out.append(Words(text))
        pending = []
        out.append(inline)
    if text := "".join(pending):
        out.append(Words(text))
    return tuple(out)
