"""The pages of a motion: who gets which answer in which state, and that nothing typed is lost."""

from unittest import mock

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format

from meetings.actions import placing
from motions.actions import answering, changing, drafting, filing, handling, supporting
from motions.models import Claim, Motion
from people.models import Letter, Service, today
from record.history import remember
from record.moves import Refused
from tests import factories as make
from tests.cast import Cast


def address(name: str, thing) -> str:
    return reverse(f"motions:{name}", args=[thing.pk])


class Case(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        for name in (
            "chair",
            "secretary",
            "employer",
            "union_rep",
            "other_rep",
            "substitute",
            "safety_rep",
            "hr",
            "auditor",
            "admin",
            "stranger",
        ):
            getattr(cls.cast, name)

    def motion(self, state: str = "filed", *, locked: bool = False, **fields) -> Motion:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, filed=state != "draft", **fields)
        if state == "withdrawn":
            filing.withdraw(motion, by=self.cast.union_rep)
        if locked:
            make.put_in_phase(motion, "J", by=self.cast.secretary, verb="freeze")
        return Motion.objects.get(pk=motion.pk)

    def status(self, who: str, name: str, thing, data: dict | None = None, *, get: bool = False) -> int:
        self.client.force_login(getattr(self.cast, who))
        url = address(name, thing)
        return (self.client.get(url) if get else self.client.post(url, data or {})).status_code

    def typed(self, motion: Motion | None = None, **changes) -> dict:
        data = {
            "kind": "motion",
            "title": "Buller",
            "matter": "",
            "wanted_on": "",
            "background": "Det bullrar.",
            "claim_text": ["bullret mäts.", "bullret minskas."],
            "claim_points": ["", ""],
            "version": motion.version if motion else 0,
            "do": "save",
        }
        return data | changes


