"""Look for words in columns, on either database."""

from itertools import islice

from django.db.models import Q
from django.utils.text import smart_split

from record.text.stems import MOST_WORDS


def says(words: str, *fields: str) -> Q:
    """The words stand in one of these fields, whatever the case. SQLite takes å for Å only when it is written so."""
    ways = [words] if words.isascii() else dict.fromkeys([words, words.lower(), words.capitalize(), words.upper()])
    found = Q()
    for field in fields:
        for way in ways:
            found |= Q(**{f"{field}__icontains": way})
    return found


def shortened(question: str) -> str:
    """The first MOST_WORDS words of the question: each is looked for in every column. Several in quotation marks are one."""
    return " ".join(islice(smart_split(question), MOST_WORDS))
