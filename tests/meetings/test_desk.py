"""The desk: who may open it, what it shows, and that nothing typed is lost on the way to the database."""

import re
from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from meetings.actions import agenda, attendance, placing, promises
from meetings.models import Appendix, Item, Paragraph, Writer
from meetings.reading.desk import lines
from meetings.reading.sittings import sittings
from record.history import remember
from tests import factories as make
from tests.cast import Cast

FETCH = {"X-Requested-With": "fetch"}


class DeskCase(TestCase):
    state = "draft"

    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting(cls.state)
        cls.paragraph = make.make_paragraph(cls.meeting)

    def setUp(self):
        self.client.force_login(self.cast.secretary)

    def save(self, text, *, version=None, paragraph=None, fetch=True, **more):
        paragraph = paragraph or self.paragraph
        version = paragraph.version if version is None else version
        url = reverse("meetings:save", args=[paragraph.pk])
        return self.client.post(url, {"text": text, "version": version, **more}, headers=FETCH if fetch else {})

    def stored(self):
        return Paragraph.objects.get(pk=self.paragraph.pk)


class WriteTests(DeskCase):
    def write(self, paragraph=None):
        return self.client.get(reverse("meetings:write", args=[(paragraph or self.paragraph).pk]))

    def test_the_whole_protocol_in_one_page_is_small_over_the_wire(self):
        plain = self.write()
        packed = self.client.get(reverse("meetings:write", args=[self.paragraph.pk]), headers={"accept-encoding": "gzip"})
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertLess(len(packed.content) * 4, len(plain.content))

    def test_the_desk_opens_at_the_first_paragraph_that_is_not_finished(self):
        first, second = self.meeting.paragraphs.all()[:2]
        agenda.set_done(first, done=True, by=self.cast.secretary)
        answer = self.client.get(reverse("meetings:desk", args=[self.meeting.pk]))
        self.assertRedirects(answer, reverse("meetings:write", args=[second.pk]))

    def test_it_shows_how_far_each_paragraph_has_come(self):
        rows = list(self.meeting.paragraphs.all())
        agenda.set_done(rows[0], done=True, by=self.cast.secretary)
        self.save("Påbörjat")
        context = self.write().context
        self.assertEqual({line.state for line in context["agenda"]}, {"empty", "started", "done"})
        self.assertEqual([line.paragraph.slug for line in context["agenda"] if line.state == "started"], ["operations"])
        self.assertContains(self.write(), f"1 av {len(rows)} klara")

    def test_the_default_sentence_is_shown_as_it_will_print_until_something_is_written(self):
        opening = make.make_paragraph(self.meeting, "opening")
        self.assertContains(self.write(opening), "Ordförande Cecilia Björk, förvaltningschef, förklarade mötet för öppnat.")
        self.assertContains(self.write(opening), "Skriv in den")
        self.save("Mötet öppnades.", paragraph=opening)
        self.assertNotContains(self.write(opening), "förklarade mötet för öppnat")

    def test_a_default_sentence_whose_data_is_missing_says_where_to_fill_it_in(self):
        answer = self.write(make.make_paragraph(self.meeting, "adjuster"))
        self.assertContains(answer, "vilka som är valda till justerare, och justeringsdagen, när det är bestämt.")
        self.assertContains(answer, reverse("meetings:elect", args=[self.meeting.pk]))
        self.assertNotContains(answer, "{justerare}")

    def test_the_end_of_the_meeting_is_one_link_away_from_its_closing(self):
        answer = self.write(make.make_paragraph(self.meeting, "closing"))
        self.assertContains(
            answer, f'<a href="{reverse("meetings:edit", args=[self.meeting.pk])}">Fyll i sluttiden</a>', html=True
        )

    def test_the_whole_protocol_is_in_the_page_and_one_paragraph_is_shown(self):
        found = self.write().content.decode()
        rows = list(self.meeting.paragraphs.values_list("pk", flat=True))
        self.assertEqual([found.count(f'id="p-{pk}"') for pk in rows], [1] * len(rows))
        shown = [
            pk
            for pk in rows
            if f'data-paragraph="{pk}"' in found and not re.search(f'<section[^>]*id="p-{pk}"[^>]* hidden>', found)
        ]
        self.assertEqual(shown, [self.paragraph.pk])

    def test_a_paragraph_marked_as_done_without_its_outcome_needs_attention(self):
        make.make_item(self.paragraph, "Ny organisation", kind="decision")
        agenda.set_done(self.paragraph, done=True, by=self.cast.secretary)
        states = {line.paragraph.slug: line.words for line in self.write().context["agenda"]}
        self.assertEqual((states["operations"], states["opening"]), ("åtgärda", "tom"))

    def test_what_the_check_list_will_stop_needs_attention_when_the_paragraph_is_marked_as_done(self):
        agenda.set_done(self.paragraph, done=True, by=self.cast.secretary)
        state = lambda: {line.paragraph.slug: line.words for line in self.write().context["agenda"]}["operations"]  # noqa: E731
        self.assertEqual(state(), "klar")
        self.save("Förvaltningen återkommer den {datum}.", version=self.stored().version)
        self.assertEqual(state(), "åtgärda")
        self.save("Förvaltningen återkommer den 4 maj.", version=self.stored().version)
        self.assertEqual(state(), "klar")
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.adjuster)
        placing.place(motion, meeting=self.meeting, paragraph=self.paragraph, by=self.cast.secretary)
        self.assertEqual(state(), "åtgärda")
        make.make_answer(motion.claims.get(), by=self.cast.secretary)
        self.assertEqual(state(), "klar")

    def test_a_default_sentence_can_be_written_in(self):
        closing = make.make_paragraph(self.meeting, "closing")
        self.assertContains(self.write(closing), "Skriv in den")
        self.save("Ordförande tackade för deltagandet.", paragraph=closing, fetch=False)
        self.assertEqual(Paragraph.objects.get(pk=closing.pk).text, "Ordförande tackade för deltagandet.")

    def test_one_item_and_thirty_take_the_same_queries(self):
        self.client.get(reverse("meetings:write", args=[self.paragraph.pk]))
        counts = []
        for wanted in (1, 30):
            while self.paragraph.items.count() < wanted:
                make.make_item(self.paragraph, kind="board_matter", references=["PN 2026-1"], presenter="Ekonomichef")
            with CaptureQueriesContext(connection) as found:
                self.write()
            counts.append(len(found))
        self.assertEqual(counts[0], counts[1])

    def test_six_promises_appendices_changes_and_parties_take_the_same_queries_as_one(self):
        self.client.get(reverse("meetings:write", args=[self.paragraph.pk]))
        text, counts, asked = "", [], []
        for n in range(6):
            party = make.make_party(f"Förbund {n}", f"F{n}")
            user = make.make_member(self.cast.group, "union_rep", party=party, title=f"titel {n}")
            attendance.join(self.meeting, person=user.person, party=party, side="employee", by=self.cast.secretary)
            appendix = Appendix(meeting=self.meeting, position=n, title=f"Bilaga {n}", party=party)
            remember(appendix, by=None, verb="test")
            change = {"subject": f"Fråga {n}", "paragraph": self.paragraph, "appendix": appendix, "party": party}
            agenda.change_agenda(self.meeting, kind="addition", by=self.cast.secretary, **change)
            text = f"{text}Förvaltningen utreder taket på hus {n}. "
            paragraph = self.stored()
            paragraph.text = text
            remember(paragraph, by=None, verb="test")
            sentence = f"Förvaltningen utreder taket på hus {n}."
            made = promises.promise(paragraph, sentence=sentence, by=self.cast.secretary)
            self.assertIsNotNone(made.balance_item)
            if n in (0, 5):
                with CaptureQueriesContext(connection) as queries:
                    self.write()
                counts.append(len(queries))
                asked.append([query["sql"] for query in queries.captured_queries])
        repeated = sorted({sql for sql in asked[1] if asked[1].count(sql) > asked[0].count(sql)})
        self.assertEqual(counts[0], counts[1], "\n".join(repeated[:6]))

    def test_html_and_template_syntax_stay_text(self):
        evil = "<script>alert(1)</script> {{ settings.SECRET_KEY }} {% load x %}"
        make.make_item(self.paragraph, evil, kind="decision", presenter=evil)
        self.save(evil)
        answer = self.write()
        self.assertNotContains(answer, "<script>alert")
        self.assertContains(answer, "{{ settings.SECRET_KEY }}")


