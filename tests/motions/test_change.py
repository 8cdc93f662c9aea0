"""A change after the filing is a new version seen by all; support and answers follow the words they were given for."""

from datetime import timedelta
from unittest.mock import patch

from django.core.exceptions import ValidationError
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from motions import story, versions
from motions.actions import answering, changing, drafting, filing, supporting
from motions.models import Answer, Claim, Motion, Support
from people.models import Letter, today
from record.chain import verify
from record.models import Event
from record.moves import Refused, Stale, WrongState
from tests import factories as make
from tests.cast import Cast

TEXTS = ("att ett görs.", "att två görs.", "att tre görs.")


class Case(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        for name in ("chair", "secretary", "employer", "union_rep", "other_rep", "substitute", "hr"):
            getattr(cls.cast, name)

    def setUp(self) -> None:
        self.motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, claims=TEXTS)
        self.claims = list(self.motion.claims.all())

    def change(self, *rows: tuple[int | None, str], fields: dict | None = None, why: str = "", version: int = 0) -> set:
        """Change to these (place of the old att-sats from 1, text)."""
        claims = [{"pk": self.claims[old - 1].pk if old else 0, "text": text} for old, text in rows]
        motion = Motion.objects.get(pk=self.motion.pk)
        return changing.change(
            motion, fields=fields or {}, claims=claims, version=version or motion.version, by=self.cast.union_rep, why=why
        )

    def support(self, place: int) -> Support:
        return supporting.support(self.claims[place - 1], party=self.cast.other_union, by=self.cast.other_rep)

    def texts(self) -> list[str]:
        return list(self.motion.claims.values_list("text", flat=True))

    def told(self, kind: str) -> list[str]:
        return sorted(str(letter.person) for letter in Letter.objects.filter(kind=kind))