class AnswersByStateTests(Case):
    """Verb × state: the right role gets 303 in the right state, 409 in the wrong; the wrong role 403; who may not know 404."""

    STATES = (("draft", False), ("filed", False), ("filed", True), ("withdrawn", False), ("withdrawn", True))

    def answers(self, who: str, name: str, data: dict | None = None, *, get: bool = False) -> list[int]:
        """What `who` gets in each of STATES, each on its own motion."""
        found = []
        for state, locked in self.STATES:
            motion = self.motion(state, locked=locked)
            thing = motion.claims.get() if name in ("support", "unsupport", "answer") else motion
            found.append(self.status(who, name, thing, data, get=get))
        return found

    def test_reading(self) -> None:
        expected = {
            "union_rep": [200] * 5,
            "substitute": [200] * 5,
            "other_rep": [404, 200, 200, 200, 200],
            "safety_rep": [404, 200, 200, 200, 200],
            "secretary": [404, 200, 200, 200, 200],
            "chair": [404, 200, 200, 200, 200],
            "employer": [404, 200, 200, 200, 200],
            "hr": [404] * 5,
            "auditor": [404] * 5,
            "stranger": [404] * 5,
        }
        self.assertEqual({who: self.answers(who, "motion", get=True) for who in expected}, expected)

    def test_writing(self) -> None:
        expected = {
            "union_rep": [303, 409, 409, 409, 409],
            "substitute": [303, 409, 409, 409, 409],
            "other_rep": [404, 403, 403, 403, 403],
            "secretary": [404, 403, 403, 403, 403],
            "employer": [404, 403, 403, 403, 403],
            "hr": [404] * 5,
        }
        statuses = {who: self.answers(who, "edit", self.typed(version=2)) for who in expected}
        self.assertEqual(statuses, expected)

    def test_the_form_the_check_page_and_the_question_before_discarding(self) -> None:
        for name in ("edit", "preview", "discard"):
            self.assertEqual(self.answers("union_rep", name, get=True), [200, 409, 409, 409, 409], name)
            self.assertEqual(self.answers("secretary", name, get=True), [404, 403, 403, 403, 403], name)

    def test_filing(self) -> None:
        expected = {
            "union_rep": [303, 409, 409, 409, 409],
            "substitute": [403, 403, 403, 403, 403],
            "other_rep": [404, 403, 403, 403, 403],
            "secretary": [404, 403, 403, 403, 403],
        }
        self.assertEqual({who: self.answers(who, "file", {"version": 2}) for who in expected}, expected)

    def test_discarding(self) -> None:
        expected = {
            "union_rep": [303, 409, 409, 409, 409],
            "other_rep": [404, 403, 403, 403, 403],
            "secretary": [404, 403, 403, 403, 403],
        }
        self.assertEqual({who: self.answers(who, "discard") for who in expected}, expected)

    def test_withdrawing(self) -> None:
        expected = {
            "union_rep": [409, 303, 409, 409, 409],
            "substitute": [403, 403, 403, 403, 403],
            "other_rep": [404, 403, 403, 403, 403],
            "secretary": [404, 403, 403, 403, 403],
        }
        self.assertEqual({who: self.answers(who, "withdraw") for who in expected}, expected)

    def test_supporting_and_taking_it_back(self) -> None:
        expected = {
            "other_rep": [404, 303, 409, 409, 409],
            "safety_rep": [404, 303, 409, 409, 409],
            "union_rep": [403, 403, 403, 403, 403],
            "substitute": [403, 403, 403, 403, 403],
            "employer": [404, 403, 403, 403, 403],
            "hr": [404] * 5,
            "stranger": [404] * 5,
        }
        for name in ("support", "unsupport"):
            self.assertEqual({who: self.answers(who, name) for who in expected}, expected, name)

    def test_answering(self) -> None:
        expected = {
            "employer": [404, 303, 409, 409, 409],
            "chair": [404, 303, 409, 409, 409],
            "secretary": [404, 303, 409, 409, 409],
            "union_rep": [403, 403, 403, 403, 403],
            "other_rep": [404, 403, 403, 403, 403],
            "hr": [404] * 5,
        }
        data = {"outcome": "granted", "text": "", "version": 0}
        self.assertEqual({who: self.answers(who, "answer", data) for who in expected}, expected)

    def test_releasing(self) -> None:
        expected = {
            "chair": [303, 409, 409],
            "secretary": [303, 409, 409],
            "employer": [403, 403, 403],
            "union_rep": [404, 404, 404],
            "other_rep": [404, 404, 404],
            "stranger": [404, 404, 404],
        }
        statuses = {}
        for who in expected:
            statuses[who] = []
            for state in ("filed", "locked", "withdrawn"):
                motion = self.motion("filed")
                answer = make.make_answer(motion.claims.get(), by=self.cast.employer, released=False)
                if state == "withdrawn":
                    filing.withdraw(motion, by=self.cast.union_rep)
                if state == "locked":
                    make.put_in_phase(motion, "J", by=self.cast.secretary, verb="freeze")
                statuses[who].append(self.status(who, "release", answer, {"version": answer.version}))
        self.assertEqual(statuses, expected)

    def test_a_substitute_files_and_supports_when_serving(self) -> None:
        mandate = self.cast.substitute.person.mandates.get()
        remember(Service(mandate=mandate, date=today()), by=None, verb="test")
        self.assertEqual(self.answers("substitute", "file", {"version": 2}), [303, 409, 409, 409, 409])
        other = make.make_motion(self.cast.group, self.cast.other_union, by=self.cast.other_rep)
        self.assertEqual(self.status("substitute", "support", other.claims.get()), 303)

    def test_a_seat_in_one_union_gives_a_substitute_of_another_no_voice(self) -> None:
        make.make_mandate(self.cast.other_rep, self.cast.group, "substitute", party=self.cast.union)
        motion = self.motion("filed")
        self.assertEqual(self.status("other_rep", "withdraw", motion), 403)
        self.assertEqual(self.status("other_rep", "support", motion.claims.get()), 303)
        self.assertEqual(motion.claims.get().supports.get().party, self.cast.other_union)

    def test_other_verbs_of_the_web_are_refused(self) -> None:
        motion = self.motion("draft")
        self.client.force_login(self.cast.union_rep)
        self.assertEqual(self.client.post(address("motion", motion)).status_code, 405)
        self.assertEqual(self.client.get(address("file", motion)).status_code, 405)
        self.client.force_login(self.cast.other_rep)
        self.assertEqual(self.client.get(address("support", self.motion().claims.get())).status_code, 405)

    @mock.patch("record.tracing.new_id", return_value="1")  # each page has a number of its own, and nothing else of its own
    def test_what_one_may_not_know_of_looks_like_what_does_not_exist(self, _) -> None:
        draft = self.motion("draft")
        self.client.force_login(self.cast.secretary)
        for name in ("motion", "edit", "preview", "discard", "withdraw"):
            hidden = self.client.get(address(name, draft))
            missing = self.client.get(reverse(f"motions:{name}", args=[987654]))
            self.assertEqual((hidden.status_code, hidden.content), (404, missing.content), name)


