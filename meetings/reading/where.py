"""Where a question belongs (R31): the §§ of a meeting with its words in help text, heading, or what stood there before."""

import re
from collections import defaultdict
from typing import NamedTuple

from django.db.models import QuerySet

from meetings.models import Item, Meeting, Paragraph
from meetings.reading.numbering import Numbered, numbers_now
from meetings.states import State
from people.models import User
from record.text import to_words
from record.text.stems import stem

MOST_WORDS = 20
MOST_TITLES = 600  # the latest; what stood under a § ten years ago says little
MOST_SUGGESTIONS = 5
IN_HEADING, IN_HELP, EARLIER = 3.0, 2.0, 1.0
MOST_FROM_EARLIER = 3.0  # a word that comes back every month is no stronger than a heading
# Words that say nothing about what a question is about.
_EMPTY_WRITTEN = """
alla att av avseende blir de dem den denna dess det detta dig din du efter eller en ett från för få förslag fråga frågan får
går gällande ha han har hen hon hos hur här i in inför ingen inom inte ja jag kan kommer kring man med men mot mycket många ni
nu när nya ny nytt någon något och om oss på rör samt sin ska skulle som så till under upp ut utan vad var vara vem vi vid
vilka vilken vår vårt än är över
"""
EMPTY = frozenset(stem(word) for word in _EMPTY_WRITTEN.split())


class Suggestion(NamedTuple):
    """A § where the question may belong: how strongly the words point there, and what they were found in."""

    paragraph: Paragraph
    score: float
    why: str


def words_in(text: str) -> set[str]:
    """The stems of a text that say what it is about."""
    found = (stem(word) for word in re.findall(r"[^\W\d_]{2,}", text.lower()))
    return {one for one in found if len(one) > 1 and one not in EMPTY}


def suggest(
    meeting: Meeting, question: str, *, seen: QuerySet[Meeting] | None = None, most: int = MOST_SUGGESTIONS
) -> list[Suggestion]:
    """The §§ of `meeting` where a question of these words may belong, the likeliest first; nothing when no word is known.

    Earlier meetings of the group teach which words belong where; `seen` narrows them to those that the reader may know of.
    """
    asked = sorted(words_in(question))[:MOST_WORDS]
    if not asked:
        return []
    paragraphs = sorted(meeting.paragraphs.all(), key=lambda paragraph: paragraph.position)
    points: dict[int, dict[str, float]] = {paragraph.pk: {} for paragraph in paragraphs}
    reasons: dict[int, tuple[float, str]] = {}

    def count(paragraph: Paragraph, word: str, weight: float, why: str, most: float = 100.0) -> None:
        mine = points[paragraph.pk]
        mine[word] = max(mine.get(word, 0.0), min(mine.get(word, 0.0) + weight, most))
        if weight > reasons.get(paragraph.pk, (0.0, ""))[0]:
            reasons[paragraph.pk] = (weight, why)

    helps = {item.slug: to_words(item.help_text) for item in meeting.template.items.all()} if meeting.template_id else {}
    by_slug: dict[str, Paragraph] = {}
    for paragraph in paragraphs:
        by_slug.setdefault(paragraph.slug or paragraph.heading, paragraph)
        help_text = helps.get(paragraph.slug, "") if paragraph.slug else ""
        for weight, text, why in (
            (IN_HEADING, paragraph.heading, "Står i rubriken."),
            (IN_HELP, help_text, help_text),
        ):
            for word, likeness in _alike(asked, words_in(text)):
                count(paragraph, word, weight * likeness, why)
    for slug, heading, title, known in _earlier(meeting, seen):
        paragraph = by_slug.get(slug or heading)
        if paragraph is not None:
            for word, likeness in _alike(asked, known):
                count(paragraph, word, EARLIER * likeness, f"Tidigare stod här: ”{title}”.", MOST_FROM_EARLIER)

    # A word that many §§ know counts less for each of them.
    spread: dict[str, int] = defaultdict(int)
    for mine in points.values():
        for word in mine:
            spread[word] += 1
    suggestions = []
    for paragraph in paragraphs:
        score = sum(value / spread[word] for word, value in points[paragraph.pk].items())
        if score > 0:
            suggestions.append(Suggestion(paragraph, round(score, 3), reasons[paragraph.pk][1]))
    return sorted(suggestions, key=lambda suggestion: (-suggestion.score, suggestion.paragraph.position))[:most]


class Place(NamedTuple):
    """A suggestion as it is shown: the § with its preliminary number, and why."""

    row: Numbered
    why: str


def places(meeting: Meeting, words: str, *, user: User) -> list[Place]:
    """The suggestions with their numbers; only what this person may know of teaches them."""
    found = suggest(meeting, words, seen=Meeting.objects.visible_to(user))
    rows = {row.paragraph.pk: row for row in numbers_now(meeting)} if found else {}
    return [Place(rows[one.paragraph.pk], one.why) for one in found]


def _alike(asked: list[str], known: set[str]) -> list[tuple[str, float]]:
    """The asked stems that a text knows: whole, or inside a compound ("lokal" in "verksamhetslokal")."""
    found = []
    for word in asked:
        if word in known:
            found.append((word, 1.0))
        elif any(_inside(word, other) for other in known):
            found.append((word, 0.6))
    return found


def _inside(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= 4 and (long.startswith(short) or long.endswith(short))


def _earlier(meeting: Meeting, seen: QuerySet[Meeting] | None) -> list[tuple[str, str, str, set[str]]]:
    """(slug, heading, title, its stems) of the latest points of the group's other meetings, each title under a § once."""
    others = (seen if seen is not None else Meeting.objects.all()).filter(group=meeting.group_id)
    others = others.exclude(state__in=[State.PLANNED, State.CANCELLED]).exclude(pk=meeting.pk)
    topics = (
        Item.objects.filter(paragraph__meeting__in=others.order_by().values("pk"))
        .exclude(title="")
        .order_by("-paragraph__meeting__date", "-pk")
        .values_list("paragraph__slug", "paragraph__heading", "title")[:MOST_TITLES]
    )
    return [(slug, heading, title, words_in(title)) for slug, heading, title in dict.fromkeys(topics)]
