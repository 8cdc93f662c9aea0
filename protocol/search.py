"""Find protocols by words: each § is stored as folded words when the protocol is adjusted or loaded; a query finds its stems in it."""

import re
from functools import cache

import snowballstemmer

from meetings.models import Meeting
from protocol import format as form
from protocol.models import Passage, PassageQuerySet
from record.text import to_words

MOST_WORDS = 8


@cache
def _stemmer():
    return snowballstemmer.stemmer("swedish")


def stem(word: str) -> str:
    """A Swedish word without its inflection, so that it is found inside compounds too. The stemmer misses some definite forms."""
    stemmed = _stemmer().stemWord(word.lower())
    for ending in ("ets", "ens", "et", "en", "n", "s"):
        if len(stemmed) - len(ending) >= 4 and stemmed.endswith(ending):
            return stemmed.removesuffix(ending)
    return stemmed


def stems(query: str) -> list[str]:
    """The stems of the words in a query, at most eight."""
    return [stem(word) for word in re.findall(r"\w+", query.lower())[:MOST_WORDS]]


def index(meeting: Meeting, protocol: form.Protocol) -> None:
    """Store the protocol's §§ as words, replacing what was there. Motions are found under their §."""
    Passage.objects.filter(meeting=meeting).delete()
    rows = []
    for paragraph in protocol.paragraphs:
        parts = [paragraph.heading or "", to_words(paragraph.text)]
        for topic in paragraph.topics:
            parts += [topic.title or "", to_words(topic.text)]
        for matter in paragraph.matters:
            parts += [matter.title or "", *matter.references, to_words(matter.text)]
        for motion in protocol.motions:
            if motion.paragraph == paragraph.number:
                parts += [
                    motion.title or "",
                    to_words(motion.background or ""),
                    *(to_words(claim.text) for claim in motion.claims),
                ]
        words = "\n".join(part for part in parts if part.strip())
        rows.append(
            Passage(
                meeting=meeting,
                number=paragraph.number,
                heading=(paragraph.heading or "")[:300],
                words=words,
                folded=words.lower(),
            )
        )
    Passage.objects.bulk_create(rows)


def find(passages: PassageQuerySet, query: str) -> PassageQuerySet:
    """The passages that hold every word of the query, inflected or in a compound; newest meeting first."""
    for one in stems(query):
        passages = passages.filter(folded__contains=one)
    return passages.select_related("meeting__group").order_by("-meeting__date", "-meeting__pk", "number")
