"""Find protocols by words: each § is stored as folded words once its protocol is adjusted or loaded, and searched for stems."""

from typing import Any

from django.core.checks import Warning as Advice
from django.db import connection, connections
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat

from meetings.language import statements
from meetings.models import Meeting
from protocol import format as form
from protocol.models import Passage, PassageQuerySet
from record.text import to_words
from record.text.stems import stems

MOST_HITS = 200  # nobody reads further; who gets more narrows the question
COMMON = 2000  # a word with more hits than this is so common that the newest are found by reading the newest
MEETINGS_AT_A_TIME = 500
INDEX = "protocol_passage_trigrams"  # see migration 0002


def index(meeting: Meeting, protocol: form.Protocol) -> None:
    """Store the protocol's §§ as words, with marks of who said something there, instead of what was stored before.

    Motions are found under their §.
    """
    Passage.objects.filter(meeting=meeting).delete()
    Passage.objects.bulk_create(passages_of(meeting, protocol))


def passages_of(meeting: Meeting, protocol: form.Protocol) -> list[Passage]:
    """The protocol's §§ as they are stored, unsaved. `verify` makes them anew: whoever changes these words indexes all again."""
    said = statements.marks(protocol.statements)
    passages = []
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
        parts += [to_words(entry.text) for entry in protocol.reservations if entry.paragraph == paragraph.number]
        text = "\n".join(part for part in parts if part.strip())
        passages.append(
            Passage(
                meeting=meeting,
                number=paragraph.number,
                heading=(paragraph.heading or "")[:300],
                words=text,
                folded="\n".join(part for part in (text.lower(), said.get(paragraph.number, "")) if part),
            )
        )
    return passages


def find(meetings: QuerySet[Meeting], query: str, *, said_by: str = "") -> list[int]:
    """The newest passages of these meetings with every word of the query, inflected or in a compound, where `said_by` speaks.

    Keys of at most MOST_HITS + 1 passages, newest meeting first: one too many says that there are more. A rare word is looked up
    in the index and then sorted; a common one is read from the newest meeting backwards until there are enough. Neither reads
    everything, as counting or sorting all hits of a common word would.
    """
    wanted = stems(query) + ([statements.mark(said_by)] if said_by else [])
    some = list(holding(wanted).order_by().values_list("pk", flat=True)[: COMMON + 1])
    if len(some) <= COMMON:
        return _newest(Passage.objects.filter(pk__in=some, meeting__in=meetings), MOST_HITS + 1)
    keys: list[int] = []
    newest = list(meetings.order_by(F("date").desc(nulls_last=True), "-pk").values_list("pk", flat=True))
    for at in range(0, len(newest), MEETINGS_AT_A_TIME):
        passages = Passage.objects.filter(meeting__in=newest[at : at + MEETINGS_AT_A_TIME])
        # An expression has no index: PostgreSQL would otherwise look up the common word among all passages once more.
        unindexed = passages.alias(read=Concat("folded", Value(""), output_field=TextField()))
        keys += _newest(_containing(unindexed, wanted, field="read"), MOST_HITS + 1 - len(keys))
        if len(keys) > MOST_HITS:
            break
    return keys


def holding(wanted: list[str]) -> PassageQuerySet:
    """All passages that hold every one of these strings, by the index where there is one that can help."""
    passages = Passage.objects.all()
    trigrams = {one[at : at + 3] for one in wanted for at in range(len(one) - 2)}  # none in a word of one or two letters
    if trigrams and connection.vendor == "sqlite" and is_indexed():
        every = " AND ".join(f'"{trigram}"' for trigram in sorted(trigrams))
        # Only a constant is put into the text of this query; the words go beside it.
        found = RawSQL(f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s", [every])  # noqa: S608, S611
        passages = passages.filter(pk__in=found)
    return _containing(passages, wanted)  # on PostgreSQL this condition finds its index by itself


def _containing(passages: PassageQuerySet, wanted: list[str], *, field: str = "folded") -> PassageQuerySet:
    for one in wanted:
        passages = passages.filter(**{f"{field}__contains": one})
    return passages


def _newest(passages: PassageQuerySet, most: int) -> list[int]:
    order = (F("meeting__date").desc(nulls_last=True), "-meeting__pk", "number", "pk")
    return list(passages.order_by(*order).values_list("pk", flat=True)[:most])


def is_indexed(using: str = "default") -> bool:
    """Whether the search has its index, on SQLite with the triggers that keep it in step. Without it every passage is read."""
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "sqlite":
            names = [INDEX, *(f"{INDEX}_{event}" for event in ("insert", "delete", "update"))]
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE name IN (%s, %s, %s, %s)", names)
            return cursor.fetchone()[0] == 4
        cursor.execute("SELECT 1 FROM pg_class WHERE relname = %s AND relkind = 'i'", [INDEX])
        return cursor.fetchone() is not None


def check(app_configs: Any, databases: list[str] | None = None, **_: Any) -> list[Advice]:
    """System check: a search without its index works, and gets slower with every protocol."""
    hints = {
        "sqlite": "This SQLite lacks FTS5 with trigrams (3.34 or later), or a table was rebuilt. "
        "Migrate protocol to 0001 and back.",
        "postgresql": "As a database administrator: CREATE EXTENSION pg_trgm; then as the owner of the tables: "
        f"CREATE INDEX {INDEX} ON protocol_passage USING gin (folded gin_trgm_ops) WITH (fastupdate = off);",
    }
    return [
        Advice("The search has no index and reads every passage.", hint=hints[connections[using].vendor], id="protocol.W001")
        for using in databases or []
        if Passage._meta.db_table in connections[using].introspection.table_names() and not is_indexed(using)
    ]
