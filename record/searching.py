"""Look for words in columns, on either database."""

from itertools import islice

from django.db.models import Q
from django.utils.text import smart_split

MOST_WORDS = 8  # of one question: each word is looked for in every column


def says(words: str, *fields: str) -> Q:
    """The words stand in one of these fields, whatever the case. SQLite takes å for Å only when it is written so."""
    ways = [words] if words.isascii() else dict.fromkeys([words, words.lower(), words.capitalize(), words.upper()])
    found = Q()
    for field in fields:
        for way in ways:
            found |= Q(**{f"{field}__icontains": way})
    return found


def shortened(question: str) -> str:
    """The question without what stands after its first MOST_WORDS words; words in quotation marks are one."""
    return " ".join(islice(smart_split(question), MOST_WORDS))