class HereTests(DeskCase):
    """Who else is at the desk, and what they have saved."""

    def report(self, user=None, *, tab=None, paragraph=None, **more):
        if user is not None:
            self.client.force_login(user)
        fields = {"tab": tab or uuid4(), "paragraph": (paragraph or self.paragraph).pk, **more}
        return self.client.post(reverse("meetings:here", args=[self.meeting.pk]), fields, headers=FETCH)

    def test_two_people_hear_of_each_other_and_of_where_they_are(self):
        self.assertEqual(self.report(self.cast.chair, typing="1").json()["others"], [])
        number = next(line.number for line in lines(self.meeting) if line.paragraph == self.paragraph)
        self.assertEqual(
            self.report(self.cast.secretary).json()["others"],
            [
                {
                    "who": "Cecilia Björk",
                    "own": False,
                    "paragraph": self.paragraph.pk,
                    "where": f"§ {number}",
                    "typing": True,
                }
            ],
        )

    def test_ones_own_other_tab_is_told_as_ones_own(self):
        self.report()
        self.assertEqual([other["own"] for other in self.report().json()["others"]], [True])

    def test_somebody_who_left_or_fell_silent_is_gone(self):
        tab = uuid4()
        self.report(self.cast.chair, tab=tab)
        self.assertEqual(self.report(self.cast.chair, tab=tab, leaving="1").status_code, 204)
        self.report(self.cast.chair)
        Writer.objects.update(seen_at=timezone.now() - timedelta(seconds=21))
        self.assertEqual(self.report(self.cast.secretary).json()["others"], [])

    def test_nobody_sends_another_away(self):
        tab = uuid4()
        self.report(self.cast.chair, tab=tab)
        self.report(self.cast.secretary, tab=tab, leaving="1")
        self.assertEqual(len(self.report(self.cast.secretary).json()["others"]), 1)

    def test_it_tells_versions_numbers_and_states(self):
        item = make.make_item(self.paragraph, kind="decision")
        self.save("Nytt")
        told = self.report().json()
        self.assertEqual((told["versions"][f"p{self.paragraph.pk}"], told["versions"][f"i{item.pk}"]), (2, 1))
        row = next(row for row in told["agenda"] if row["paragraph"] == self.paragraph.pk)
        self.assertEqual((row["state"], row["words"], told["done"]), ("started", "påbörjad", 0))

    def test_a_report_that_makes_no_sense_is_refused(self):
        self.assertEqual(self.report(tab="en flik").status_code, 422)

    def test_a_paragraph_that_is_gone_or_elsewhere_is_no_place(self):
        other = make.make_paragraph(self.cast.meeting("draft"))
        self.report(self.cast.chair, paragraph=other)
        self.assertEqual(self.report(self.cast.secretary).json()["others"][0]["paragraph"], None)

    def test_what_the_page_does_by_itself_does_not_keep_the_session_alive(self):
        session = self.client.session
        session["seen"] = long_ago = timezone.now().timestamp() - 3000
        session["started"] = long_ago
        session.save()
        url, fields = reverse("meetings:here", args=[self.meeting.pk]), {"tab": uuid4(), "paragraph": self.paragraph.pk}
        self.client.post(url, fields, headers=FETCH | {"X-Background": "1"})
        self.assertEqual(self.client.session["seen"], long_ago)
        self.client.post(url, fields, headers=FETCH)
        self.assertGreater(self.client.session["seen"], long_ago + 2900)

    def test_one_paragraph_and_thirty_items_take_the_same_queries(self):
        self.report()
        counts = []
        for wanted in (1, 30):
            while self.paragraph.items.count() < wanted:
                make.make_item(self.paragraph, kind="board_matter")
            with CaptureQueriesContext(connection) as found:
                self.report(tab="11111111-1111-4111-8111-111111111111")
            counts.append(len(found))
        self.assertEqual(counts[0], counts[1])


