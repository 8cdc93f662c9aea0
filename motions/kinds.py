"""What a union can hand in, and the words for each kind: a letter is never called a yrkande."""

from typing import NamedTuple

from django.db import models

from record.swedish import capital


class Kind(models.TextChoices):
    """The kinds, distinct in data, page and print."""

    MOTION = "motion", "yrkande"
    INQUIRY = "inquiry", "skrivelse"
    QUESTION = "question", "fråga"
    OPINION = "opinion", "särskilt yttrande"
    NOTE = "note", "protokollsanteckning"


# Numbered questions that are answered one by one, at a meeting that is named.
ASKING = frozenset({Kind.INQUIRY, Kind.QUESTION})
# Text alone: nothing to support and nothing to answer.
SAYING = frozenset({Kind.OPINION, Kind.NOTE})


class KindWords(NamedTuple):
    """How a kind, and each of its numbered parts, is spoken of."""

    one: str
    many: str
    the: str
    unit: str
    the_unit: str
    units: str
    the_units: str
    neuter: bool = False
    owned: str = ""  # after a genitive, where it differs: LFs särskilda yttrande

    def count(self, number: int) -> str:
        """`1 att-sats`, `3 frågor`"""
        return f"{number} {self.unit if number == 1 else self.units}"

    @property
    def of_somebody(self) -> str:
        """After a genitive: LFs yrkande, LFs särskilda yttrande."""
        return self.owned or self.one

    @property
    def it(self) -> str:
        """The pronoun: det or den."""
        return "det" if self.neuter else "den"

    @property
    def filed(self) -> str:
        """As said of what has been handed in."""
        return "inlämnat" if self.neuter else "inlämnad"

    @property
    def The(self) -> str:
        """At the beginning of a sentence."""
        return capital(self.the)


_CLAIM = ("att-sats", "att-satsen", "att-satser", "att-satserna")
_QUESTION = ("fråga", "frågan", "frågor", "frågorna")
_POINT = ("punkt", "punkten", "punkter", "punkterna")  # only in what was read from a file
WORDS = {
    Kind.MOTION: KindWords("yrkande", "yrkanden", "yrkandet", *_CLAIM, neuter=True),
    Kind.INQUIRY: KindWords("skrivelse", "skrivelser", "skrivelsen", *_QUESTION),
    Kind.QUESTION: KindWords("fråga", "frågor", "frågan", *_QUESTION),
    Kind.OPINION: KindWords(
        "särskilt yttrande", "särskilda yttranden", "yttrandet", *_POINT, neuter=True, owned="särskilda yttrande"
    ),
    Kind.NOTE: KindWords("protokollsanteckning", "protokollsanteckningar", "protokollsanteckningen", *_POINT),
}
