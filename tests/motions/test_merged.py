"""A union that has merged into another: what it filed, wrote and supported is in the hands of the one that it is now."""

from datetime import timedelta

from django.test import TestCase
from django.urls import reverse

from motions.actions import supporting
from motions.models import Motion
from people.models import Letter, Mandate, Party, User, today
from record.history import remember
from tests import factories as make
from tests.cast import Cast


class MergedTests(TestCase):
    def setUp(self) -> None:
        self.cast = Cast()
        _ = (self.cast.chair, self.cast.secretary, self.cast.employer)
        self.motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        self.draft = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title="Utkastet", filed=False)
        other = make.make_motion(self.cast.group, self.cast.other_union, by=self.cast.other_rep, title="Andras")
        self.supported = other.claims.get()
        supporting.support(self.supported, party=self.cast.union, by=self.cast.union_rep)
        # Two mergers, one after the other; the seats of the first union end, and the last one's representative comes.
        between, self.heir = make.make_party("Mellanfacket", "MF"), make.make_party("Skogens fack", "SF")
        for party, successor in ((self.cast.union, between), (between, self.heir)):
            party.successor = successor
            remember(party, by=None, verb="test")
        for seat in Mandate.objects.filter(party=self.cast.union):
            seat.starts, seat.ends = today() - timedelta(days=9), today() - timedelta(days=1)
            remember(seat, by=None, verb="test")
        self.rep = make.make_member(self.cast.group, "union_rep", "Nova Bok", party=self.heir)
        self.client.force_login(self.rep)

    def page(self, motion: Motion) -> str:
        return self.client.get(reverse("motions:motion", args=[motion.pk])).content.decode()

    def test_what_was_filed_can_be_changed_and_taken_back_and_is_not_supported_by_itself(self) -> None:
        page = self.page(self.motion)
        for name in ("change", "withdraw"):
            self.assertIn(reverse(f"motions:{name}", args=[self.motion.pk]), page)
        support = reverse("motions:support", args=[self.motion.claims.get().pk])
        self.assertNotIn(support, page)
        self.assertEqual(self.client.post(support).status_code, 403)
        self.assertNotIn(self.motion, Motion.objects.to_support(self.rep))
        self.client.post(reverse("motions:withdraw", args=[self.motion.pk]), {"why": "Vi är ett förbund nu."})
        self.motion.refresh_from_db()
        self.assertEqual(self.motion.state, "withdrawn")

    def test_the_draft_is_theirs_and_nobody_else_s(self) -> None:
        self.assertIn("Utkastet", self.page(self.draft))
        self.client.force_login(self.cast.other_rep)
        self.assertNotIn("Utkastet", self.page(self.draft))

    def test_new_things_are_done_in_the_new_name(self) -> None:
        form = self.client.get(reverse("motions:draft", args=[self.cast.group.pk]))
        self.assertEqual(form.context["parties"], [self.heir])
        support = reverse("motions:support", args=[self.supported.pk])
        self.client.post(support)
        self.assertEqual(
            [one.party for one in self.supported.supports.order_by("pk")], [Party.objects.get(pk=self.cast.union.pk), self.heir]
        )

    def test_support_that_was_given_can_be_taken_back(self) -> None:
        self.client.post(reverse("motions:unsupport", args=[self.supported.pk]), {"party": self.cast.union.pk})
        self.assertEqual(self.supported.supports.filter(withdrawn_at=None).count(), 0)

    def test_letters_reach_those_who_speak_for_it_now(self) -> None:
        Letter.objects.all().delete()
        make.make_answer(self.motion.claims.get(), by=self.cast.employer)
        told = {str(letter.person) for letter in Letter.objects.filter(kind="motion_answered")}
        self.assertEqual(told, {"Nova Bok"})

    def test_a_registry_that_goes_round_in_a_circle_stops_nobody(self) -> None:
        self.heir.successor = self.cast.union
        remember(self.heir, by=None, verb="test")
        self.assertEqual(self.client.get(reverse("home")).status_code, 200)
        self.assertIn(self.heir.pk, User.objects.get(pk=self.rep.pk).unions_in(self.cast.group.pk))