class NewMotionTests(Case):
    def test_a_representative_writes_and_files_on_four_pages(self) -> None:
        self.client.force_login(self.cast.union_rep)
        self.assertContains(
            self.client.get(reverse("motions:draft", args=[self.cast.group.pk])), "Bara LFs företrädare ser utkastet."
        )
        answer = self.client.post(reverse("motions:draft", args=[self.cast.group.pk]), self.typed(do="review"))
        motion = Motion.objects.get()
        self.assertRedirects(answer, address("preview", motion), status_code=303)
        self.assertEqual([claim.text for claim in motion.claims.all()], ["att bullret mäts.", "att bullret minskas."])
        self.assertEqual((motion.state, motion.party, motion.author), ("draft", self.cast.union, self.cast.union_rep.person))
        answer = self.client.post(address("file", motion), {"version": motion.version})
        self.assertRedirects(answer, address("motion", motion), status_code=303)
        motion.refresh_from_db()
        self.assertContains(self.client.get(address("motion", motion)), motion.receipt)

    def test_to_review_nothing_leaves_no_draft_behind(self) -> None:
        self.client.force_login(self.cast.union_rep)
        nothing = self.typed(do="review", title=" ", background="", claim_text=["", ""])
        answer = self.client.post(reverse("motions:draft", args=[self.cast.group.pk]), nothing)
        self.assertContains(answer, "Skriv något först: en rubrik, en text eller en att-sats.")
        self.assertEqual(Motion.objects.count(), 0)

    def test_an_empty_claim_that_is_left_out_is_told(self) -> None:
        self.client.force_login(self.cast.union_rep)
        data = self.typed(do="review", claim_text=["bullret mäts.", "", "bullret minskas."], claim_points=["", "", ""])
        answer = self.client.post(reverse("motions:draft", args=[self.cast.group.pk]), data, follow=True)
        self.assertContains(answer, "En tom att-sats togs inte med.")
        self.assertEqual(Motion.objects.get().claims.count(), 2)

    def test_only_representatives_write_in_their_own_group(self) -> None:
        answers = {}
        for who in ("union_rep", "substitute", "safety_rep", "secretary", "employer", "hr", "auditor", "stranger"):
            self.client.force_login(getattr(self.cast, who))
            answers[who] = self.client.get(reverse("motions:draft", args=[self.cast.group.pk])).status_code
        expected = dict.fromkeys(("union_rep", "substitute", "safety_rep"), 200)
        expected |= dict.fromkeys(("secretary", "employer", "hr", "auditor"), 403) | {"stranger": 404}
        self.assertEqual(answers, expected)

    def test_who_represents_two_unions_chooses_which(self) -> None:
        make.make_mandate(self.cast.other_rep, self.cast.group, "union_rep", party=self.cast.union)
        self.client.force_login(self.cast.other_rep)
        url = reverse("motions:draft", args=[self.cast.group.pk])
        self.assertContains(self.client.get(url), "Ni lämnar in som")
        self.client.post(url, self.typed(party=self.cast.union.pk))
        self.assertEqual(Motion.objects.get().party, self.cast.union)
        stranger = make.make_party("Utomstående")
        self.assertContains(self.client.post(url, self.typed(party=stranger.pk)), "Det finns ett fel")
        self.assertEqual(Motion.objects.count(), 1)

    def test_a_question_has_no_att(self) -> None:
        self.client.force_login(self.cast.union_rep)
        url = reverse("motions:draft", args=[self.cast.group.pk])
        self.client.post(url, self.typed(kind="inquiry", claim_text=["När mäts bullret?"], claim_points=[""]))
        self.assertEqual(Claim.objects.get().text, "När mäts bullret?")

    def test_a_written_att_is_not_doubled_and_empty_rows_are_left_out(self) -> None:
        self.client.force_login(self.cast.union_rep)
        url = reverse("motions:draft", args=[self.cast.group.pk])
        self.client.post(
            url, self.typed(claim_text=["Att ett.", "", "attacken avvärjs."], claim_points=["1. a\n2) b\n- c\n\n", "", ""])
        )
        self.assertEqual(
            [(claim.text, claim.points) for claim in Claim.objects.all()],
            [("Att ett.", ["a", "b", "c"]), ("att attacken avvärjs.", [])],
        )

    def test_what_is_missing_is_said_on_the_check_page(self) -> None:
        motion = self.motion("draft", title="", claims=())
        self.client.force_login(self.cast.union_rep)
        page = self.client.get(address("preview", motion))
        self.assertContains(page, "Skriv en rubrik innan du lämnar in.")
        self.assertContains(page, "Skriv minst en att-sats. Exempel: att förvaltningen …")
        self.assertNotContains(page, ">Lämna in</button>")
        answer = self.client.post(address("file", motion), {"version": motion.version})
        self.assertRedirects(answer, address("preview", motion), status_code=303)
        motion.refresh_from_db()
        self.assertEqual(motion.state, "draft")