class TextTests(DeskCase):
    """The text as it stands now, for a page that is open."""

    def test_a_paragraph_and_its_item(self):
        item = make.make_item(self.paragraph, kind="decision")
        self.save("**Nytt**")
        url = reverse("meetings:text", args=[self.paragraph.pk])
        self.assertEqual(
            self.client.get(url).json(), {"version": 2, "text": "**Nytt**", "html": "<p><strong>Nytt</strong></p>", "done": 0}
        )
        self.assertEqual(self.client.get(f"{url}?punkt={item.pk}").json(), {"version": 1, "text": "", "html": "", "outcome": ""})

    def test_only_items_of_the_paragraph(self):
        other = make.make_item(make.make_paragraph(self.meeting, "opening"))
        url = reverse("meetings:text", args=[self.paragraph.pk])
        for asked in (other.pk, "x", "9" * 30, "-1"):
            self.assertEqual(self.client.get(f"{url}?punkt={asked}").status_code, 404, asked)


class NewItemTests(DeskCase):
    """A point added without leaving the desk."""

    def add(self, **fields):
        return self.client.post(reverse("meetings:new_item", args=[self.paragraph.pk]), fields, headers=FETCH)

    def test_it_comes_back_as_a_form_to_write_in(self):
        answer = self.add(title="Vikarier <b>", kind="topic", presenter="Ekonomichef")
        item = self.paragraph.items.get()
        self.assertEqual((answer.status_code, item.title, item.presenter), (201, "Vikarier <b>", "Ekonomichef"))
        self.assertIn(reverse("meetings:save_item", args=[item.pk]), answer.json()["html"])
        self.assertNotIn("<b>", answer.json()["html"])

    def test_without_a_heading_it_is_refused_in_words(self):
        answer = self.add(title=" ", kind="topic")
        self.assertEqual((answer.status_code, list(answer.json()["errors"])), (422, ["title"]))
        self.assertEqual(self.paragraph.items.count(), 0)


