"""XML from outside, element by element: nothing is fetched, and a file that defines entities of its own is refused."""

from collections.abc import Iterator
from typing import NamedTuple
from xml.parsers import expat

from .faults import Fault

PART = 1 << 16
DEEPEST = 1_000
MOST_TEXT = 100_000  # of one element that is read for its words
REFUSED = "Filen är uppbyggd på ett sätt som kan dölja innehåll. Spara om den, eller spara den som PDF, och försök igen."


class Element(NamedTuple):
    """One element: its name, the address of its language, what is said of it, and its words if they were asked for."""

    tag: str
    uri: str
    attributes: dict[str, str]  # one of another language as "address name"
    text: str

    def said(self, name: str) -> list[str]:
        """What is said under a name, in whatever language: a reader may believe any of them."""
        return [value for key, value in self.attributes.items() if key.rpartition(" ")[2] == name]


def elements(data: bytes, *, texts: frozenset[str] | set[str] = frozenset()) -> Iterator[Element]:
    """Every element of a document; of those called as one of `texts` the words too. Raises Fault for what is no XML, or hides."""
    found: list[Element] = []
    reading: list[tuple[Element, list[str]]] = []
    depth = length = 0

    def begins(name: str, given: dict[str, str]) -> None:
        nonlocal depth, length
        depth += 1
        if depth > DEEPEST:
            raise Fault(REFUSED)
        uri, _, tag = name.rpartition(" ")
        element = Element(tag, uri, given, "")
        if tag in texts:
            reading.append((element, []))
            length = 0
        else:
            found.append(element)

    def ends(name: str) -> None:
        nonlocal depth
        depth -= 1
        if reading and name.rpartition(" ")[2] == reading[-1][0].tag:
            element, words = reading.pop()
            found.append(element._replace(text="".join(words)))

    def reads(words: str) -> None:
        nonlocal length
        if reading:
            length += len(words)
            if length > MOST_TEXT:
                raise Fault(REFUSED)
            reading[-1][1].append(words)

    def refuse(*_: object) -> None:
        raise Fault(REFUSED)

    if not data.strip():
        return  # LibreOffice leaves such behind
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = begins, ends
    if texts:
        parser.CharacterDataHandler = reads
    parser.EntityDeclHandler = parser.ExternalEntityRefHandler = refuse
    try:
        for at in range(0, len(data), PART):
            parser.Parse(data[at : at + PART], False)
            yield from found
            found.clear()
        parser.Parse(b"", True)
        yield from found
    except expat.ExpatError as error:
        raise Fault(REFUSED) from error
