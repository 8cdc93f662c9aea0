"""One motion holds no more than is read, printed and compared in a moment; more is refused before it is read, and stays typed."""

from unittest.mock import patch

from django.core.exceptions import ValidationError
from django.db import connection
from django.test import TestCase
from django.urls import reverse

from motions import written
from motions.actions import changing, drafting
from motions.models import Motion
from record import text
from tests import factories as make
from tests.cast import Cast

TOO_MUCH = "Allt tillsammans har"
BIG = "**stort** " * 4_000  # 40,000 characters: one fits, four do not


class RoomTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        _ = cls.cast.union_rep

    def setUp(self) -> None:
        self.client.force_login(self.cast.union_rep)
        self.parsed: list[tuple[int, int]] = []  # how long each text was that was read, and how deep in transactions

    def send(self, texts, *, to=None, do="save", version=0, **changes):
        data = dict.fromkeys(written.WORDED, "") | {"kind": "motion", "title": "Buller", "background": "Det bullrar."}
        data |= {"claim_text": texts, "claim_points": [""] * len(texts), "version": version, "do": do} | changes
        outside, canonical = len(connection.savepoint_ids), text.canonical

        def read(raw):
            self.parsed.append((len(raw), len(connection.savepoint_ids) - outside))
            return canonical(raw)

        with patch.object(text, "canonical", read):
            return self.client.post(to or reverse("motions:draft", args=[self.cast.group.pk]), data)

    def read(self) -> int:
        return sum(length for length, _ in self.parsed)

    def test_more_than_fits_is_refused_unread_and_nothing_typed_is_lost(self) -> None:
        texts = [f"{BIG}{number}" for number in range(40)]
        for do in ("save", "review"):
            page = self.send(texts, do=do)
            self.assertContains(page, TOO_MUCH)
            self.assertContains(page, "står kvar")
            self.assertEqual([row.text for row in page.context["rows"].rows], texts)
            self.assertContains(page, "Det bullrar.")
        self.assertLess(self.read(), 1_000)
        self.assertEqual(Motion.objects.count(), 0)

    def test_nor_is_it_drawn(self) -> None:
        self.assertContains(self.send([BIG] * 40, do="show"), TOO_MUCH)
        self.assertEqual(self.read(), 0)

    def test_lines_points_and_cells_count_too(self) -> None:
        for more in ({"claim_points": ["a\n" * 6_000]}, {"background": "| a " * 3_000, "claim_text": ["| b " * 3_000]}):
            self.parsed.clear()
            with self.subTest(list(more)):
                self.assertContains(self.send(["x"], **more), TOO_MUCH)
                self.assertLess(self.read(), 20_000)
        self.assertEqual(Motion.objects.count(), 0)

    def test_the_buttons_of_the_rows_read_nothing(self) -> None:
        page = self.send([BIG] * 40, do="add")
        self.assertEqual(len(page.context["rows"].rows), 41)
        self.assertEqual(self.read(), 0)

    def test_what_fits_is_saved(self) -> None:
        self.assertEqual(self.send([BIG] * 3).status_code, 303)
        self.assertEqual(Motion.objects.get().claims.count(), 3)

    def test_a_text_is_read_once_and_before_the_database_is_locked(self) -> None:
        self.assertEqual(self.send([BIG], background=f"{BIG}mer").status_code, 303)
        motion = Motion.objects.get()
        self.assertEqual(self.send([f"{BIG}nytt"], to=reverse("motions:edit", args=[motion.pk]), version=motion.version,
                                   background=f"{BIG}annat").status_code, 303)  # fmt: skip
        great = [(length, depth) for length, depth in self.parsed if length > 1_000]
        self.assertEqual([depth for _, depth in great], [0] * 4)
        motion.refresh_from_db()
        self.assertEqual((motion.background, type(motion.background)), (f"{BIG}annat", str))

    def test_the_verbs_refuse_it_before_anything_is_held(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        fields, claims = written.values(motion), [{"text": BIG, "points": [], "pk": 0}] * 4
        for verb in (drafting.save_draft, changing.change):
            with self.subTest(verb.__name__), self.assertNumQueries(0), self.assertRaisesMessage(ValidationError, TOO_MUCH):
                verb(motion, fields=fields, claims=claims, version=motion.version, by=self.cast.union_rep)