class ChangeTests(Case):
    def test_each_row_stays_what_it_was_when_it_is_moved(self) -> None:
        self.support(3)
        self.change((3, TEXTS[2]), (None, "att nytt görs."), (1, TEXTS[0]))
        self.assertEqual(self.texts(), [TEXTS[2], "att nytt görs.", TEXTS[0]])
        self.assertEqual([claim.pk for claim in self.motion.claims.all()][::2], [self.claims[2].pk, self.claims[0].pk])
        self.assertEqual(len(Claim.objects.get(pk=self.claims[2].pk).supporters), 1)
        self.assertEqual(self.told("support_lapsed"), [])

    def test_support_lapses_where_the_words_change_and_leaves_a_trace(self) -> None:
        for place in (1, 2, 3):
            self.support(place)
        lapsed = self.change((1, TEXTS[0]), (2, "att två görs i år."))
        self.assertEqual(lapsed, {self.cast.other_union})
        self.assertEqual([len(claim.supporters) for claim in self.motion.claims.all()], [1, 0])
        self.assertEqual(self.told("support_lapsed"), ["Orvar Gran"])
        said = [entry.what for entry in story.of(self.motion, self.cast.chair)]
        self.assertIn("BFs stöd för att-sats 2 upphörde, eftersom texten ändrades", said)
        self.assertIn("BFs stöd för att-sats 3 (borttagen) upphörde, eftersom texten ändrades", said)
        self.assertIn("BF stödde att-sats 3 (borttagen)", said)
        self.assertEqual(len(Claim.objects.get(pk=self.support(2).claim_id).supporters), 1)

    def test_an_answered_part_stands_and_the_rest_can_change(self) -> None:
        make.make_answer(self.claims[1], by=self.cast.employer)
        for rows in ([(1, TEXTS[0]), (2, "att annat görs.")], [(1, TEXTS[0]), (3, TEXTS[2])]):
            with self.assertRaisesMessage(Refused, "Att-satsen har fått svar och kan inte ändras eller tas bort."):
                self.change(*rows)
        self.assertEqual(self.texts(), list(TEXTS))
        self.change((2, TEXTS[1]), (1, "att ett görs nu."))
        self.assertEqual(Claim.objects.get(pk=self.claims[1].pk).outcome, "answered")

    def test_an_answer_that_is_being_written_must_be_read_anew(self) -> None:
        answer = make.make_answer(self.claims[0], by=self.cast.employer, released=False)
        gone = make.make_answer(self.claims[1], by=self.cast.employer, released=False)
        self.change((1, "att ett görs nu."))
        self.assertEqual(self.told("motion_changed"), ["Cecilia Björk", "Erik Lind", "Stina Alm"])
        with self.assertRaises(Stale):
            answering.release(Answer.objects.get(pk=answer.pk), by=self.cast.chair, version=answer.version)
        self.assertFalse(Answer.objects.filter(pk=gone.pk).exists())
        self.assertEqual(Answer.history.filter(id=gone.pk).first().history_type, "-")

    def test_support_for_what_one_has_not_read_is_refused(self) -> None:
        seen = self.motion.version
        self.change((1, "att ett görs nu."))
        with self.assertRaises(Stale):
            supporting.support(self.claims[0], party=self.cast.other_union, by=self.cast.other_rep, version=seen)
        self.client.force_login(self.cast.other_rep)
        page = self.client.post(reverse("motions:support", args=[self.claims[0].pk]), {"seen": seen}, follow=True)
        self.assertContains(page, "Yrkandet har ändrats sedan du läste.")
        self.assertEqual(Support.objects.count(), 0)

    def test_what_is_not_whole_is_refused_and_nothing_is_changed(self) -> None:
        for fields, rows in (({"title": ""}, [(1, TEXTS[0])]), ({}, []), ({}, [(1, "")])):
            with self.assertRaises(ValidationError):
                self.change(*rows, fields=fields)
        self.assertEqual((self.texts(), versions.number(self.motion)), (list(TEXTS), 1))

    def test_only_what_is_filed_and_open(self) -> None:
        with self.assertRaises(Stale):
            self.change((1, "att nytt."), version=99)
        draft = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, filed=False)
        with self.assertRaises(WrongState):
            changing.change(draft, fields={}, claims=[{"text": "att."}], version=draft.version, by=self.cast.union_rep)
        make.put_in_phase(self.motion, "J", by=self.cast.secretary, verb="freeze")
        with self.assertRaises(WrongState):
            self.change((1, "att nytt."))

    def test_the_log_proves_the_new_words(self) -> None:
        self.change((1, TEXTS[0]), fields={"title": "Ny rubrik"})
        event = Event.objects.filter(kind="motion_changed").get()
        self.assertEqual((event.thing, event.actor_id), (f"motion:{self.motion.pk}", self.cast.union_rep.pk))
        self.assertEqual(verify(self.cast.group.chain), [])


