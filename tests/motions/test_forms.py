"""Bad input in every field of the motion: literal text, or a Swedish error at the field, with everything typed kept."""

from django.test import SimpleTestCase, TestCase
from django.urls import reverse
from django.utils.html import escape
from hypothesis import given, settings
from hypothesis import strategies as st

from motions import written
from motions.actions import drafting
from motions.forms.claims import with_att, without_att
from motions.models import Motion
from tests import factories as make
from tests.cast import Cast

HOSTILE = {
    "control": "före\x00efter",
    "bell": "före\x07efter",
    "direction": "före\u202eefter",
    "invisible": "före\u200befter",
}
LITERAL = [
    "<script>alert(1)</script>",
    "{{ settings.SECRET_KEY }}",
    "{% load x %}",
    "&lt;b&gt;",
    "'; DROP TABLE motions_motion; --",
]


class FormCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        _ = (cls.cast.union_rep, cls.cast.chair)

    def setUp(self) -> None:
        self.client.force_login(self.cast.union_rep)
        self.url = reverse("motions:draft", args=[self.cast.group.pk])

    def typed(self, **changes) -> dict:
        data = dict.fromkeys(written.WORDED, "") | {"kind": "motion", "title": "Buller", "matter": "Miljö", "wanted_on": ""}
        data["background"] = "Det bullrar."
        return data | {"claim_text": ["bullret mäts."], "claim_points": [""], "version": 0, "do": "save"} | changes

    def send(self, **changes):
        return self.client.post(self.url, self.typed(**changes))


