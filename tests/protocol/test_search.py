"""The search: the same answers with the index, without it, and for words so common that the newest are read first."""

from contextlib import contextmanager, redirect_stdout
from datetime import date, timedelta
from importlib import import_module
from io import StringIO
from types import SimpleNamespace
from unittest import mock, skipUnless

from django.db import connection
from django.test import SimpleTestCase, TestCase
from django.test.utils import CaptureQueriesContext

from meetings.models import Meeting
from protocol import search
from protocol.models import Passage
from record.text.stems import stem
from tests import factories as make
from tests.cast import Cast

migration = import_module("protocol.migrations.0001_initial")

TEXTS = (
    "Skyddsronden genomfördes i lokalerna.",
    "Laddplatserna är 100% klara, se fil budget_2026.",
    'Chefen sade ”vi väntar” och it\'s "klart".',
    "Å andra sidan: IT, el och ö-frågor. AB/CD \\ slut*",
    "Budgeten och lokalerna. Budgetuppföljning a_b",
    "Inget särskilt.",
)
QUESTIONS = (
    "skyddsrond",
    "lokal",
    "budget lokaler",
    "budget_2026",
    "a_b",
    "budgetuppföljningen",
    "it",
    "å",
    "a",
    "el och",
    "_",
    "s",
    "vi väntar",
    "it's",
    '"klart"',
    "100%",
    "%",
    "CD",
    "slut*",
    "\\",
    "' OR 1=1 --",
    "AND",
    "NEAR(a b)",
    "folded:budget",
    "100",
    "😀",
    "ß",
    "badhus",
)


@contextmanager
def no_index():
    """The database as it is where the index could not be made."""
    editor = SimpleNamespace(connection=connection)
    migration.remove(None, editor)
    try:
        yield
    finally:
        connection.check_constraints()  # PostgreSQL makes no index while rows of this transaction wait to be checked
        migration.add(None, editor)


class AnswerTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.group = make.make_group()
        cls.meetings = []
        for n in range(4):
            meeting = make.make_meeting(cls.group, date=date(2026, 4, 16) - timedelta(days=n))
            for number, text in enumerate(TEXTS, start=1):
                if (number + n) % 4:  # not every meeting has every §
                    Passage.objects.create(meeting=meeting, number=number, heading="", words=text, folded=text.lower())
            cls.meetings.append(meeting)

    def expected(self, question):
        """By reading everything in Python."""
        rows = Passage.objects.select_related("meeting").order_by("-meeting__date", "number")
        return [row.pk for row in rows if all(one in row.folded for one in search.stems(question))]

    def answers(self):
        return {question: search.find(Meeting.objects.all(), question) for question in QUESTIONS}

    def test_the_index_is_there(self):
        self.assertTrue(search.is_indexed())
        self.assertEqual(search.check(None, databases=["default"]), [])

    def test_every_question_finds_what_reading_everything_finds(self):
        expected = {question: self.expected(question) for question in QUESTIONS}
        self.assertEqual([len(expected[q]) for q in ("skyddsrond", "_", "%", "badhus")], [3, 6, 18, 0])
        self.assertEqual(self.answers(), expected)
        with mock.patch.object(search, "COMMON", 0):
            self.assertEqual(self.answers(), expected)

    def test_without_the_index_the_answers_are_the_same_and_the_check_says_so(self):
        with_index = self.answers()
        with no_index():
            self.assertFalse(search.is_indexed())
            self.assertEqual([advice.id for advice in search.check(None, databases=["default"])], ["protocol.W001"])
            self.assertEqual(self.answers(), with_index)
        self.assertEqual(self.answers(), with_index)

    def test_the_index_follows_what_is_written_changed_and_removed(self):
        row = Passage.objects.create(meeting=self.meetings[0], number=9, heading="", words="Badhus", folded="badhuset")
        self.assertEqual(search.find(Meeting.objects.all(), "badhus"), [row.pk])
        Passage.objects.filter(pk=row.pk).update(folded="simhallen")
        self.assertEqual([search.find(Meeting.objects.all(), q) for q in ("badhus", "simhall")], [[], [row.pk]])
        row.delete()
        self.assertEqual(search.find(Meeting.objects.all(), "simhall"), [])
        Passage.objects.all().delete()
        self.assertEqual(search.find(Meeting.objects.all(), "budget"), [])

    def test_a_common_word_gives_the_newest_and_says_that_there_are_more(self):
        for common in (0, 1000):
            with mock.patch.multiple(search, COMMON=common, MOST_HITS=3, MEETINGS_AT_A_TIME=1):
                self.assertEqual(search.find(Meeting.objects.all(), "budget"), self.expected("budget")[:4])

    def test_only_the_given_meetings_are_searched(self):
        one = Meeting.objects.filter(pk=self.meetings[2].pk)
        for common in (0, 1000):
            with mock.patch.object(search, "COMMON", common):
                rows = Passage.objects.filter(pk__in=search.find(one, "budget"))
                self.assertEqual({row.meeting_id for row in rows}, {self.meetings[2].pk})

    def test_a_database_that_cannot_have_the_index_is_migrated_all_the_same(self):
        with no_index(), mock.patch.multiple(migration, SQLITE=["nonsense"], POSTGRESQL=["nonsense"]):
            with redirect_stdout(StringIO()) as said:
                migration.add(None, SimpleNamespace(connection=connection))
            self.assertIn("The index for the search was not made", said.getvalue())
            self.assertEqual(search.find(Meeting.objects.all(), "budget"), self.expected("budget"))

    @skipUnless(connection.vendor == "sqlite", "SQLite's index is asked for by name")
    def test_short_words_do_without_the_index_and_longer_ones_use_it(self):
        for question, used in (("it", False), ("å", False), ("budget", True), ("it budget", True)):
            with CaptureQueriesContext(connection) as queries:
                search.find(Meeting.objects.all(), question)
            self.assertEqual(any("MATCH" in query["sql"] for query in queries), used, question)

    @skipUnless(connection.vendor == "postgresql", "PostgreSQL's planner chooses")
    def test_the_planner_can_use_the_index(self):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_indexscan = off")  # of so few rows any index would do; trigrams are read as a bitmap
            plan = search.holding(["budget"]).order_by().explain()
        self.assertIn(search.INDEX, plan)


class PageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.meeting = make.make_meeting(cls.cast.group, date=date(2026, 4, 16))
        make.put_in_state(cls.meeting, "sealed")
        for number in range(1, 6):
            Passage.objects.create(meeting=cls.meeting, number=number, heading="Budget", words="Budget", folded="budget")

    def setUp(self):
        self.client.force_login(self.cast.hr)

    def test_more_hits_than_anybody_reads_are_cut_and_it_is_said(self):
        with mock.patch.object(search, "MOST_HITS", 3):
            answer = self.client.get("/protokoll/", {"q": "budget"})
        self.assertContains(answer, "Fler än 3 träffar på ”budget”. Här är de 3 nyaste")
        self.assertEqual([row["passage"].number for row in answer.context["rows"]], [1, 2, 3])

    def test_signs_without_a_word_show_all_protocols_and_say_so(self):
        answer = self.client.get("/protokoll/", {"q": "%"})
        self.assertContains(answer, "Det finns inget ord att söka på i ”%”. Utan ord visas alla: 1 protokoll.")

    def test_the_choices_are_those_of_the_readable_protocols(self):
        form = self.client.get("/protokoll/").context["form"]
        self.assertEqual(list(form.fields["group"].queryset), [self.cast.group])
        self.assertEqual(form.fields["year"].choices, [("", "Alla år"), (2026, "2026")])


class StemTests(SimpleTestCase):
    def test_no_word_has_an_empty_stem(self):
        letters = "abcdefghijklmnopqrstuvwxyzåäö_1"
        words = [*letters, *(a + b for a in letters for b in letters)]
        self.assertEqual([word for word in words if not stem(word)], [])