class DoneWithTheTextTests(DeskCase):
    """Done is a field of the text's form, so that it is kept and tried again as the text is."""

    def test_done_is_saved_with_the_text_and_does_not_collide_with_it(self):
        self.save("Klart", done="1")
        self.assertEqual((self.stored().text, self.stored().done, self.stored().version), ("Klart", True, 2))
        self.save("Klart nu", version=2)
        self.assertTrue(self.stored().done)  # somebody who does not say stays silent
        self.save("Klart nu", version=3, done="0")
        self.assertEqual((self.stored().done, self.stored().version), (False, 3))

    def test_done_alone_says_nothing_of_the_text(self):
        self.save("Cecilias ord")
        url = reverse("meetings:save", args=[self.paragraph.pk])
        answer = self.client.post(url, {"version": 1, "done": "1"}, headers=FETCH)
        self.assertEqual((answer.status_code, answer.json()["version"]), (200, 1))
        self.assertEqual((self.stored().text, self.stored().done), ("Cecilias ord", True))

    def test_a_plain_form_that_conflicts_can_be_saved_afterwards(self):
        self.save("Cecilias ord")
        url = reverse("meetings:done", args=[self.paragraph.pk])
        answer = self.client.post(url, {"text": "Mina ord", "version": 1, "done": "1"})
        self.assertEqual(answer.status_code, 409)
        self.assertEqual(answer.context["keep_mine"]["done"].value(), None)

    def test_another_persons_text_is_not_saved_in_ones_own_name(self):
        answer = self.save("Stinas ord", by=self.cast.chair.pk)
        self.assertEqual((answer.status_code, answer.json()), (401, {"who": str(self.cast.secretary)}))
        self.assertEqual(self.stored().text, "")

    def test_done_that_was_lost_on_its_way_back_may_be_asked_for_again(self):
        self.save("Klart", done="1")
        self.assertEqual(self.save("Klart", version=1, done="1").status_code, 200)
        self.assertEqual((self.stored().done, self.stored().version), (True, 2))