class VersionTests(Case):
    def test_each_version_is_told_whole_and_with_what_changed(self) -> None:
        self.change((3, TEXTS[2]), (1, "att ett görs i år."), fields={"title": "Ny rubrik"}, why="Årtal saknades.")
        self.change((3, TEXTS[2]), fields={"due_on": None})
        found = versions.of(self.motion)
        self.assertEqual([(one.n, one.why) for one in found], [(3, ""), (2, "Årtal saknades."), (1, "")])
        self.assertEqual(found[2].text, found[1].before)
        self.assertIn("Att-sats 1: att tre görs.\n\nAtt-sats 2: att ett görs i år.", found[1].text)
        self.assertIn("Att-sats 3: att tre görs.", found[2].text)
        self.assertNotIn("Att-sats 2", found[0].text)
        self.assertIn("tillagt: </span>Ny rubrik", found[1].diff)

    def test_a_page_has_a_few_of_them_and_reads_no_more(self) -> None:
        for n in range(11):
            self.change((1, f"att {n} görs."), fields={"background": f"Text {n}."})
        self.client.force_login(self.cast.other_rep)
        url = reverse("motions:versions", args=[self.motion.pk])
        shown = []
        for page in ("", "2", "3"):
            with patch("motions.versions.as_text", side_effect=versions.as_text) as read:
                answer = self.client.get(url, {"page": page})
            self.assertLessEqual(read.call_count, 6)  # with the one that the oldest is compared with
            told = list(answer.context["page_obj"])
            shown += [one.n for one in told]
            self.assertEqual([one.before is None for one in told], [one.n == 1 for one in told])
            self.assertTrue(all("borttaget:" in one.diff for one in told if one.n > 1))
        self.assertEqual(shown, list(range(12, 0, -1)))
        self.assertContains(self.client.get(url), "(gäller nu)", count=1)
        self.assertNotContains(self.client.get(url, {"page": "2"}), "(gäller nu)")

    def test_its_comparisons_share_what_a_page_may_take(self) -> None:
        for n in range(4):
            self.change((1, "att ett görs."), fields={"background": f"Text {n}."})
        self.assertEqual(len({id(one.effort) for one in versions.of(self.motion)[:5]}), 1)

    def test_one_is_found_by_its_number(self) -> None:
        self.change((1, "att nytt görs."))
        found = versions.of(self.motion)
        self.assertEqual([found.numbered(n).n for n in (1, 2)], [1, 2])
        self.assertEqual([found.numbered(n) for n in (0, 3, -1)], [None] * 3)

    def test_few_questions_however_many_versions(self) -> None:
        self.client.force_login(self.cast.other_rep)
        self.client.get(reverse("motions:versions", args=[self.motion.pk]))  # the first page of a session asks for more
        counts = []
        for n in range(8):
            self.change((1, f"att {n} görs."), (2, TEXTS[1]))
            if n in (4, 7):
                with CaptureQueriesContext(connection) as asked:
                    self.client.get(reverse("motions:versions", args=[self.motion.pk]))
                counts.append(len(asked))
        self.assertEqual(*counts)

    def test_what_it_said_as_a_draft_is_in_no_version(self) -> None:
        draft = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, filed=False, claims=("att hemligt.",))
        drafting.save_draft(draft, fields={"title": "Rent"}, claims=[{"text": "att rent."}], version=2, by=self.cast.union_rep)
        filing.file(draft, by=self.cast.union_rep)
        self.assertEqual(["hemligt" in one.text for one in versions.of(draft)], [False])

    def test_a_draft_has_no_version_yet(self) -> None:
        draft = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, filed=False)
        self.client.force_login(self.cast.union_rep)
        self.assertContains(self.client.get(reverse("motions:versions", args=[draft.pk])), "Inget är inlämnat än.")

    def test_all_who_may_read_it_read_the_versions(self) -> None:
        self.change((1, "att ett görs nu."), why="Bråttom.")
        filing.withdraw(Motion.objects.get(pk=self.motion.pk), by=self.cast.union_rep)
        for who, status in (("other_rep", 200), ("chair", 200), ("employer", 200), ("hr", 404)):
            self.client.force_login(getattr(self.cast, who))
            page = self.client.get(reverse("motions:versions", args=[self.motion.pk]))
            self.assertEqual(page.status_code, status, who)
        self.client.force_login(self.cast.other_rep)
        page = self.client.get(reverse("motions:versions", args=[self.motion.pk]))
        for text in ("Version 2 (gäller nu)", "Bråttom.", "borttaget:", "Återkallat"):
            self.assertContains(page, text)
        self.assertContains(self.client.get(reverse("motions:motion", args=[self.motion.pk])), "Läs vad som har ändrats")