class WithoutScriptTests(Case):
    """The buttons of the rows post the form, and everything typed comes back."""

    def press(self, do: str, **changes):
        self.client.force_login(self.cast.union_rep)
        url = reverse("motions:draft", args=[self.cast.group.pk])
        answer = self.client.post(
            url, self.typed(do=do, claim_text=["ett", "två", "tre"], claim_points=["p1", "", "p3"], **changes)
        )
        self.assertEqual((answer.status_code, Motion.objects.count()), (200, 0))
        self.assertContains(answer, 'value="Buller"')
        self.assertContains(answer, "Det bullrar.")
        return answer, [(row.number, row.text, row.points) for row in answer.context["rows"].rows]

    def test_add(self) -> None:
        self.assertEqual(self.press("add")[1], [(1, "ett", "p1"), (2, "två", ""), (3, "tre", "p3"), (4, "", "")])

    def test_move(self) -> None:
        self.assertEqual(self.press("up:3")[1], [(1, "ett", "p1"), (2, "tre", "p3"), (3, "två", "")])
        self.assertEqual(self.press("down:1")[1], [(1, "två", ""), (2, "ett", "p1"), (3, "tre", "p3")])

    def test_the_ends_and_nonsense_move_nothing(self) -> None:
        same = [(1, "ett", "p1"), (2, "två", ""), (3, "tre", "p3")]
        for do in ("up:1", "down:3", "up:0", "up:4", "down:99", "remove:0", "remove:x", "remove:-1", "up:²", "dance"):
            self.assertEqual(self.press(do)[1], same, do)

    def test_remove_and_undo(self) -> None:
        answer, rows = self.press("remove:3")
        self.assertEqual(rows, [(1, "ett", "p1"), (2, "två", "")])
        self.assertContains(answer, "Ångra: lägg tillbaka nummer 3")
        _, rows = self.press("restore:2", removed_text="tillbaka", removed_points="p")
        self.assertEqual(rows, [(1, "ett", "p1"), (2, "tillbaka", "p"), (3, "två", ""), (4, "tre", "p3")])

    def test_what_cannot_be_saved_yet_is_kept_too(self) -> None:
        answer, _ = self.press("add", wanted_on="2026-02-31", title="Buller", matter="x" * 400)
        self.assertContains(answer, "x" * 400)
        self.assertEqual(answer.context["problems"], [])


class StaleTests(Case):
    def test_both_texts_are_shown_and_the_second_save_is_deliberate(self) -> None:
        motion = self.motion("draft")
        self.client.force_login(self.cast.union_rep)
        fields = {"title": "Deras rubrik", "background": "Deras text."}
        drafting.save_draft(
            motion, fields=fields, claims=[{"text": "att deras."}], version=motion.version, by=self.cast.substitute
        )
        answer = self.client.post(
            address("edit", motion), self.typed(version=2, title="Min rubrik", claim_text=["min."], claim_points=[""])
        )
        self.assertEqual(answer.status_code, 409)
        self.assertContains(answer, "Signe Hassel har sparat medan du skrev", status_code=409)
        self.assertIn("Deras rubrik", answer.context["theirs"])
        self.assertContains(answer, 'value="Min rubrik"', status_code=409)
        self.assertEqual([row.text for row in answer.context["rows"].rows], ["min."])
        self.assertEqual(Motion.objects.get().title, "Deras rubrik")
        again = self.typed(version=answer.context["version"], title="Min rubrik", claim_text=["min."], claim_points=[""])
        self.assertEqual(self.client.post(address("edit", motion), again).status_code, 303)
        self.assertEqual(Motion.objects.get().title, "Min rubrik")

    def test_what_was_not_read_is_not_filed(self) -> None:
        motion = self.motion("draft")
        drafting.save_draft(
            motion, fields={"title": "Nyare"}, claims=[{"text": "att nyare."}], version=2, by=self.cast.substitute
        )
        self.client.force_login(self.cast.union_rep)
        answer = self.client.post(address("file", motion), {"version": 2})
        self.assertContains(answer, "Signe Hassel har ändrat utkastet", status_code=409)
        self.assertContains(answer, "att nyare.", status_code=409)
        self.assertEqual(Motion.objects.get().state, "draft")

    def test_a_changed_answer_is_not_released_and_not_overwritten(self) -> None:
        claim = self.motion().claims.get()
        written = make.make_answer(claim, by=self.cast.employer, released=False, text="Första.")
        answering.answer(claim, outcome="answered", text="Andra.", version=1, by=self.cast.employer)
        self.client.force_login(self.cast.chair)
        self.client.post(address("release", written), {"version": 1})
        self.assertEqual(claim.answers.get().released_at, None)
        answer = self.client.post(address("answer", claim), {"outcome": "granted", "text": "Tredje.", "version": 1})
        self.assertEqual(answer.status_code, 409)
        self.assertIn("Andra.", answer.context["theirs"])
        self.assertContains(answer, "Tredje.", status_code=409)
        self.assertEqual(claim.answers.get().text, "Andra.")
        self.assertEqual(answer.context["form"]["version"].value(), 2)

    def test_an_answer_written_by_two_at_once(self) -> None:
        claim = self.motion().claims.get()
        make.make_answer(claim, by=self.cast.employer, released=False, text="Första.")
        self.client.force_login(self.cast.chair)
        answer = self.client.post(address("answer", claim), {"outcome": "granted", "text": "Tredje.", "version": 0})
        self.assertContains(answer, "Erik Lind har sparat medan du skrev", status_code=409)