class WhoTests(DeskCase):
    def pages(self):
        item = make.make_item(self.paragraph, kind="decision")
        return [
            ("get", reverse("meetings:desk", args=[self.meeting.pk])),
            ("get", reverse("meetings:write", args=[self.paragraph.pk])),
            ("get", reverse("meetings:versions", args=[self.paragraph.pk])),
            ("post", reverse("meetings:save", args=[self.paragraph.pk])),
            ("post", reverse("meetings:save_item", args=[item.pk])),
            ("post", reverse("meetings:done", args=[self.paragraph.pk])),
            ("post", reverse("meetings:no_comments", args=[self.paragraph.pk])),
            ("post", reverse("meetings:new_item", args=[self.paragraph.pk])),
            ("post", reverse("meetings:here", args=[self.meeting.pk])),
            ("get", reverse("meetings:text", args=[self.paragraph.pk])),
        ]

    def test_the_secretary_and_the_chair_write_and_nobody_else(self):
        cast = self.cast
        pages = self.pages()
        for user in (cast.secretary, cast.chair):
            self.client.force_login(user)
            for method, url in pages:
                with self.subTest(user=str(user), url=url):
                    self.assertNotIn(getattr(self.client, method)(url, {"text": "a", "version": 9}).status_code, (403, 404))
        for user in (cast.employer, cast.adjuster, cast.other_rep, cast.safety_rep, cast.hr, cast.auditor):
            self.client.force_login(user)
            for method, url in pages:
                with self.subTest(user=str(user), url=url):
                    self.assertEqual(getattr(self.client, method)(url, {"text": "a", "version": 1}).status_code, 403)
        for user in (cast.stranger, cast.admin):
            self.client.force_login(user)
            for method, url in pages:
                with self.subTest(user=str(user), url=url):
                    self.assertEqual(getattr(self.client, method)(url, {"text": "a", "version": 1}).status_code, 404)
        self.assertEqual(self.stored().text, "")

    def test_a_script_that_is_logged_out_gets_401_and_a_page_the_log_in(self):
        self.client.logout()
        self.assertEqual(self.save("Text").status_code, 401)
        answer = self.save("Text", fetch=False)
        self.assertEqual((answer.status_code, answer.url.split("?")[0]), (302, reverse("account_login")))
        self.assertEqual(self.stored().text, "")

    def test_after_the_log_in_the_address_of_a_save_leads_to_the_desk(self):
        answer = self.client.get(reverse("meetings:save", args=[self.paragraph.pk]))
        self.assertRedirects(answer, reverse("meetings:write", args=[self.paragraph.pk]))


class EveryStateTests(TestCase):
    def test_the_text_can_be_written_in_the_draft_and_never_else(self):
        cast = Cast()
        for state in ("planned", "called", "draft", "approval", "adjusted", "sealed", "cancelled"):
            meeting = cast.meeting(state)
            paragraph = make.make_paragraph(meeting)
            item = paragraph.items.first() or (make.make_item(paragraph) if not meeting.frozen else None)
            self.client.force_login(cast.secretary)
            wanted = 200 if state == "draft" else 409
            with self.subTest(state):
                data = {"text": "Ny text", "version": paragraph.version}
                answer = self.client.post(reverse("meetings:save", args=[paragraph.pk]), data, headers=FETCH)
                self.assertEqual(answer.status_code, wanted)
                if wanted == 409:
                    self.assertTrue(answer.json()["locked"])
                    kept = self.client.post(reverse("meetings:save", args=[paragraph.pk]), data)
                    self.assertContains(kept, "Ny text", status_code=409)
                    for name in ("done", "no_comments"):
                        self.assertEqual(self.client.post(reverse(f"meetings:{name}", args=[paragraph.pk])).status_code, 409)
                self.assertEqual(self.client.get(reverse("meetings:write", args=[paragraph.pk])).status_code, wanted)
                self.assertEqual(Paragraph.objects.get(pk=paragraph.pk).text, "Ny text" if state == "draft" else "")
                if item is not None:
                    answer = self.client.post(
                        reverse("meetings:save_item", args=[item.pk]), {"text": "X", "version": 1}, headers=FETCH
                    )
                    self.assertEqual(answer.status_code, wanted)


