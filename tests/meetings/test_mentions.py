"""Where the protocols speak of a promise: every way there is, and only in what the person may read."""

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.actions import agenda, balance, promises
from meetings.reading.mentions import mentions
from people.models import User
from tests import factories as make
from tests.cast import Cast


class MentionTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.by = cls.cast.secretary
        cls.meeting = cls.cast.meeting("draft")
        cls.origin, cls.other = make.make_paragraph(cls.meeting), make.make_paragraph(cls.meeting, "safety")
        agenda.edit_text(cls.origin, fields={"text": "Chefen lagar bänken."}, version=1, by=cls.by)
        made = promises.promise(cls.origin, sentence="Chefen lagar bänken.", owner=cls.cast.employer.person, by=cls.by)
        cls.item = made.balance_item

    def told(self, user: User | None = None) -> dict[str, tuple[str, ...]]:
        return {row.paragraph.slug: row.ways for row in mentions(self.item, User.objects.get(pk=(user or self.by).pk))}

    def test_where_it_was_promised_and_the_list(self):
        self.assertEqual(
            self.told(), {"operations": ("uppkom här", "åtagande", "nämns i texten"), "balance": ("stod på listan",)}
        )

    def test_where_it_was_closed_and_where_its_words_stand(self):
        make.make_item(self.other, text="Skyddsronden är gjord.")
        make.make_item(make.make_paragraph(self.meeting, "unions"), text="Facket sade: chefen lagar bänken i dag.")
        balance.note(self.item, meeting=self.meeting, text="Lagad.", closes=True, under=self.other, by=self.by)
        self.assertEqual((self.told()["safety"], self.told()["unions"]), (("avslutad här",), ("nämns i texten",)))

    def test_another_group_s_words_are_not_about_it(self):
        elsewhere = make.make_meeting(self.cast.other_group, by=self.cast.stranger, state="draft")
        make.make_item(make.make_paragraph(elsewhere), text=self.item.title)
        make.make_mandate(self.by, self.cast.other_group, "secretary")
        self.assertEqual(set(self.told()), {"operations", "balance"})

    def test_a_draft_is_only_told_of_to_those_who_read_it(self):
        for user in (self.cast.employer, self.cast.adjuster, self.cast.hr, self.cast.stranger):
            self.assertEqual(self.told(user), {}, str(user))
        address = reverse("meetings:balance_item", args=[self.item.pk])
        self.client.force_login(self.cast.adjuster)
        self.assertNotContains(self.client.get(address), "Står i protokollen")
        self.client.force_login(self.by)
        self.assertContains(self.client.get(address), f"{reverse('protocol:protocol', args=[self.meeting.pk])}#paragraf-")

    def test_one_meeting_and_many_take_the_same_queries(self):
        mentions(self.item, self.by)  # what is known of the user is asked for once
        asked = []
        for more in (1, 6):
            for _ in range(more):
                make.make_item(
                    make.make_paragraph(make.make_meeting(self.cast.group, by=self.by, state="draft")), text=self.item.title
                )
            with CaptureQueriesContext(connection) as queries:
                mentioned = mentions(self.item, self.by)
            asked.append((len(queries), len(mentioned) > more))
        self.assertEqual(asked[0], asked[1])