class ChangePageTests(Case):
    def typed(self, **changes) -> dict:
        motion = Motion.objects.get(pk=self.motion.pk)
        data = {
            "kind": "motion",
            "title": motion.title,
            "matter": "",
            "wanted_on": "",
            "background": motion.background,
            "why": "",
        }
        data |= {"claim_text": [text.removeprefix("att ") for text in TEXTS], "claim_points": ["", "", ""]}
        data |= {"claim_pk": [claim.pk for claim in self.claims], "version": motion.version, "do": "save"}
        return data | changes

    def send(self, who: str = "union_rep", **changes):
        self.client.force_login(getattr(self.cast, who))
        return self.client.post(reverse("motions:change", args=[self.motion.pk]), self.typed(**changes), follow=True)

    def test_who_may(self) -> None:
        for who, status in (("union_rep", 200), ("substitute", 403), ("other_rep", 403), ("chair", 403), ("hr", 404)):
            self.client.force_login(getattr(self.cast, who))
            self.assertEqual(self.client.get(reverse("motions:change", args=[self.motion.pk])).status_code, status, who)

    def test_a_change_on_the_page(self) -> None:
        self.support(1)
        page = self.send(claim_text=["ett görs nu.", "två görs.", "tre görs."], why="Bråttom.")
        self.assertContains(page, "Ändringen är sparad som version 2. BFs stöd för det som ändrades har upphört.")
        self.assertEqual(self.texts(), ["att ett görs nu.", *TEXTS[1:]])
        self.assertContains(page, "Ändrades till en ny version")

    def test_nothing_changed_is_no_version(self) -> None:
        self.assertContains(self.send(), "Inget är ändrat, så det blev ingen ny version.")
        self.assertEqual(versions.number(self.motion), 1)

    def test_the_buttons_keep_which_is_which(self) -> None:
        page = self.send(do="up:3")
        self.assertEqual([row.pk for row in page.context["rows"].rows], [self.claims[place].pk for place in (0, 2, 1)])
        page = self.send(do="remove:1")
        self.assertContains(page, f'name="removed_pk" value="{self.claims[0].pk}"')
        rest = {"claim_text": ["två görs.", "tre görs."], "claim_points": ["", ""], "claim_pk": [c.pk for c in self.claims[1:]]}
        page = self.send(do="restore:1", removed_text="ett görs.", removed_pk=self.claims[0].pk, **rest)
        self.assertEqual([row.pk for row in page.context["rows"].rows], [claim.pk for claim in self.claims])
        self.assertEqual(versions.number(self.motion), 1)

    def test_an_answered_row_is_shown_but_not_changed(self) -> None:
        make.make_answer(self.claims[1], by=self.cast.employer)
        self.client.force_login(self.cast.union_rep)
        page = self.client.get(reverse("motions:change", args=[self.motion.pk]))
        self.assertEqual([row.fixed for row in page.context["rows"].rows], ["", "Har fått svar.", ""])
        page = self.send(claim_text=["ett görs.", "annat.", "tre görs."])
        self.assertContains(page, "Den här har fått svar och kan inte ändras.")
        gone = {"claim_text": ["ett görs."], "claim_points": [""], "claim_pk": [self.claims[0].pk]}
        self.assertContains(self.send(**gone), "som har fått svar kan inte tas bort")
        self.assertEqual(self.texts(), list(TEXTS))

    def test_a_row_of_another_motion_is_a_new_one(self) -> None:
        other = make.make_motion(self.cast.group, self.cast.other_union, by=self.cast.other_rep)
        self.send(claim_pk=[other.claims.get().pk, self.claims[1].pk, self.claims[1].pk])
        self.assertEqual(other.claims.get().text, "att lokalerna ses över.")
        self.assertEqual(self.texts(), list(TEXTS))

    def test_of_two_who_change_at_once_the_second_sees_both(self) -> None:
        page = self.send(version=self.motion.version, title="Min rubrik")
        self.assertContains(page, "version 2")
        page = self.send(version=self.motion.version, title="Din rubrik")
        self.assertContains(page, "Din rubrik", status_code=409)
        self.assertIn("Min rubrik", page.context["theirs"])

    def test_the_kind_stays_and_a_question_keeps_its_day(self) -> None:
        question = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, kind="question", claims=("När?",))
        url = reverse("motions:change", args=[question.pk])
        self.client.force_login(self.cast.union_rep)
        data = {"kind": "opinion", "title": "Ny", "matter": "", "wanted_on": "", "due_on": "", "background": "", "why": ""}
        data |= {
            "claim_text": ["När?"],
            "claim_points": [""],
            "claim_pk": [question.claims.get().pk],
            "version": question.version,
        }
        self.assertEqual(list(self.client.post(url, data).context["form"].errors), ["kind"])
        page = self.client.post(url, data | {"kind": "question"})
        self.assertEqual(page.context["form"].errors, {"due_on": ["Välj vilket möte frågan ska besvaras på."]})
        self.client.post(url, data | {"kind": "question", "due_on": str(today() + timedelta(days=9))})
        self.assertEqual(Motion.objects.get(pk=question.pk).due_on, today() + timedelta(days=9))
