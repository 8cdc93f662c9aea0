"""Many at once: receipt numbers are unique, support counts once, and of two saves one is told."""

from collections.abc import Callable
from threading import Barrier, Thread

from django.db import connection, transaction
from django.test import TransactionTestCase

from motions.actions import answering, drafting, filing, handling, supporting
from motions.models import Motion, Support
from record.chain import verify
from record.moves import Stale, WrongState
from tests import factories as make
from tests.cast import Cast
from tests.runner import unguarded


def together(*calls: Callable[[], object]) -> list[str]:
    """Run the calls at the same time; what each came to: "" or the name of its refusal."""
    barrier, refusals = Barrier(len(calls)), [""] * len(calls)

    def run(place: int, call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            call()
        except Exception as error:
            refusals[place] = type(error).__name__
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refusals


class TogetherTests(TransactionTestCase):
    def setUp(self) -> None:
        self.cast = Cast()
        _ = (self.cast.secretary, self.cast.union_rep, self.cast.other_rep, self.cast.chair, self.cast.employer)

    def draft(self) -> Motion:
        return make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, filed=False)

    def filed(self) -> Motion:
        return filing.file(self.draft(), by=self.cast.union_rep)

    def test_eight_filed_at_once_get_eight_numbers(self) -> None:
        drafts = [self.draft() for _ in range(8)]
        found = together(
            *(lambda motion=motion: filing.file(Motion.objects.get(pk=motion.pk), by=self.cast.union_rep) for motion in drafts)
        )
        self.assertEqual(found, [""] * 8)
        numbers = sorted(int(receipt[-4:]) for receipt in Motion.objects.values_list("receipt", flat=True))
        self.assertEqual(numbers, list(range(1, 9)))
        self.assertEqual(verify(self.cast.group.chain), [])

    def test_one_filed_twice_is_filed_once(self) -> None:
        motion = self.draft()
        found = together(*(lambda: filing.file(Motion.objects.get(pk=motion.pk), by=self.cast.union_rep) for _ in range(4)))
        self.assertEqual(sorted(found), ["", *[WrongState.__name__] * 3])

    def test_support_given_twice_counts_once(self) -> None:
        claim = self.filed().claims.get()

        def support() -> None:
            supporting.support(type(claim).objects.get(pk=claim.pk), party=self.cast.other_union, by=self.cast.other_rep)

        self.assertEqual(together(support, support), ["", ""])
        self.assertEqual(Support.objects.count(), 1)

    def test_support_never_reaches_a_motion_that_is_locked_meanwhile(self) -> None:
        motion = self.filed()
        claim = motion.claims.get()

        def lock() -> None:
            with transaction.atomic():
                handling.set_phase([motion], "J", by=self.cast.secretary, verb="freeze")

        def support() -> None:
            supporting.support(type(claim).objects.get(pk=claim.pk), party=self.cast.other_union, by=self.cast.other_rep)

        with unguarded("motions_motion"):  # as if its meeting had been frozen
            refusals = together(lock, support)
        self.assertEqual(refusals, ["", WrongState.__name__ if not Support.objects.exists() else ""])

    def test_of_two_saves_one_is_told(self) -> None:
        motion = self.draft()

        def save(title: str) -> None:
            here = Motion.objects.get(pk=motion.pk)
            drafting.save_draft(
                here, fields={"title": title}, claims=[{"text": f"att {title}"}], version=2, by=self.cast.union_rep
            )

        self.assertEqual(sorted(together(lambda: save("a"), lambda: save("b"))), ["", Stale.__name__])
        saved = Motion.objects.get()
        self.assertEqual(saved.claims.get().text, f"att {saved.title}")

    def test_of_two_answers_one_is_told(self) -> None:
        claim = self.filed().claims.get()

        def write(by) -> None:
            answering.answer(type(claim).objects.get(pk=claim.pk), outcome="granted", text="", version=0, by=by)

        self.assertEqual(
            sorted(together(lambda: write(self.cast.chair), lambda: write(self.cast.employer))), ["", Stale.__name__]
        )
        self.assertEqual(claim.answers.count(), 1)