class StandingTests(Case):
    def test_what_is_tabled_in_part_is_answered_in_part(self) -> None:
        motion = self.motion(claims=("att ett.", "att två."))
        for claim, outcome in zip(motion.claims.all(), ("granted", "tabled"), strict=True):
            make.make_answer(claim, by=self.cast.employer, outcome=outcome, text="")
        self.assertEqual(Motion.objects.get(pk=motion.pk).status, "delvis besvarat")

    def test_when_a_meeting_has_taken_it_up_its_page_leads_there(self) -> None:
        motion, meeting = self.motion(), self.cast.meeting("called")
        placing.place(motion, meeting=meeting, paragraph=make.make_paragraph(meeting), by=self.cast.secretary)
        self.client.force_login(self.cast.union_rep)
        page = self.client.get(address("motion", motion))
        day = date_format(meeting.date, "j F Y")
        there = reverse("meetings:meeting", args=[meeting.pk])
        self.assertContains(page, f'<dt>Tas upp på mötet</dt><dd><a href="{there}">{day}</a></dd>', html=True)

    def test_too_late_for_a_page_it_leads_to_where_the_motion_stands(self) -> None:
        motion = self.motion()
        self.client.force_login(self.cast.union_rep)
        for name in ("edit", "preview"):
            self.assertContains(self.client.get(address(name, motion)), f'href="{address("motion", motion)}"', status_code=409)


