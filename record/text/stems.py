"""Swedish words without their inflection, so that a question finds them in a text."""

import re
from functools import cache

import snowballstemmer

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


def stems(query: str, *, most: int = MOST_WORDS) -> list[str]:
    """The stems of the words in a query, at most eight unless told otherwise."""
    return [stem(word) for word in re.findall(r"\w+", query.lower())[:most]]