class HostileTextTests(FormCase):
    FIELDS = (*written.WORDED, "claim_text", "claim_points")

    def test_hidden_characters_are_refused_at_the_field_and_the_rest_is_kept(self) -> None:
        for name in self.FIELDS:
            for sort, text in HOSTILE.items():
                with self.subTest(name=name, sort=sort):
                    page = self.send(**{name: [text] if name.startswith("claim") else text})
                    self.assertEqual(page.status_code, 200)
                    self.assertEqual(len(page.context["problems"]), 1)
                    self.assertContains(page, "Fel: ")
                    self.assertContains(page, text)
                    for kept in ("Buller", "Miljö", "Det bullrar.", "bullret mäts."):
                        if name != {"Buller": "title", "Miljö": "matter", "Det bullrar.": "background"}.get(kept, "claim_text"):
                            self.assertContains(page, kept)
        self.assertEqual(Motion.objects.count(), 0)

    def test_markup_of_all_kinds_is_only_text(self) -> None:
        for name in self.FIELDS:
            for text in LITERAL:
                with self.subTest(name=name, text=text):
                    answer = self.send(**{name: [text] if name.startswith("claim") else text})
                    self.assertEqual(answer.status_code, 303)
                    page = self.client.get(answer["Location"]).content.decode()
                    self.assertNotIn("<script>alert", page)
                    motion = Motion.objects.latest("pk")
                    for shown in ("motion", "preview"):
                        page = self.client.get(reverse(f"motions:{shown}", args=[motion.pk])).content.decode()
                        self.assertNotIn("<script>alert", page)
                        self.assertIn(escape(text), page)

    def test_limits(self) -> None:
        page = self.send(title="x" * 301)
        self.assertEqual([problem["href"] for problem in page.context["problems"]], ["#id_title"])
        page = self.send(background="x" * 1_000_000)
        self.assertContains(page, "Texten är för lång: 1 000 000 tecken, högst 100 000 får plats.")
        page = self.send(claim_text=["x" * 1_000_000])
        self.assertEqual([problem["label"] for problem in page.context["problems"]], ["Att-sats 1"])
        page = self.send(kind="party")
        self.assertEqual([problem["href"] for problem in page.context["problems"]], ["#id_kind"])
        self.assertEqual(Motion.objects.count(), 0)

    def test_the_fixed_att_counts_when_an_att_sats_is_as_long_as_it_may_be(self) -> None:
        page = self.send(claim_text=["x" * 299_998])  # with "att " it is too long
        self.assertContains(page, "Texten är för lång")
        self.assertEqual([problem["label"] for problem in page.context["problems"]], ["Att-sats 1"])
        self.assertEqual(Motion.objects.count(), 0)

    def test_a_day_that_does_not_exist_is_told_and_kept(self) -> None:
        page = self.send(wanted_on="2026-02-31")
        self.assertContains(page, "Datumet finns inte. Skriv det som 2026-04-16.")
        self.assertContains(page, 'value="2026-02-31"')

    def test_a_new_form_that_is_sent_again_goes_on_with_the_draft_that_it_began(self) -> None:
        fresh = self.client.get(self.url).context["fresh"]
        self.client.post(self.url, self.typed(fresh=fresh))
        self.client.post(self.url, self.typed(fresh=fresh, title="Buller igen"))  # the browser's back button, and save
        self.assertEqual([motion.title for motion in Motion.objects.all()], ["Buller igen"])
        again = self.client.post(self.url, self.typed(fresh=fresh, do="add"))
        self.assertEqual(again.context["fresh"], fresh)
        draft = Motion.objects.get()
        drafting.save_draft(draft, fields={"title": "Någon annans"}, claims=[], version=draft.version, by=self.cast.adjuster)
        answer = self.client.post(self.url, self.typed(fresh=fresh, title="Min"))
        self.assertContains(answer, "Någon annans", status_code=409)
        drafting.discard(Motion.objects.get(), by=self.cast.union_rep)
        self.client.post(self.url, self.typed(fresh=fresh, title="Ett till"))
        self.assertEqual([motion.title for motion in Motion.objects.all()], ["Ett till"])

    def test_a_version_that_is_no_number_is_an_old_one(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, filed=False)
        for version in ("", "x", "-1", "²", "9" * 30):
            answer = self.client.post(reverse("motions:edit", args=[motion.pk]), self.typed(version=version))
            self.assertEqual(answer.status_code, 409, version)

    def test_an_answer_with_hidden_characters(self) -> None:
        claim = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep).claims.get()
        self.client.force_login(self.cast.chair)
        url = reverse("motions:answer", args=[claim.pk])
        page = self.client.post(url, {"outcome": "answered", "text": "a\u202eb", "version": 0})
        self.assertEqual(list(page.context["form"].errors), ["text"])
        self.assertEqual(
            self.client.post(url, {"outcome": "<b>", "text": "a", "version": 0}).context["form"].errors.keys(), {"outcome"}
        )
        self.assertEqual(
            self.client.post(url, {"outcome": "withdrawn", "text": "a", "version": 0}).context["form"].errors.keys(), {"outcome"}
        )
        self.assertEqual(claim.answers.count(), 0)

    def test_a_reason_with_hidden_characters(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        page = self.client.post(reverse("motions:withdraw", args=[motion.pk]), {"why": "a\u202eb"})
        self.assertEqual(list(page.context["form"].errors), ["why"])
        self.assertEqual(Motion.objects.get().state, "filed")


class ManyClaimsTests(FormCase):
    def test_five_hundred_are_saved_moved_and_shown(self) -> None:
        texts = [f"sak {n} görs." for n in range(1, 501)]
        answer = self.send(claim_text=texts, claim_points=[""] * 500)
        motion = Motion.objects.get()
        self.assertEqual(answer.status_code, 303)
        self.assertEqual([claim.text for claim in motion.claims.all()], [f"att {text}" for text in texts])
        url = reverse("motions:edit", args=[motion.pk])
        page = self.client.post(url, self.typed(do="up:500", version=2, claim_text=texts, claim_points=[""] * 500))
        self.assertEqual([row.text for row in page.context["rows"].rows][-2:], [texts[499], texts[498]])
        for name in ("motion", "preview", "edit"):
            self.assertContains(self.client.get(reverse(f"motions:{name}", args=[motion.pk])), "sak 500 görs.")

    def test_one_too_many_is_told_and_everything_is_kept(self) -> None:
        texts = [f"sak {n}." for n in range(1, 602)]
        page = self.send(claim_text=texts, claim_points=[""] * 601)
        self.assertContains(page, "Högst 600 att-satser får plats, och här är 601.")
        self.assertEqual([row.text for row in page.context["rows"].rows], texts)
        self.assertEqual(Motion.objects.count(), 0)


class AttTests(SimpleTestCase):
    @given(st.text(alphabet="at s.", max_size=10))
    @settings(derandomize=True, max_examples=150, deadline=None)
    def test_what_is_shown_and_saved_again_is_the_same(self, words: str) -> None:
        stored = with_att("motion", f"x{words}".strip())
        self.assertEqual(with_att("motion", without_att("motion", stored)), stored)

    def test_other_kinds_are_left_alone(self) -> None:
        self.assertEqual((with_att("inquiry", "Varför?"), without_att("inquiry", "att göra?")), ("Varför?", "att göra?"))
        self.assertEqual((with_att("motion", "attacken"), without_att("motion", "att attacken")), ("att attacken", "attacken"))
