"""The whole main job over the web, as the right persons: plan → call → draft → motion → freeze → change → freeze → sign → PDF."""

import re
from datetime import timedelta

from django.test import TestCase
from django.urls import reverse

from meetings.models import Attendance, Meeting
from motions.models import Motion
from people.models import today
from protocol.models import ChangeRequest, FrozenVersion, SealedProtocol, Signature
from record import chain, verifying
from tests import factories as make
from tests.cast import Cast
from tests.paper import OnPaper


class JourneyTests(OnPaper, TestCase):
    def setUp(self) -> None:
        self.cast = Cast()
        cast = self.cast
        _ = (cast.chair, cast.secretary, cast.employer, cast.adjuster, cast.union_rep, cast.other_rep, cast.hr, cast.stranger)

    def get(self, user, name: str, *args) -> int:
        self.client.force_login(user)
        return self.client.get(reverse(name, args=args))

    def post(self, user, name: str, *args, **data):
        """Post as `user`; a redirect means it was done."""
        self.client.force_login(user)
        return self.client.post(reverse(name, args=args), data)

    def done(self, user, name: str, *args, via: str = "", **data) -> None:
        """Open the page, fill in the form as it stands there, and send it."""
        page = self.get(user, via or name, *args)
        if page.status_code == 200:
            hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode())
            data = {key: value for key, value in hidden if key != "csrfmiddlewaretoken"} | data
        response = self.post(user, name, *args, **data)
        if response.status_code not in (302, 303):
            form = (response.context or {}).get("form") if response.context else None
            self.fail(f"{name}: {response.status_code} {form.errors if form else response.content[:600]}")

    def refused(self, users, status: int, name: str, *args, **data) -> None:
        for user in users:
            self.assertEqual(self.post(user, name, *args, **data).status_code, status, (name, str(user)))

    def test_from_plan_to_sealed_pdf(self):
        cast, day = self.cast, today() + timedelta(days=14)

        # Plan and call
        facts = {"date": day.isoformat(), "starts": "09:00", "place": "Kvarngatan 3, Stora salen", "kind": "protocol"}
        self.refused([cast.stranger], 404, "meetings:plan", cast.group.pk, **facts)
        self.refused([cast.employer, cast.union_rep], 403, "meetings:plan", cast.group.pk, **facts)
        self.done(cast.secretary, "meetings:plan", cast.group.pk, **facts)
        meeting = Meeting.objects.get(group=cast.group)
        self.refused([cast.union_rep, cast.employer, cast.hr], 403, "meetings:call", meeting.pk)
        self.refused([cast.secretary], 409, "meetings:open_draft", meeting.pk)
        self.done(cast.secretary, "meetings:call", meeting.pk)

        # A yrkande: drafted in private, filed, supported, answered, released, placed
        draft = make.make_motion(
            cast.group, cast.union, by=cast.union_rep, filed=False, title="Lokaler", claims=("att lokalerna ses över.",)
        )
        for stranger in (cast.secretary, cast.chair, cast.employer, cast.other_rep, cast.hr, cast.stranger):
            self.assertEqual(self.get(stranger, "motions:motion", draft.pk).status_code, 404)
        self.refused([cast.other_rep, cast.secretary], 404, "motions:file", draft.pk)
        self.done(cast.union_rep, "motions:file", draft.pk, via="motions:preview")
        claim = draft.claims.get()
        self.refused([cast.union_rep], 403, "motions:support", claim.pk)
        self.refused([cast.employer], 403, "motions:support", claim.pk)
        self.done(cast.other_rep, "motions:support", claim.pk)
        reply = {"outcome": "answered", "text": "Lokalerna ses över i vår.", "version": "0"}
        self.refused([cast.union_rep, cast.other_rep], 403, "motions:answer", claim.pk, **reply)
        self.done(cast.employer, "motions:answer", claim.pk, **reply)
        answer = claim.answers.get()
        self.refused([cast.employer], 403, "motions:release", answer.pk)
        self.assertNotIn("ses över i vår", self.get(cast.union_rep, "motions:motion", draft.pk).content.decode())
        self.done(cast.chair, "motions:release", answer.pk, version=str(answer.version))
        self.assertIn("ses över i vår", self.get(cast.union_rep, "motions:motion", draft.pk).content.decode())

        # The meeting: the draft, attendance, text
        self.refused([cast.employer, cast.hr], 403, "meetings:open_draft", meeting.pk)
        self.done(cast.secretary, "meetings:open_draft", meeting.pk)
        meeting.refresh_from_db()
        paragraph = make.make_paragraph(meeting, "operations")
        written = {"text": "Förvaltningschefen informerade om våren.", "version": str(paragraph.version)}
        self.refused([cast.adjuster, cast.employer, cast.hr], 403, "meetings:save", paragraph.pk, **written)
        self.done(cast.secretary, "meetings:save", paragraph.pk, **written)
        paragraph.refresh_from_db()
        self.assertEqual(paragraph.text, written["text"])
        from meetings.actions import placing

        placing.place(
            Motion.objects.get(pk=draft.pk),
            meeting=meeting,
            paragraph=make.make_paragraph(meeting, "decisions"),
            by=cast.secretary,
        )
        self.assertEqual(self.post(cast.secretary, "protocol:freeze", meeting.pk, privacy_reviewed="on").status_code, 200)
        meeting.refresh_from_db()
        self.assertEqual(meeting.state, "draft")  # the check list stopped it
        meeting = cast.ready(meeting)
        self.assertEqual(meeting.attendances.exclude(status=Attendance.Status.PRESENT).count(), 0)

        # Approval: a change is asked for, the text taken back and mended, all sign the second version
        self.refused([cast.adjuster, cast.hr, cast.union_rep], 403, "protocol:freeze", meeting.pk, privacy_reviewed="on")
        self.done(cast.secretary, "protocol:freeze", meeting.pk, privacy_reviewed="on")
        first = FrozenVersion.objects.get(meeting=meeting)
        self.refused([cast.secretary], 409, "meetings:save", paragraph.pk, text="Något annat.", version=str(paragraph.version))
        self.refused([cast.other_rep], 409, "motions:unsupport", claim.pk)
        sign = {"seen": first.sha256, "password": make.PASSWORD}
        self.done(cast.secretary, "protocol:sign", first.pk, **sign)
        self.done(
            cast.adjuster,
            "protocol:request_change",
            first.pk,
            comment="Det heter vintern.",
            wording="",
            paragraph=str(paragraph.pk),
        )
        self.assertNotIn(self.post(cast.chair, "protocol:sign", first.pk, **sign).status_code, (302, 303))
        self.assertEqual(Signature.objects.count(), 1)
        self.refused([cast.adjuster, cast.hr], 403, "protocol:withdraw", meeting.pk, reason="Vi rättar texten.")
        self.done(cast.chair, "protocol:withdraw", meeting.pk, reason="Vi rättar texten.")
        self.assertIs(ChangeRequest.objects.get().accepted, True)
        paragraph.refresh_from_db()
        mended = {"text": "Förvaltningschefen informerade om vintern.", "version": str(paragraph.version)}
        self.done(cast.secretary, "meetings:save", paragraph.pk, **mended)
        self.done(cast.secretary, "protocol:freeze", meeting.pk, privacy_reviewed="on")
        second = FrozenVersion.objects.get(meeting=meeting, n=2)
        self.assertEqual(second.signatures.count(), 0)
        sign = {"seen": second.sha256, "password": make.PASSWORD}
        self.refused([cast.hr, cast.employer, cast.union_rep], 403, "protocol:sign", second.pk, **sign)
        self.assertNotIn(self.post(cast.adjuster, "protocol:sign", first.pk, **sign).status_code, (302, 303))
        wrong = {"seen": second.sha256, "password": "fel lösenord"}
        self.assertEqual(self.post(cast.adjuster, "protocol:sign", second.pk, **wrong).status_code, 200)
        self.assertEqual(second.signatures.count(), 0)
        with self.captureOnCommitCallbacks(execute=True):
            for user in (cast.adjuster, cast.secretary, cast.chair):
                self.done(user, "protocol:sign", second.pk, **sign)

        # Sealed, and downloaded by HR as stored
        meeting.refresh_from_db()
        self.assertEqual(meeting.state, "sealed")
        sealed = SealedProtocol.objects.get(version=second)
        self.assertEqual(self.get(cast.stranger, "protocol:pdf", meeting.pk).status_code, 404)
        response = self.get(cast.hr, "protocol:pdf", meeting.pk)
        self.assertEqual(response.status_code, 200)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        self.assertEqual(content, bytes(sealed.pdf))
        archive = self.client.get(reverse("protocol:archive"), {"q": "vintern"})
        self.assertContains(archive, "vintern")

        # And nothing of it is forgotten, or says anything else than the log
        self.assertEqual(verifying.look(verifying.all_checks()).findings, [])
        self.assertEqual(chain.verify(cast.group.chain), [])
        kinds = list(cast.group.chain.events.order_by("seq").values_list("kind", flat=True))
        for kind in ("called", "motion_filed", "frozen", "signed", "change_requested", "withdrawn", "adjusted", "sealed"):
            self.assertIn(kind, kinds)
        verbs = list(meeting.history.order_by("history_id").values_list("history_verb", flat=True))
        for verb in ("plan", "call", "open_draft", "freeze", "withdraw", "adjust", "seal"):
            self.assertIn(verb, verbs)
