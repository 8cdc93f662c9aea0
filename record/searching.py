"""Look for words in columns, on either database."""

from django.db.models import Q


def says(words: str, *fields: str) -> Q:
    """The words stand in one of these fields, whatever the case. SQLite takes å for Å only when it is written so."""
    ways = [words] if words.isascii() else dict.fromkeys([words, words.lower(), words.capitalize(), words.upper()])
    found = Q()
    for field in fields:
        for way in ways:
            found |= Q(**{f"{field}__icontains": way})
    return found
