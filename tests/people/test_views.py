"""The profile, the registry, the table of rights, the unions' representatives, and the menu."""

from datetime import timedelta
from unittest import mock

from django.test import TestCase
from django.urls import reverse

from people import permissions
from people.models import Mandate, Person, today
from tests.factories import make_group, make_mandate, make_member, make_party, make_person, make_user


class ProfileTests(TestCase):
    def test_shows_ones_own_mandates_and_nobody_elses(self):
        group, party = make_group(), make_party("Lövförbundet", "LF")
        user = make_member(group, "union_rep", "Siv Alm", party=party)
        make_mandate(user, make_group("SVG Ängen", kind="svg"), "union_rep", party=party, ends=today() - timedelta(days=3))
        make_mandate("Annan Person", make_group("SVG Sjön", kind="svg"), "chair")
        self.client.force_login(user)
        answer = self.client.get(reverse("people:profile"))
        self.assertEqual(
            [[str(m.group) for m in answer.context[name]] for name in ("current", "other")], [[str(group)], ["SVG Ängen"]]
        )
        self.assertNotContains(answer, "SVG Sjön")

    def test_a_system_administrator_without_a_person_has_a_profile(self):
        self.client.force_login(make_user(None, is_staff=True))
        self.assertContains(self.client.get(reverse("people:profile")), "Du har inget uppdrag som gäller i dag.")

    def test_costs_the_same_for_one_mandate_and_for_thirty(self):
        party = make_party("Lövförbundet", "LF")
        user = make_member(make_group(), "union_rep", party=party)
        self.client.force_login(user)
        self.client.get(reverse("people:profile"))
        with self.assertNumQueries(FEW := queries(self, "people:profile")):
            self.client.get(reverse("people:profile"))
        for number in range(29):
            make_mandate(user, make_group(f"SVG {number}", kind="svg"), "union_rep", party=party)
        with self.assertNumQueries(FEW):
            self.client.get(reverse("people:profile"))