class AnswerTests(Case):
    def test_all_answers_that_are_written_are_read_and_released_in_one_step(self) -> None:
        motion = self.motion(claims=("att ett.", "att två.", "att tre."))
        first, second, _ = motion.claims.all()
        written = [
            make.make_answer(claim, by=self.cast.employer, released=False, text=f"Svar {claim.position}.")
            for claim in (first, second)
        ]
        self.client.force_login(self.cast.chair)
        url = address("release_all", motion)
        self.assertContains(self.client.get(address("motion", motion)), url)
        page = self.client.get(url)
        for text in ("Svar 1.", "Svar 2.", "Lämna ut alla 2 svar"):
            self.assertContains(page, text)
        read = [f"{answer.pk}:1" for answer in written]
        answering.answer(second, outcome="answered", text="Svar 2 igen.", version=1, by=self.cast.employer)
        page = self.client.post(url, {"answer": read}, follow=True)
        self.assertContains(page, "Något av svaren har ändrats")
        self.assertContains(page, "Svar 2 igen.")
        self.assertEqual([claim.released for claim in motion.claims.all()], [None, None, None])
        page = self.client.post(url, {"answer": [read[0], f"{written[1].pk}:2", "x:y"]}, follow=True)
        self.assertContains(page, "2 svar är utlämnade.")
        self.assertEqual([bool(claim.released) for claim in motion.claims.all()], [True, True, False])
        self.assertNotContains(page, url)
        self.assertEqual(self.client.get(url).status_code, 422)
        self.assertEqual(Letter.objects.filter(kind="motion_answered").count(), 1)

    def test_an_answer_of_another_motion_is_not_released_here(self) -> None:
        other = make.make_answer(self.motion().claims.get(), by=self.cast.employer, released=False)
        self.client.force_login(self.cast.chair)
        self.client.post(address("release_all", self.motion()), {"answer": f"{other.pk}:1"})
        other.refresh_from_db()
        self.assertIsNone(other.released_at)

    def test_an_answer_to_words_that_have_changed_is_written_anew_before_it_is_released(self) -> None:
        motion = self.motion()
        claim = motion.claims.get()
        answer = make.make_answer(claim, by=self.cast.employer, released=False, text="Ombuden bjuds in.")
        claims = [{"pk": claim.pk, "text": "att alla får ledigt på fredagar."}]
        changing.change(motion, fields={}, claims=claims, version=motion.version, by=self.cast.union_rep)
        answer.refresh_from_db()
        self.client.force_login(self.cast.chair)
        page = self.client.get(address("motion", motion))
        self.assertContains(page, "Texten har ändrats sedan svaret skrevs.")
        self.assertNotContains(page, address("release", answer))
        for ask in (self.client.get, self.client.post):
            refusal = ask(address("release", answer), {"version": answer.version})
            self.assertContains(refusal, "Att-satsen har ändrats sedan svaret skrevs.", status_code=422)
        self.assertIn(motion, Motion.objects.to_answer(self.cast.employer))
        answering.answer(claim, outcome="rejected", text="Nej.", version=answer.version, by=self.cast.employer)
        self.assertNotIn(motion, Motion.objects.to_answer(self.cast.employer))
        answer.refresh_from_db()
        self.client.post(address("release", answer), {"version": answer.version})
        answer.refresh_from_db()
        self.assertIsNotNone(answer.released_at)

    def test_what_has_final_answers_to_everything_is_not_changed(self) -> None:
        motion = self.motion(claims=("att ett.", "att två."))
        first, second = motion.claims.all()
        make.make_answer(first, by=self.cast.chair, outcome="granted")
        self.client.force_login(self.cast.union_rep)
        self.assertContains(self.client.get(address("motion", motion)), address("change", motion))
        make.make_answer(second, by=self.cast.chair, outcome="rejected")
        self.assertNotContains(self.client.get(address("motion", motion)), address("change", motion))
        with self.assertRaisesMessage(Refused, "har fått slutliga svar"):
            changing.change(motion, fields={"title": "Ny"}, claims=[], version=motion.version, by=self.cast.union_rep)
        self.assertEqual(Motion.objects.get(pk=motion.pk).title, motion.title)

    def test_an_answer_is_read_once_more_before_it_is_released(self) -> None:
        motion = self.motion()
        answer = make.make_answer(motion.claims.get(), by=self.cast.employer, released=False, text="Vi börjar i maj.")
        self.client.force_login(self.cast.chair)
        page = self.client.get(address("release", answer))
        self.assertContains(page, "Vi börjar i maj.")
        self.assertContains(page, "går inte att ändra sedan")
        answer.refresh_from_db()
        self.assertIsNone(answer.released_at)
        self.client.post(address("release", answer), {"version": answer.version})
        answer.refresh_from_db()
        self.assertIsNotNone(answer.released_at)
        self.assertEqual(self.client.get(address("release", answer)).status_code, 303)
        for who, status in (("union_rep", 403), ("employer", 403), ("stranger", 404)):
            self.client.force_login(getattr(self.cast, who))
            self.assertEqual(self.client.get(address("release", answer)).status_code, status)

    def test_the_chair_saves_and_releases_in_one(self) -> None:
        claim = self.motion().claims.get()
        self.client.force_login(self.cast.chair)
        self.client.post(address("answer", claim), {"outcome": "answered", "text": "Vi utreder.", "version": 0, "do": "release"})
        self.assertIsNotNone(claim.answers.get().released_at)
        self.client.force_login(self.cast.union_rep)
        page = self.client.get(address("motion", claim.motion))
        self.assertContains(page, "<strong>Besvaras:</strong> Vi utreder.")

    def test_an_employer_representative_cannot_release_by_the_button(self) -> None:
        claim = self.motion().claims.get()
        self.client.force_login(self.cast.employer)
        self.client.post(address("answer", claim), {"outcome": "answered", "text": "Vi utreder.", "version": 0, "do": "release"})
        self.assertIsNone(claim.answers.get().released_at)

    def test_an_answer_without_words_or_outcome_says_so_at_the_field(self) -> None:
        claim = self.motion().claims.get()
        self.client.force_login(self.cast.employer)
        page = self.client.post(address("answer", claim), {"outcome": "answered", "text": "", "version": 0})
        self.assertEqual(page.context["form"].errors, {"text": ["Skriv svaret. Det utfallet kan inte stå utan text."]})
        page = self.client.post(address("answer", claim), {"outcome": "", "text": "Ja.", "version": 0})
        self.assertEqual(page.context["form"].errors, {"outcome": ["Välj ett utfall."]})
        self.assertContains(page, "Ja.")

    def test_unreleased_answers_are_seen_by_those_who_write_them(self) -> None:
        motion = self.motion()
        make.make_answer(motion.claims.get(), by=self.cast.employer, released=False, text="Hemligt ännu.")
        seen = {}
        for who in ("employer", "chair", "secretary", "union_rep", "other_rep", "safety_rep", "substitute"):
            self.client.force_login(getattr(self.cast, who))
            seen[who] = "Hemligt ännu." in self.client.get(address("motion", motion)).content.decode()
        writers = ("employer", "chair", "secretary")
        self.assertEqual(seen, {who: who in writers for who in seen})

    def test_a_final_answer_ends_it_and_a_tabled_one_does_not(self) -> None:
        claim = self.motion().claims.get()
        make.make_answer(claim, by=self.cast.chair, outcome="tabled", text="")
        self.client.force_login(self.cast.chair)
        self.assertNotContains(self.client.get(address("motion", claim.motion)), "Svara")
        page = self.client.get(address("answer", claim))
        self.assertContains(page, "Att-satsen är bordlagd den här gången.", status_code=422)
        for _ in range(2):  # the meeting that tabled it, and the next
            handling.take_up(claim.motion, "K", by=self.cast.chair)
        self.assertEqual(self.client.get(address("answer", claim)).status_code, 200)
        self.client.post(address("answer", claim), {"outcome": "rejected", "text": "", "version": 0, "do": "release"})
        self.assertEqual([answer.round for answer in claim.answers.all()], [1, 2])
        page = self.client.get(address("answer", claim))
        self.assertContains(page, "Att-satsen har redan fått ett slutligt svar.", status_code=422)


