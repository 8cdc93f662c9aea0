"""Find a protocol: by words, group and year, and only among those one may read."""

import re
from datetime import date

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.actions import agenda
from meetings.models import Meeting
from protocol import document, search
from protocol.models import Passage
from protocol.views.archive import WORD, excerpt, words_with
from tests import factories as make
from tests.cast import Cast

ADDRESS = "/protokoll/"


def make_protocol(group, *, day=date(2026, 4, 16), state="sealed", heading="Lokaler", words="Lokalerna målas om."):
    """A finished meeting with one searchable §, without its long way there."""
    meeting = make.make_meeting(group, date=day)
    make.put_in_state(meeting, state)
    Passage.objects.create(
        meeting=meeting, number=1, heading=heading, words=f"{heading}\n{words}", folded=f"{heading}\n{words}".lower()
    )
    return Meeting.objects.get(pk=meeting.pk)


class ArchiveTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def found(self, user, **query):
        self.client.force_login(user)
        response = self.client.get(ADDRESS, query)
        self.assertEqual(response.status_code, 200)
        return [row["meeting"] for row in response.context["rows"]]

    def test_who_said_it_is_found_from_the_party_chips_of_the_text(self):
        meeting = self.cast.meeting("draft")
        paragraph, union = make.make_paragraph(meeting), self.cast.union
        name = union.name_on(meeting.date)
        text = f"**[{name}](party:{union.pk})** påpekade att lokalerna är kalla."
        agenda.edit_text(paragraph, fields={"text": text}, version=1, by=self.cast.secretary)
        other = self.cast.other_union.name_on(meeting.date)
        make.put_in_state(meeting, "sealed")
        meeting = Meeting.objects.get(pk=meeting.pk)
        search.index(meeting, document.build(Meeting.objects.whole().get(pk=meeting.pk)))
        hr = self.cast.hr
        self.assertEqual(self.found(hr, said_by=name), [meeting])
        self.assertEqual(self.found(hr, said_by=name, q="kall"), [meeting])
        self.assertEqual(self.found(hr, said_by=name, q="varm"), [])
        self.assertEqual(self.found(hr, said_by=other), [])
        self.client.force_login(hr)
        self.assertContains(self.client.get(ADDRESS, {"said_by": name}), f"1 träff på sagt av {name}")

    def test_words_are_found_inflected_and_in_compounds(self):
        one = make_protocol(self.cast.group, words="Skyddsronden genomfördes i lokalerna.")
        for query in ("skyddsrond", "Skyddsronder", "LOKAL", "lokalen skyddsrond"):
            self.assertEqual(self.found(self.cast.hr, q=query), [one], query)
        self.assertEqual(self.found(self.cast.hr, q="skyddsrond badhus"), [])

    def test_the_newest_comes_first(self):
        old, new = (make_protocol(self.cast.group, day=day) for day in (date(2025, 3, 1), date(2026, 3, 1)))
        self.assertEqual(self.found(self.cast.hr), [new, old])
        self.assertEqual(self.found(self.cast.hr, q="lokaler"), [new, old])

    def test_group_and_year_narrow_the_search(self):
        below = make.make_group("SVG Ängen", kind="svg", parent=self.cast.group)
        one, two = make_protocol(self.cast.group, day=date(2025, 5, 5)), make_protocol(below)
        self.assertEqual(self.found(self.cast.hr, group=below.pk), [two])
        self.assertEqual(self.found(self.cast.hr, year="2025"), [one])
        self.assertEqual(self.found(self.cast.hr, year="2025", group=below.pk, q="lokaler"), [])

    def test_nobody_finds_or_counts_what_they_may_not_read(self):
        sealed = make_protocol(self.cast.group)
        approval = make_protocol(self.cast.group, state="approval", words="Lokalerna under justering.")
        make_protocol(self.cast.other_group, words="Lokalerna i skogen.")
        expected = {
            self.cast.secretary: [approval, sealed],
            self.cast.hr: [sealed],
            self.cast.employer: [sealed],
            self.cast.union_rep: [sealed],
        }
        for user, meetings in expected.items():
            for query in ({}, {"q": "lokaler"}):
                self.assertCountEqual(self.found(user, **query), meetings)
                response = self.client.get(ADDRESS, query)
                self.assertEqual(response.context["page"].paginator.count, len(meetings))
        self.assertNotIn("SVG Skogen", response.content.decode())

    def test_another_groups_id_in_the_address_shows_nothing(self):
        make_protocol(self.cast.other_group)
        make_protocol(self.cast.group)
        self.client.force_login(self.cast.hr)
        response = self.client.get(ADDRESS, {"group": self.cast.other_group.pk})
        self.assertEqual(set(response.context["form"].errors), {"group"})
        self.assertNotContains(response, "SVG Skogen")

    def test_drafts_and_plans_are_not_in_the_archive(self):
        for state in ("planned", "called", "draft", "cancelled"):
            meeting = make.make_meeting(self.cast.group)
            make.put_in_state(meeting, state, cancelled_why="x" if state == "cancelled" else "")
        self.assertEqual(self.found(self.cast.secretary), [])

    def test_a_hit_shows_its_words_marked_and_everything_escaped(self):
        make_protocol(self.cast.group, heading="<b>Rubrik</b>", words="<script>alert(1)</script> Lokalerna & <i>annat</i>")
        self.client.force_login(self.cast.hr)
        body = self.client.get(ADDRESS, {"q": "lokaler"}).content.decode()
        self.assertIn("<mark>Lokalerna</mark> &amp; &lt;i&gt;annat&lt;/i&gt;", body)
        self.assertNotIn("<script>alert", body)
        self.assertNotIn("<b>Rubrik</b>", body)
        body = self.client.get(ADDRESS, {"q": "script"}).content.decode()
        self.assertIn("&lt;<mark>script</mark>&gt;", body)

    def test_strange_questions_are_answered_calmly(self):
        make_protocol(self.cast.group)
        for query in (
            {"q": "%"},
            {"q": "' OR 1=1"},
            {"q": "(.*"},
            {"q": "å" * 200},
            {"q": "\u202e"},
            {"q": "ord " * 40},
            {"page": "x"},
            {"page": "999"},
            {"page": "-1"},
        ):
            self.found(self.cast.hr, **query)
        for query in ({"year": "abc"}, {"year": "1200"}, {"group": "x"}, {"q": "x" * 201}, {"q": "a\x00b"}):
            self.client.force_login(self.cast.hr)
            response = self.client.get(ADDRESS, query)
            self.assertEqual(set(response.context["form"].errors), set(query), query)

    def test_no_hit_gives_advice(self):
        make_protocol(self.cast.group)
        self.client.force_login(self.cast.hr)
        self.assertContains(self.client.get(ADDRESS, {"q": "badhus"}), "Inga träffar på ”badhus”.")
        self.assertContains(self.client.get(ADDRESS, {"q": "badhus", "year": "2026"}), "ta bort filtret på grupp och år")

    def test_thirty_hits_cost_as_much_as_one_and_come_twenty_at_a_time(self):
        costs = []
        for count in (1, 29):
            for _ in range(count):
                make_protocol(self.cast.group)
            self.found(self.cast.hr)
            costs.append([self.cost({}), self.cost({"q": "lokaler"})])
        # The last page of one only counts; a list that is longer counts and fetches alike.
        self.assertEqual(costs[0], costs[1])
        self.assertEqual(len(self.found(self.cast.hr)), 20)
        self.assertEqual(len(self.found(self.cast.hr, page="2", q="lokaler")), 10)
        self.assertContains(self.client.get(ADDRESS, {"q": "lokaler", "year": "2026"}), "q=lokaler&amp;year=2026&amp;page=2")

    def cost(self, query):
        with CaptureQueriesContext(connection) as queries:
            self.client.get(ADDRESS, query)
        return len(queries)

    def test_a_sealed_hit_offers_the_file(self):
        one = make_protocol(self.cast.group)
        self.client.force_login(self.cast.hr)
        self.assertContains(self.client.get(ADDRESS), reverse("protocol:pdf", args=[one.pk]))


