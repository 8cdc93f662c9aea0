"""The database refuses what the pages refuse: to sit for a party of the other side, or to merge into one."""

from django.db import IntegrityError, connection, transaction
from django.test import TestCase

from people.models import Mandate, Party
from record.history import remember
from tests import factories as make


class SideTests(TestCase):
    def setUp(self):
        self.group = make.make_group()
        self.employer = make.make_party("Parkförvaltningen", kind="employer")
        self.union, self.other = make.make_party("Lövförbundet"), make.make_party("Barrfacket")
        self.rep = make.make_mandate("Ulla Ek", self.group, "union_rep", party=self.union)
        self.manager = make.make_mandate("Hans Chef", self.group, "employer_rep", party=self.employer)

    def refused(self, sql: str, *values) -> None:
        with self.assertRaises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)

    def test_nobody_sits_for_a_party_of_the_other_side(self):
        for mandate, party in ((self.rep, self.employer), (self.manager, self.union)):
            self.refused("UPDATE people_mandate SET party_id = %s WHERE id = %s", party.pk, mandate.pk)
        for role, party in (("union_rep", self.employer), ("safety_rep", self.employer), ("employer_rep", self.union)):
            with self.subTest(role), self.assertRaises(IntegrityError), transaction.atomic():
                Mandate.objects.create(person=self.rep.person, group=self.group, role=role, party=party)

    def test_a_party_stays_on_its_side(self):
        self.refused("UPDATE people_party SET kind = 'employer' WHERE id = %s", self.union.pk)

    def test_a_union_merges_into_another_union_and_into_nothing_else(self):
        for heir in (self.union, self.employer):
            self.refused("UPDATE people_party SET successor_id = %s WHERE id = %s", heir.pk, self.union.pk)
        self.refused("UPDATE people_party SET successor_id = %s WHERE id = %s", self.union.pk, self.employer.pk)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Party.objects.create(kind="union", successor=self.employer)
        self.union.successor = self.other
        remember(self.union, by=None, verb="test")
        self.assertEqual(Party.objects.get(pk=self.union.pk).successor, self.other)