class SupportTests(Case):
    def test_the_line_is_written_as_the_protocol_writes_it(self) -> None:
        motion = self.motion()
        third = make.make_party("Tallförbundet", "TF", position=3)
        supporting.support(motion.claims.get(), party=self.cast.other_union, by=self.cast.other_rep)
        supporting.support(motion.claims.get(), party=third, by=self.cast.other_rep)
        self.client.force_login(self.cast.union_rep)
        self.assertContains(self.client.get(address("motion", motion)), "BF och TF stödjer LFs yrkande.")

    def test_support_and_its_taking_back_are_acknowledged_in_words(self) -> None:
        claim = self.motion().claims.get()
        self.client.force_login(self.cast.other_rep)
        self.assertContains(self.client.post(address("support", claim), follow=True), "BF stödjer nu att-sats 1.")
        self.assertContains(
            self.client.post(address("unsupport", claim), follow=True), "BF har tagit tillbaka sitt stöd för att-sats 1."
        )

    def test_taken_back_support_is_gone_from_the_text_and_kept_in_the_history(self) -> None:
        motion = self.motion()
        self.client.force_login(self.cast.other_rep)
        self.client.post(address("support", motion.claims.get()))
        self.client.post(address("support", motion.claims.get()))
        self.client.post(address("unsupport", motion.claims.get()))
        page = self.client.get(address("motion", motion))
        self.assertNotContains(page, "stödjer LFs yrkande")
        self.assertEqual(
            [(entry.what, str(entry.who)) for entry in page.context["story"]][:2],
            [("BF tog tillbaka stödet för att-sats 1", "Orvar Gran"), ("BF stödde att-sats 1", "Orvar Gran")],
        )

    def test_who_represents_two_unions_says_which(self) -> None:
        third = make.make_party("Tallförbundet", "TF", position=3)
        make.make_mandate(self.cast.other_rep, self.cast.group, "union_rep", party=third)
        claim = self.motion().claims.get()
        self.assertEqual(self.status("other_rep", "support", claim), 403)
        self.assertEqual(self.status("other_rep", "support", claim, {"party": third.pk}), 303)
        self.assertEqual(self.status("other_rep", "support", claim, {"party": self.cast.union.pk}), 403)
        self.assertEqual([support.party for support in claim.supports.all()], [third])


class StoryTests(Case):
    def whats(self, who: str, motion: Motion) -> list[str]:
        self.client.force_login(getattr(self.cast, who))
        return [entry.what for entry in self.client.get(address("motion", motion)).context["story"]]

    def test_each_sees_what_is_theirs_to_see(self) -> None:
        motion = self.motion()
        make.make_answer(motion.claims.get(), by=self.cast.chair)
        filing.withdraw(motion, by=self.cast.union_rep, why="Löst på annat sätt.")
        filed = [f"Lämnades in med nummer {motion.receipt}"]
        told = ["Återkallades", "Svaret på att-sats 1 lämnades ut"]
        self.assertEqual(self.whats("other_rep", motion), [*told, *filed])
        self.assertEqual(self.whats("employer", motion), [*told, "Svaret på att-sats 1 sparades", *filed])
        self.assertEqual(self.whats("union_rep", motion), [*told, *filed, "Sparades", "Skapades"])

    def test_every_row_knows_who_and_why(self) -> None:
        motion = self.motion()
        claim = motion.claims.get()
        supporting.support(claim, party=self.cast.other_union, by=self.cast.other_rep)
        make.make_answer(claim, by=self.cast.chair)
        filing.withdraw(motion, by=self.cast.union_rep, why="Löst.")
        history = [
            (row.history_verb, row.history_user, row.history_change_reason) for row in motion.history.order_by("history_id")
        ]
        self.assertEqual(
            history,
            [("draft_motion", self.cast.union_rep, None)] * 2
            + [("file_motion", self.cast.union_rep, None), ("withdraw_motion", self.cast.union_rep, "Löst.")],
        )
        self.assertEqual(
            [(row.history_verb, row.history_user) for row in claim.history.all()],
            [("draft_motion", self.cast.union_rep)],
        )
        support, answer = claim.supports.get(), claim.answers.get()
        self.assertEqual(
            [(row.history_verb, row.history_user) for row in support.history.all()], [("support", self.cast.other_rep)]
        )
        self.assertEqual(
            [(row.history_verb, row.history_user) for row in answer.history.order_by("history_id")],
            [("answer", self.cast.chair), ("release", self.cast.chair)],
        )