class ExcerptTests(TestCase):
    def test_a_long_text_is_cut_at_words_around_the_first_hit(self):
        shown = excerpt("ord " * 100 + "badhuset stänger " + "slut " * 100, ["badhus"])
        self.assertIn("<mark>badhuset</mark> stänger", shown)
        self.assertTrue(shown.startswith("… ord ord") and shown.endswith("slut …"))
        self.assertLess(len(shown), 400)

    def test_every_word_with_one_of_the_stems_is_marked_whole(self):
        shown = excerpt("Simhallens BADHUSTAXA och badhus-vakten: ett parkbad", ["badhus", "park"])
        self.assertEqual(re.findall("<mark>(.*?)</mark>", shown), ["BADHUSTAXA", "badhus", "parkbad"])

    def test_a_word_is_read_once_however_long_it_is(self):
        """One pattern for word and stem would begin anew at each letter of a long word that holds none."""
        read = [match[0] for match in words_with("a" * 2_000 + " badhuset", ["badhus"])]
        self.assertEqual(read, ["badhuset"])
        self.assertEqual(WORD.pattern, r"\w+")

    def test_a_short_text_is_shown_whole(self):
        self.assertEqual(excerpt("Badhuset stänger.", ["badhus"]), "<mark>Badhuset</mark> stänger.")

    def test_a_text_without_the_word_starts_from_its_beginning(self):
        self.assertEqual(excerpt("Annat.", ["badhus"]), "Annat.")