class SaveTests(DeskCase):
    def test_the_answer_tells_version_time_and_state_and_the_text_is_there(self):
        now = timezone.now()
        with patch("django.utils.timezone.now", return_value=now):
            answer = self.save("- Nytt schema\n- Ny chef")
        self.assertEqual(answer.json(), {"version": 2, "saved_at": f"{timezone.localtime(now):%H:%M}", "state": "started"})
        self.assertEqual((self.stored().text, self.stored().version), ("- Nytt schema\n- Ny chef", 2))
        self.assertEqual(self.stored().history.first().history_user, self.cast.secretary)

    def test_a_plain_form_saves_and_leads_back(self):
        answer = self.save("Utan script", fetch=False)
        self.assertRedirects(answer, reverse("meetings:write", args=[self.paragraph.pk]), status_code=303)
        self.assertEqual(self.stored().text, "Utan script")

    def test_html_from_the_editor_becomes_plain_form(self):
        self.save("<p><strong>Fet</strong></p><ul><li><p>ett</p></li></ul>", text_format="html")
        self.assertEqual(self.stored().text, "**Fet**\n\n- ett")

    def test_the_same_text_again_is_no_new_version(self):
        self.save("Samma")
        again = self.save("Samma", version=2)
        self.assertEqual((again.json()["version"], self.stored().history.count()), (2, 2))

    def test_a_save_whose_answer_was_lost_is_acknowledged_when_it_is_asked_again(self):
        self.save("Kom fram")
        again = self.save("Kom fram", version=1)
        self.assertEqual((again.status_code, again.json()["version"]), (200, 2))

    def test_two_people_get_both_texts_as_words(self):
        agenda.edit_text(self.paragraph, fields={"text": "**Cecilias** <b>text</b>"}, version=1, by=self.cast.chair)
        answer = self.save("Min **text**", version=1)
        self.assertEqual(answer.status_code, 409)
        told = answer.json()
        self.assertEqual(
            (told["mine"], told["theirs"], told["who"], told["version"]), ("Min text", "Cecilias <b>text</b>", "Cecilia Björk", 2)
        )
        self.assertRegex(told["message"], r"^Cecilia Björk sparade § \d+ kl\. \d\d:\d\d\. Din text finns kvar\.$")
        self.assertEqual(self.stored().text, "**Cecilias** <b>text</b>")

    def test_a_plain_form_shows_both_texts_and_saves_what_is_chosen(self):
        agenda.edit_text(self.paragraph, fields={"text": "Cecilias"}, version=1, by=self.cast.chair)
        answer = self.save("Min", version=1, fetch=False)
        self.assertContains(answer, "Behåll den som Cecilia Björk skrev", status_code=409)
        self.assertEqual((answer.context["mine"], answer.context["theirs"]), ("Min", "Cecilias"))
        kept = answer.context["keep_mine"]
        self.save(kept["text"].value(), version=kept["version"].value(), fetch=False)
        self.assertEqual(self.stored().text, "Min")

    def test_what_cannot_be_stored_is_told_in_swedish_and_kept(self):
        cases = {
            "för lång": "a" * 1_000_000,
            "styrtecken": "ett\x07två",
            "läsriktningen": "ett\u202etvå",
        }
        for why, text in cases.items():
            with self.subTest(why):
                answer = self.save(text)
                self.assertEqual(answer.status_code, 422)
                self.assertIn(why, answer.json()["errors"]["text"][0])
        page = self.save("ett\u202etvå", fetch=False)
        self.assertContains(page, "ett\u202etvå")
        self.assertContains(page, "läsriktningen")
        page = self.save("b" * 1_000_000, fetch=False)
        self.assertContains(page, "b" * 1_000_000)
        self.assertEqual(self.stored().text, "")

    def test_a_megabyte_of_html_is_an_error_and_not_a_crash(self):
        answer = self.save("<p>" + "a" * 1_600_000 + "</p>", text_format="html")
        self.assertEqual((answer.status_code, list(answer.json()["errors"])), (422, ["text"]))

    def test_a_version_that_is_no_number_is_refused(self):
        for version in ("", "x", "-1", "9" * 40):
            with self.subTest(version):
                self.assertEqual(self.save("Text", version=version).status_code, 422)

    def test_get_is_no_save(self):
        self.client.get(reverse("meetings:save", args=[self.paragraph.pk]), {"text": "A", "version": 1})
        self.assertEqual(self.stored().text, "")