class ListTests(Case):
    def titles(self, who: str, query: str = "") -> list[str]:
        self.client.force_login(getattr(self.cast, who))
        return [motion.title for motion in self.client.get(reverse("motions:list") + query).context["page"]]

    def test_filters(self) -> None:
        self.motion("draft", title="Utkast")
        self.motion(title="Nytt")
        self.motion("withdrawn", title="Åter")
        answered = self.motion(title="Besvarat")
        make.make_answer(answered.claims.get(), by=self.cast.chair)
        make.make_motion(self.cast.group, self.cast.other_union, by=self.cast.other_rep, title="Andras", kind="inquiry")
        self.assertEqual(self.titles("union_rep"), ["Utkast", "Andras", "Besvarat", "Åter", "Nytt"])
        self.assertEqual(self.titles("other_rep"), ["Andras", "Besvarat", "Åter", "Nytt"])
        self.assertEqual(self.titles("union_rep", "?status=draft"), ["Utkast"])
        self.assertEqual(self.titles("union_rep", "?status=waiting"), ["Andras", "Nytt"])
        self.assertEqual(self.titles("union_rep", "?status=answered"), ["Besvarat"])
        self.assertEqual(self.titles("union_rep", "?status=withdrawn"), ["Åter"])
        self.assertEqual(self.titles("union_rep", "?slag=inquiry"), ["Andras"])
        self.assertEqual(self.titles("union_rep", "?egna=on&status=waiting"), ["Nytt"])
        self.assertEqual(self.titles("union_rep", f"?grupp={self.cast.group.pk}&status=draft"), ["Utkast"])
        self.assertEqual(self.titles("stranger"), [])

    def test_what_waits(self) -> None:
        motion = self.motion(title="Nytt")
        make.make_answer(self.motion(title="Skrivet").claims.get(), by=self.cast.employer, released=False)
        self.motion(title="Låst", locked=True)
        self.motion("draft", title="Utkast")
        supporting.support(motion.claims.get(), party=self.cast.other_union, by=self.cast.other_rep)
        waiting = {}
        for who in ("union_rep", "other_rep", "employer", "chair", "hr"):
            self.client.force_login(getattr(self.cast, who))
            waiting[who] = [
                (heading, motion.title) for heading, motion in self.client.get(reverse("motions:list")).context["waiting"]
            ]
        expected = {
            "union_rep": [],
            "other_rep": [("Att stödja", "Skrivet")],
            "employer": [("Att svara på", "Nytt")],
            "chair": [("Att svara på", "Nytt"), ("Svar att lämna ut", "Skrivet")],
            "hr": [],
        }
        self.assertEqual(waiting, expected)

    def queries(self, who: str, url: str) -> int:
        self.client.force_login(getattr(self.cast, who))
        self.client.get(url)
        with CaptureQueriesContext(connection) as captured:
            self.client.get(url)
        return len(captured)

    def test_the_number_of_queries_does_not_grow_with_the_list(self) -> None:
        self.motion()
        people = ("union_rep", "other_rep", "chair")
        one = [self.queries(who, reverse("motions:list")) for who in people]
        for _ in range(29):
            self.motion()
        self.assertEqual([self.queries(who, reverse("motions:list")) for who in people], one)

    def test_the_number_of_queries_does_not_grow_with_the_att_satser(self) -> None:
        def full(size: int) -> Motion:
            motion = self.motion(claims=tuple(f"att {n}." for n in range(size)))
            for claim in motion.claims.all():
                supporting.support(claim, party=self.cast.other_union, by=self.cast.other_rep)
                make.make_answer(claim, by=self.cast.chair, outcome="tabled")
            for _ in range(2):
                handling.take_up(motion, "K", by=self.cast.chair)
            for claim in motion.claims.all():
                make.make_answer(claim, by=self.cast.employer, released=False)
            return motion

        small, large = full(1), full(30)
        for who in ("union_rep", "other_rep", "chair", "employer"):
            self.assertEqual(self.queries(who, address("motion", small)), self.queries(who, address("motion", large)), who)