def queries(case: TestCase, name: str, *args: int) -> int:
    """How many queries the page costs now."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        case.client.get(reverse(name, args=args))
    return len(caught)


class RegistryTests(TestCase):
    def setUp(self):
        self.top = make_group()
        self.below = make_group("SVG Ängen", kind="svg", parent=self.top)
        self.elsewhere = make_group("SVG Havet", kind="svg", organisation="Hamnförvaltningen")
        self.hr = make_member(self.top, "hr", "Hanna Register")

    def test_hr_sees_its_own_subtree_and_a_system_administrator_everything(self):
        for user, names in (
            (self.hr, [str(self.top), "SVG Ängen"]),
            (make_user(None, is_staff=True), [str(self.top), "SVG Ängen", "SVG Havet"]),
        ):
            self.client.force_login(user)
            answer = self.client.get(reverse("people:registry"))
            shown = [
                str(group)
                for group in (self.top, self.below, self.elsewhere)
                if f'href="{reverse("people:group", args=[group.pk])}"' in answer.content.decode()
            ]
            self.assertEqual(shown, names)

    def test_the_tree_hangs_together_and_says_which_seats_are_empty(self):
        make_mandate("Cecilia Björk", self.below, "chair")
        self.client.force_login(self.hr)
        [branch] = self.client.get(reverse("people:registry")).context["branches"]
        [below] = branch.below
        self.assertEqual((branch.group, below.group), (self.top, self.below))
        self.assertEqual(below.vacant, ["sekreterare", "arbetsgivarrepresentant", "facklig representant", "skyddsombud"])

    def test_others_do_not_keep_the_registry(self):
        for role in ("secretary", "chair", "employer_rep", "auditor"):
            self.client.force_login(make_member(self.top, role))
            answers = [self.client.get(reverse("people:registry")), self.client.get(reverse("people:group", args=[self.top.pk]))]
            self.assertEqual([answer.status_code for answer in answers], [403, 403], role)

    @mock.patch("record.tracing.new_id", return_value="1")  # each page has a number of its own, and nothing else of its own
    def test_a_group_out_of_sight_is_answered_as_one_that_is_not_there(self, _):
        self.client.force_login(self.hr)
        answers = [self.client.get(reverse("people:group", args=[pk])) for pk in (self.elsewhere.pk, 999999)]
        self.assertEqual([answer.status_code for answer in answers], [404, 404])
        self.assertEqual(answers[0].content, answers[1].content)

    def test_a_protected_persons_address_and_name_are_not_shown(self):
        person = make_person("Hemligt Namn")
        person.email, person.protected, person.shown_name = "hemlig@fvg.example", True, "Ledamot A"
        person.save()
        make_mandate(person, self.below, "chair")
        self.client.force_login(self.hr)
        for address in (
            reverse("people:registry"),
            reverse("people:group", args=[self.below.pk]),
            reverse("people:invite", args=[self.below.pk, person.pk]),
        ):
            answer = self.client.get(address)
            self.assertContains(answer, "Ledamot A")
            self.assertNotContains(answer, "emlig")

    def test_costs_the_same_for_few_and_for_many(self):
        party = make_party("Lövförbundet", "LF")
        make_mandate("Person Ett", self.below, "union_rep", party=party)
        self.client.force_login(self.hr)
        self.client.get(reverse("people:registry"))
        few = [
            queries(self, "people:registry"),
            queries(self, "people:group", self.below.pk),
            queries(self, "people:representatives", self.top.pk),
        ]
        for number in range(12):
            group = make_group(f"SVG {number}", kind="svg", parent=self.top)
            other = make_party(f"Förbund {number}", f"F{number}")
            for seat in (group, self.below):
                make_member(seat, "union_rep", party=other)
        many = [
            queries(self, "people:registry"),
            queries(self, "people:group", self.below.pk),
            queries(self, "people:representatives", self.top.pk),
        ]
        self.assertEqual(few, many)


class RepresentativesTests(TestCase):
    def setUp(self):
        self.top = make_group()
        self.below = make_group("SVG Ängen", kind="svg", parent=self.top)
        self.party = make_party("Lövförbundet", "LF")
        make_mandate("Lena Löv", self.below, "union_rep", party=self.party)
        make_mandate("Förra Ombudet", self.below, "safety_rep", party=self.party, ends=today() - timedelta(days=1))
        make_mandate("Erik Chef", self.below, "employer_rep")

    def test_lists_todays_representatives_of_the_unions_for_those_who_take_part(self):
        self.client.force_login(make_member(self.below, "secretary"))
        answer = self.client.get(reverse("people:representatives", args=[self.top.pk]))
        self.assertEqual([str(mandate.person) for mandate in answer.context["mandates"]], ["Lena Löv"])
        self.assertContains(answer, "Uppdaterad")

    def test_the_order_does_not_tell_how_the_name_of_a_protected_person_begins(self):
        hidden = make_person("Aaron Abel")
        Person.objects.filter(pk=hidden.pk).update(protected=True, shown_name="Ombud Ö")
        make_mandate(hidden, self.below, "union_rep", party=self.party)
        self.client.force_login(make_member(self.below, "secretary"))
        answer = self.client.get(reverse("people:representatives", args=[self.top.pk]))
        self.assertEqual([str(mandate.person) for mandate in answer.context["mandates"]], ["Lena Löv", "Ombud Ö"])
        printed = Mandate.objects.filter(group=self.below, role="union_rep").in_printing_order()
        self.assertEqual([str(mandate.person) for mandate in printed], ["Lena Löv", "Ombud Ö"])

    def test_is_not_there_for_others(self):
        self.client.force_login(make_member(make_group("SVG Havet", kind="svg"), "secretary"))
        self.assertEqual(self.client.get(reverse("people:representatives", args=[self.top.pk])).status_code, 404)
        self.client.logout()
        self.assertEqual(self.client.get(reverse("people:representatives", args=[self.top.pk])).status_code, 302)


class PermissionPageTests(TestCase):
    def test_shows_every_row_that_has_a_page_as_the_table_has_it(self):
        self.client.force_login(make_member(make_group(), "employer_rep"))
        answer = self.client.get(reverse("people:permissions"))
        shown = {row["label"]: [cell["short"] for cell in row["cells"]] for row in answer.context["rows"]}
        written = {}
        for row in permissions.table().values():
            if row.action not in permissions.PENDING:
                written[row.label] = row.cells
        self.assertEqual(list(shown), list(written))
        for label, cells in written.items():
            for short, column in zip(shown[label], permissions.COLUMNS, strict=True):
                self.assertEqual(permissions.read_cell(short), cells[column], (label, column))


class MenuTests(TestCase):
    def labels(self, user, path="/"):
        self.client.force_login(user)
        return [(item["label"], item["current"]) for item in self.client.get(path).context["nav"]]

    def test_the_registry_is_offered_to_those_who_keep_it(self):
        group = make_group()
        for user, offered in (
            (make_member(group, "hr"), True),
            (make_user(None, is_staff=True), True),
            (make_member(group, "secretary"), False),
        ):
            self.assertEqual("Register" in dict(self.labels(user, reverse("people:profile"))), offered)

    def test_says_where_one_is(self):
        hr = make_member(make_group(), "hr")
        self.assertEqual([label for label, current in self.labels(hr, reverse("people:registry")) if current], ["Register"])
        self.assertEqual([label for label, current in self.labels(hr, reverse("people:profile")) if current], [])

    def test_is_empty_for_a_stranger(self):
        self.assertEqual(self.client.get(reverse("account_login")).context["nav"], [])

    def test_mandates_count_today_only(self):
        hr = make_member(make_group(), "hr")
        Mandate.objects.filter(person=hr.person).update(starts=today() + timedelta(days=1))
        self.client.force_login(hr)
        self.assertEqual(self.client.get(reverse("people:registry")).status_code, 302)