class ItemTests(DeskCase):
    def test_text_and_outcome_are_saved_together(self):
        item = make.make_item(self.paragraph, "Ny organisation", kind="decision")
        url = reverse("meetings:save_item", args=[item.pk])
        answer = self.client.post(url, {"text": "Inget sades.", "outcome": "no_disagreement", "version": 1}, headers=FETCH)
        self.assertEqual(answer.json()["version"], 2)
        item.refresh_from_db()
        self.assertEqual((item.text, item.outcome), ("Inget sades.", "no_disagreement"))

    def test_an_outcome_of_another_kind_is_refused_and_the_text_kept(self):
        item = make.make_item(self.paragraph, "Budget", kind="board_matter")
        url = reverse("meetings:save_item", args=[item.pk])
        answer = self.client.post(url, {"text": "Min text", "outcome": "agreement", "version": 1})
        self.assertContains(answer, "Min text")
        self.assertTrue(answer.context["form"].has_error("outcome"))

    def test_what_was_not_on_the_page_is_left_alone(self):
        item = make.make_item(self.paragraph, "Budget", kind="board_matter", outcome="no_comments")
        self.client.post(reverse("meetings:save_item", args=[item.pk]), {"text": "Ny", "version": 1}, headers=FETCH)
        item.refresh_from_db()
        self.assertEqual((item.text, item.outcome), ("Ny", "no_comments"))

    def test_no_comments_on_the_rest_leaves_what_is_written(self):
        written = make.make_item(self.paragraph, "Skriven", kind="board_matter", text="Fackens fråga.")
        empty = make.make_item(self.paragraph, "Tom", kind="board_matter")
        topic = make.make_item(self.paragraph, "Ämne")
        self.client.post(reverse("meetings:no_comments", args=[self.paragraph.pk]))
        outcomes = [Item.objects.get(pk=one.pk).outcome for one in (written, empty, topic)]
        self.assertEqual(outcomes, ["", "no_comments", ""])


class DoneTests(DeskCase):
    def done(self, paragraph=None, **data):
        return self.client.post(reverse("meetings:done", args=[(paragraph or self.paragraph).pk]), data)

    def test_it_saves_the_text_marks_and_goes_on(self):
        rows = list(self.meeting.paragraphs.all())
        following = rows[[row.pk for row in rows].index(self.paragraph.pk) + 1]
        answer = self.done(text="Klart", version=1)
        self.assertRedirects(answer, reverse("meetings:write", args=[following.pk]), status_code=303)
        self.assertEqual((self.stored().text, self.stored().done), ("Klart", True))

    def test_a_text_that_cannot_be_saved_is_not_marked(self):
        self.assertContains(self.done(text="x\u202e", version=1), "läsriktningen")
        agenda.edit_text(self.paragraph, fields={"text": "Cecilias"}, version=1, by=self.cast.chair)
        self.assertEqual(self.done(text="Min", version=1).status_code, 409)
        self.assertFalse(self.stored().done)

    def test_it_can_be_opened_again(self):
        self.done()
        self.done(done="0")
        self.assertFalse(self.stored().done)

    def test_after_the_last_one_it_tells_what_comes_next(self):
        for row in self.meeting.paragraphs.exclude(pk=self.paragraph.pk):
            agenda.set_done(row, done=True, by=self.cast.secretary)
        answer = self.client.post(reverse("meetings:done", args=[self.paragraph.pk]), follow=True)
        self.assertContains(answer, "Alla paragrafer är klara")


