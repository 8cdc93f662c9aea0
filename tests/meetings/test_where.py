"""Where does a question belong: the words of the help texts, the headings and earlier agendas point at a §."""

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.models import Meeting
from meetings.reading import where
from tests import factories as make
from tests.cast import Cast


class WhereTests(TestCase):
    def setUp(self) -> None:
        self.cast = Cast()
        self.earlier = self.cast.meeting("draft")
        self.meeting = self.cast.meeting("called")

    def slugs(self, words: str, **more) -> list[str]:
        return [one.paragraph.slug for one in where.suggest(self.meeting, words, **more)]

    def test_the_help_text_knows(self):
        for question, slug in (
            ("skyddsrond på kontoret", "safety"),
            ("Sjukfrånvaron i höst", "safety"),
            ("Hur går det med ekonomin?", "operations"),
            ("remissen om parker", "board_matters"),
            ("tillsättning av chef", "decisions"),
            ("gemensam utbildning för området", "area"),
        ):
            with self.subTest(question):
                self.assertEqual(self.slugs(question)[0], slug)

    def test_earlier_agendas_teach(self):
        self.assertEqual(self.slugs("ventilationen"), [])
        make.make_item(make.make_paragraph(self.earlier, "area"), "Ventilation i arkivet")
        found = where.suggest(self.meeting, "ventilationen")
        self.assertEqual([one.paragraph.slug for one in found], ["area"])
        self.assertEqual(found[0].why, "Tidigare stod här: ”Ventilation i arkivet”.")

    def test_what_one_may_not_know_of_teaches_nothing(self):
        make.make_item(make.make_paragraph(self.earlier, "area"), "Ventilation i arkivet")
        self.assertEqual(self.slugs("ventilationen", seen=Meeting.objects.visible_to(self.cast.stranger)), [])

    def test_a_planned_or_cancelled_meeting_teaches_nothing(self):
        planned = self.cast.meeting("planned")
        make.make_item(make.make_paragraph(planned, "area"), "Ventilation i arkivet")
        self.assertEqual(self.slugs("ventilationen"), [])

    def test_empty_words_give_nothing(self):
        for words in ("", "   ", "vad är det som ska vara om på", "12 345", "§§ !!"):
            self.assertEqual(where.suggest(self.meeting, words), [])

    def test_the_likeliest_first_and_no_more_than_asked(self):
        found = where.suggest(
            self.meeting, "information om ekonomi, remiss, utbildning, skyddsombud, organisation och bemanning", most=3
        )
        self.assertEqual(len(found), 3)
        self.assertEqual([one.score for one in found], sorted((one.score for one in found), reverse=True))

    def test_a_fixed_number_of_questions(self):
        counted = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                where.suggest(Meeting.objects.get(pk=self.meeting.pk), "ventilationen och bemanningen")
            counted.append(len(queries))
            for n in range(30):
                make.make_item(make.make_paragraph(self.earlier), f"Bemanning {'x' * n}")
        self.assertEqual(*counted)
        self.assertLessEqual(counted[0], 8)


class WhereViewTests(TestCase):
    def setUp(self) -> None:
        self.cast = Cast()
        self.meeting = self.cast.meeting("called")
        self.address = reverse("meetings:where", args=[self.meeting.pk])

    def test_a_page_that_needs_no_scripts(self):
        self.client.force_login(self.cast.union_rep)
        self.assertContains(self.client.get(self.address), "Vad gäller frågan?")
        page = self.client.get(self.address, {"q": "skyddsronden"})
        self.assertContains(page, "Skyddskommittéärenden")
        self.assertNotContains(page, "ny-punkt")
        self.assertContains(
            self.client.get(self.address, {"q": "xyzzy\x00<script>"}), "Ingen paragraf i dagordningen nämner de orden"
        )

    def test_those_who_arrange_go_on_from_there(self):
        self.client.force_login(self.cast.secretary)
        paragraph = make.make_paragraph(self.meeting, "safety")
        self.assertContains(
            self.client.get(self.address, {"q": "skyddsronden"}), reverse("meetings:add_item", args=[paragraph.pk])
        )
        draft = self.cast.meeting("draft")
        page = self.client.get(reverse("meetings:where", args=[draft.pk]), {"q": "skyddsronden"})
        self.assertContains(page, reverse("meetings:write", args=[make.make_paragraph(draft, "safety").pk]))

    def test_data_for_a_script(self):
        self.client.force_login(self.cast.secretary)
        answer = self.client.get(self.address, {"q": "skyddsronden"}, headers={"X-Requested-With": "fetch"}).json()
        safety = make.make_paragraph(self.meeting, "safety")
        self.assertEqual(answer["q"], "skyddsronden")
        self.assertEqual(
            answer["suggestions"][0],
            {"paragraph": safety.pk, "number": None, "heading": "Skyddskommittéärenden", "why": answer["suggestions"][0]["why"]},
        )
        self.assertIn("skyddsronder", answer["suggestions"][0]["why"])
