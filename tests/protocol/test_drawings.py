"""A PDF is drawn by the worker, one at a time for each person, and fetched by nobody else."""

from datetime import timedelta
from unittest import mock

from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from meetings.actions import agenda
from protocol import actions, drawings, pdf
from protocol.models import Drawing
from tests.cast import Cast
from tests.paper import OnPaper
from tests.protocol.drawn import text_of

PROTOCOL, BOARD = Drawing.Kind.PROTOCOL, Drawing.Kind.BOARD
WAITING, BEGUN, DONE, FAILED = Drawing.State


class DrawingsCase(OnPaper, TestCase):
    """A draft, and a queue whose worker is not there until a test says so."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting("draft")
        cls.by = cls.cast.secretary

    def ask(self, kind: str = PROTOCOL, **known) -> Drawing:
        with mock.patch.object(drawings.draw.__class__, "enqueue"):
            return drawings.ask(kind, known.pop("meeting", self.meeting), by=known.pop("by", self.by), **known)

    def work(self, drawing: Drawing) -> Drawing:
        drawings.draw.call(drawing.pk)
        drawing.refresh_from_db()
        return drawing


class QueueTests(DrawingsCase):
    def test_it_waits_until_the_worker_draws_it(self):
        drawing = self.ask()
        self.assertEqual((drawing.state, bytes(drawing.pdf)), (WAITING, b""))
        self.work(drawing)
        self.assertEqual((drawing.state, drawing.fault), (DONE, ""))
        self.assertIn("UTKAST", text_of(bytes(drawing.pdf)))

    def test_asking_twice_is_one_wish(self):
        self.assertEqual(self.ask().pk, self.ask().pk)

    def test_another_wish_takes_the_place_of_the_one_that_has_not_begun(self):
        first, other = self.ask(), self.ask(meeting=self.cast.meeting("draft"))
        self.assertEqual(list(Drawing.objects.all()), [other])
        drawings.draw.call(first.pk)  # its place in the queue is still there, and leads nowhere
        self.assertEqual(Drawing.objects.get().state, WAITING)

    def test_one_at_a_time_for_each_person_and_then_the_next(self):
        first = self.ask()
        Drawing.objects.filter(pk=first.pk).update(state=BEGUN, begun_at=timezone.now())
        second = self.ask(meeting=self.cast.meeting("draft"))
        self.assertEqual(self.work(second).state, WAITING)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Drawing.objects.filter(pk=second.pk).update(state=BEGUN)
        chair = self.ask(by=self.cast.chair)
        self.assertEqual(self.work(chair).state, DONE)  # nobody waits for another person's
        Drawing.objects.filter(pk=first.pk).update(state=DONE)
        self.assertEqual(self.work(second).state, DONE)

    def test_what_was_asked_for_meanwhile_is_drawn_after_it(self):
        first = self.ask()
        later = []

        def render(**page):
            if not later:
                later.append(self.ask(meeting=self.cast.meeting("draft")))
            return b"%PDF"

        with mock.patch("protocol.pdf.render", side_effect=render):
            self.work(first)
        self.assertEqual([drawing.state for drawing in Drawing.objects.all()], [DONE, DONE])

    def test_the_same_text_is_drawn_once(self):
        with mock.patch("protocol.pdf.render", return_value=b"%PDF") as render:
            self.work(self.ask())
            again = self.work(self.ask(by=self.cast.chair))
        self.assertEqual((render.call_count, bytes(again.pdf)), (1, b"%PDF"))

    def test_what_cannot_be_drawn_says_why(self):
        with mock.patch("protocol.pdf.render", side_effect=pdf.RenderError("det tar för lång tid att rita")):
            drawing = self.work(self.ask())
        self.assertEqual((drawing.state, drawing.fault), (FAILED, "det tar för lång tid att rita"))

    def test_a_fault_of_ours_is_logged_and_told(self):
        with mock.patch("protocol.pdf.render", side_effect=KeyError("x")), self.assertLogs("protocol.drawings", "ERROR"):
            drawing = self.work(self.ask())
        self.assertEqual((drawing.state, bool(drawing.fault)), (FAILED, True))

    def left_by_a_dead_worker(self) -> Drawing:
        drawing = self.ask()
        Drawing.objects.filter(pk=drawing.pk).update(state=BEGUN, begun_at=timezone.now() - drawings.LOST - timedelta(seconds=1))
        return drawing

    def test_what_a_dead_worker_has_left_is_drawn_by_the_one_that_takes_the_job_again(self):
        with mock.patch("protocol.pdf.render", return_value=b"%PDF"):
            self.assertEqual(self.work(self.left_by_a_dead_worker()).state, DONE)

    def test_what_is_being_drawn_is_not_drawn_by_two(self):
        drawing = self.ask()
        Drawing.objects.filter(pk=drawing.pk).update(state=BEGUN, begun_at=timezone.now())
        with mock.patch("protocol.pdf.render") as render:
            self.work(drawing)
        render.assert_not_called()

    def test_whoever_asks_again_for_what_a_dead_worker_has_left_puts_it_in_the_queue(self):
        drawing = self.left_by_a_dead_worker()
        with mock.patch.object(drawings.draw.__class__, "enqueue") as enqueue, self.captureOnCommitCallbacks(execute=True):
            again = drawings.ask(PROTOCOL, self.meeting, by=self.by)
        self.assertEqual((again.pk, again.state), (drawing.pk, WAITING))
        enqueue.assert_called_once_with(drawing.pk)

    def test_what_a_dead_worker_has_left_does_not_stop_what_was_asked_for_since(self):
        first = self.left_by_a_dead_worker()
        Drawing.objects.filter(pk=first.pk).update(begun_at=timezone.now())
        second = self.ask(meeting=self.cast.meeting("draft"))
        self.assertEqual(self.work(second).state, WAITING)
        Drawing.objects.filter(pk=first.pk).update(begun_at=timezone.now() - drawings.LOST - timedelta(seconds=1))
        with mock.patch("protocol.pdf.render", return_value=b"%PDF"):
            self.assertEqual(self.work(first).state, FAILED)
        second.refresh_from_db()
        self.assertEqual(second.state, DONE)

    def test_it_is_thrown_away_after_an_hour(self):
        drawing = self.ask()
        self.assertEqual(drawings.throw_away(), 0)
        Drawing.objects.filter(pk=drawing.pk).update(asked_at=timezone.now() - drawings.KEPT - timedelta(seconds=1))
        self.assertEqual((drawings.throw_away(), Drawing.objects.count()), (1, 0))


class PageTests(DrawingsCase):
    def setUp(self) -> None:
        self.client.force_login(self.by)

    def page(self, drawing: Drawing, name: str = "drawing", **options):
        return self.client.get(reverse(f"protocol:{name}", args=[drawing.pk]), **options)

    def test_the_draft_is_handed_out_when_it_is_drawn(self):
        response = self.client.get(reverse("protocol:draft_pdf", args=[self.meeting.pk]))
        self.assertEqual(
            (response.status_code, response["Content-Type"], response["Cache-Control"]),
            (200, "application/pdf", "private, no-store"),
        )

    def test_until_then_one_waits_on_a_page_that_asks_again(self):
        with mock.patch.object(drawings.draw.__class__, "enqueue"):
            response = self.client.get(reverse("protocol:draft_pdf", args=[self.meeting.pk]), follow=True)
        drawing = Drawing.objects.get()
        self.assertRedirects(response, reverse("protocol:drawing", args=[drawing.pk]), status_code=303)
        self.assertContains(response, "PDF:en ritas")
        self.assertContains(response, "Den står först i kön.")
        part = self.page(drawing, headers={"HX-Request": "true"})
        self.assertNotContains(part, "<html")
        self.assertEqual(self.page(drawing, "drawn").status_code, 404)
        self.work(drawing)
        self.assertContains(self.page(drawing), "PDF:en är klar")
        file = reverse("protocol:drawn", args=[drawing.pk])
        self.assertEqual(self.page(drawing, headers={"HX-Request": "true"})["HX-Redirect"], file)
        self.assertTrue(self.client.get(file).content.startswith(b"%PDF"))

    def test_the_page_says_how_many_come_before(self):
        self.ask(by=self.cast.chair)
        self.assertContains(self.page(self.ask()), "1 före i kön")

    def test_nobody_meets_anybody_elses(self):
        drawing = self.work(self.ask(by=self.cast.chair))
        for name in ("drawing", "drawn"):
            self.assertEqual(self.page(drawing, name).status_code, 404)

    def test_who_has_lost_the_right_does_not_get_the_file(self):
        """As when the text was under approval, and has been taken back since."""
        drawing = self.work(self.ask(by=self.cast.union_rep))
        self.client.force_login(self.cast.union_rep)
        self.assertEqual(self.page(drawing, "drawn").status_code, 409)


class FreezeTests(DrawingsCase):
    """The text is sent when its print has been tried, and the one who sends it is not held up meanwhile."""

    def setUp(self) -> None:
        self.client.force_login(self.by)
        self.ready = self.cast.ready(self.meeting)
        self.address = reverse("protocol:freeze", args=[self.meeting.pk])

    def state(self) -> str:
        return type(self.meeting).objects.get(pk=self.meeting.pk).state

    def send(self, **options):
        return self.client.post(self.address, {"privacy_reviewed": "on"}, **options)

    def test_the_check_list_begins_the_trial(self):
        self.client.get(self.address)
        self.assertEqual([drawing.state for drawing in Drawing.objects.all()], [DONE])
        with mock.patch("protocol.pdf.render") as render:
            self.assertEqual(self.send().status_code, 303)
        self.assertEqual((render.call_count, self.state()), (0, "approval"))

    def test_while_it_is_tried_the_form_sends_itself_again(self):
        with mock.patch.object(drawings.draw.__class__, "enqueue"):
            response = self.send()
            part = self.send(headers={"HX-Request": "true"})
        self.assertContains(response, "Utskriften provas")
        self.assertContains(response, 'name="privacy_reviewed" value="True"')
        self.assertNotContains(part, "<html")
        self.assertEqual(self.state(), "draft")
        self.work(Drawing.objects.get())
        done = self.send(headers={"HX-Request": "true"})
        self.assertEqual((done["HX-Redirect"], self.state()), (reverse("protocol:protocol", args=[self.meeting.pk]), "approval"))

    def test_what_cannot_be_printed_is_not_sent_and_says_why(self):
        with mock.patch("protocol.pdf.render", side_effect=pdf.RenderError("det tar för lång tid att rita")):
            self.assertContains(self.client.get(self.address), "Det tar för lång tid att rita")
            self.assertContains(self.send(), "Protokollet går inte att skriva ut: det tar för lång tid att rita")
            self.assertEqual(self.send(headers={"HX-Request": "true"})["HX-Redirect"], self.address)
        self.assertEqual(self.state(), "draft")

    def test_a_fault_of_ours_is_tried_again_when_one_comes_back(self):
        """The text is as it was, and nobody has to change it to be let on."""
        with mock.patch("protocol.pdf.render", side_effect=pdf.RenderError("andra dokument ritas just nu")):
            self.assertContains(self.client.get(self.address), "Andra dokument ritas just nu")
        self.assertNotContains(self.client.get(self.address), "Andra dokument ritas just nu")
        self.assertEqual((self.send().status_code, self.state()), (303, "approval"))

    def test_while_it_is_tried_again_one_reads_why_it_could_not(self):
        with mock.patch("protocol.pdf.render", side_effect=pdf.RenderError("det tar för lång tid att rita")):
            self.client.get(self.address)
        chair = self.client_class()
        chair.force_login(self.cast.chair)
        with mock.patch.object(drawings.draw.__class__, "enqueue"):
            self.assertContains(chair.get(self.address), "Det tar för lång tid att rita")

    def test_another_text_is_another_trial(self):
        with mock.patch("protocol.pdf.render", side_effect=pdf.RenderError("för stort")):
            self.client.get(self.address)
        paragraph = self.ready.paragraphs.get(slug="operations")
        agenda.edit_text(paragraph, fields={"text": "En annan text."}, version=paragraph.version, by=self.by)
        self.assertEqual(self.send().status_code, 303)
        self.assertEqual(self.state(), "approval")

    def test_the_action_draws_by_itself_what_nobody_has_tried(self):
        with mock.patch("protocol.pdf.render", return_value=b"%PDF") as render:
            actions.freeze(self.ready, by=self.by, privacy_reviewed=True)
        self.assertEqual(render.call_count, 1)