class VersionsTests(DeskCase):
    def edit(self, text, *, by, minutes):
        row = self.stored()
        with patch("django.utils.timezone.now", return_value=self.start + timedelta(minutes=minutes)):
            agenda.edit_text(row, fields={"text": text}, version=row.version, by=by)

    def setUp(self):
        super().setUp()
        self.start = timezone.now() + timedelta(hours=1)
        secretary, chair = self.cast.secretary, self.cast.chair
        for text, by, minutes in [
            ("ett", secretary, 0),
            ("ett två", secretary, 5),
            ("ett två tre", chair, 6),
            ("ett två fyra", chair, 30),
        ]:
            self.edit(text, by=by, minutes=minutes)

    def test_saves_of_one_person_within_ten_minutes_are_one_line(self):
        history = [(sitting.who, sitting.saves, sitting.before, sitting.text) for sitting in sittings(self.stored())]
        self.assertEqual(
            history,
            [
                ("Cecilia Björk", 1, "ett två tre", "ett två fyra"),
                ("Cecilia Björk", 1, "ett två", "ett två tre"),
                ("Stina Alm", 2, "", "ett två"),
                ("Stina Alm", 0, "", ""),
            ],
        )

    def test_their_comparisons_share_what_a_page_may_take(self):
        latest, before, *_ = sittings(self.stored())
        self.assertIn("</span>tre</del>", latest.diff)
        before.effort.left = 0
        self.assertIn("</span>ett två tre</del>", latest.diff)

    def test_a_text_that_was_thrown_away_or_restored_away_can_still_be_fetched(self):
        self.edit("x", by=self.cast.chair, minutes=31)
        self.assertIn("ett två fyra", [one.text for one in sittings(self.stored())])
        url = reverse("meetings:versions", args=[self.paragraph.pk])
        self.edit("x och mycket mera", by=self.cast.secretary, minutes=32)
        old = next(one for one in sittings(self.stored()) if one.text == "ett två")
        with patch("django.utils.timezone.now", return_value=self.start + timedelta(minutes=33)):
            self.client.post(url, {"restore": old.row.history_id, "version": self.stored().version})
        texts = [one.text for one in sittings(self.stored())]
        self.assertEqual(texts[:2], ["ett två", "x och mycket mera"])

    def test_an_old_text_that_is_no_longer_allowed_is_told_in_words(self):
        url = reverse("meetings:versions", args=[self.paragraph.pk])
        old = sittings(self.stored())[2].row
        refused = ValidationError({"text": "Texten får inte innehålla det."})
        with patch("meetings.actions.agenda.Paragraph.full_clean", side_effect=refused):
            answer = self.client.post(url, {"restore": old.history_id, "version": self.stored().version})
        self.assertContains(answer, "Texten gick inte att återställa. Texten får inte innehålla det.")
        self.assertEqual(self.stored().text, "ett två fyra")

    def test_the_page_shows_what_changed_and_restoring_makes_a_new_version(self):
        url = reverse("meetings:versions", args=[self.paragraph.pk])
        self.assertContains(self.client.get(url), "<del>")
        old = sittings(self.stored())[2].row
        before = self.stored().history.count()
        self.client.post(url, {"restore": old.history_id, "version": self.stored().version})
        self.assertEqual((self.stored().text, self.stored().history.count()), ("ett två", before + 1))

    def test_restoring_over_a_newer_text_is_refused(self):
        url = reverse("meetings:versions", args=[self.paragraph.pk])
        old = sittings(self.stored())[2].row
        answer = self.client.post(url, {"restore": old.history_id, "version": 1})
        self.assertContains(answer, "Den är inte ersatt", status_code=409)
        self.assertEqual(self.stored().text, "ett två fyra")

    def test_an_id_of_another_text_is_not_found(self):
        url = reverse("meetings:versions", args=[self.paragraph.pk])
        other = make.make_paragraph(self.meeting, "closing").history.first()
        for data in ({"restore": other.history_id, "version": 1}, {"restore": "x", "version": 1}, {"restore": 1}):
            with self.subTest(data):
                self.assertEqual(self.client.post(url, data).status_code, 404)
        self.assertEqual(self.client.get(url, {"punkt": "9999"}).status_code, 404)

    def test_an_item_has_its_own_history(self):
        item = make.make_item(self.paragraph, "Ämne")
        agenda.edit_item(item, fields={"text": "Punktens text"}, version=1, by=self.cast.secretary)
        self.assertContains(
            self.client.get(reverse("meetings:versions", args=[self.paragraph.pk]), {"punkt": item.pk}), "Punktens text"
        )
