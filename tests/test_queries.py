"""Every page that lists something asks the database as many questions for thirty rows as for one."""

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.actions import agenda, balance, board, disagreements, placing
from meetings.models import Attendance, Item, Meeting
from motions.actions import supporting
from people.models import User, today
from protocol import actions
from protocol.models import FrozenVersion, Passage
from record.history import remember
from tests import factories as make
from tests.cast import Cast

MANY = 30


class QueryTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        cast = cls.cast
        _ = (cast.chair, cast.secretary, cast.employer, cast.adjuster, cast.union_rep, cast.other_rep, cast.hr)

    def asked(self, user: User, address: str) -> list[str]:
        """The questions that the page asks, once the caches of the process are warm."""
        self.client.force_login(user)
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                response = self.client.get(address)
        self.assertEqual(response.status_code, 200, address)
        return [query["sql"] for query in queries.captured_queries]

    def assert_even(self, user: User, addresses: list[str], add: Callable[[int], None]) -> None:
        """As many questions after one row has been added as after thirty."""
        add(0)
        before = {address: self.asked(user, address) for address in addresses}
        for n in range(1, MANY):
            add(n)
        for address in addresses:
            with self.subTest(address):
                after = self.asked(user, address)
                repeated = sorted({sql for sql in after if after.count(sql) > before[address].count(sql)})
                self.assertEqual(len(after), len(before[address]), "\n".join(repeated[:3]))

    def test_meetings(self):
        user = self.cast.secretary
        group = self.cast.group.pk
        addresses = [reverse("home"), reverse("meetings:list"), reverse("meetings:plan", args=[group])]
        self.assert_even(user, addresses, lambda n: make.make_meeting(self.cast.group, by=user, state="called"))

    def test_meetings_of_many_groups(self):
        user = self.cast.secretary

        def add(n: int) -> None:
            group = make.make_group(f"SVG {n}", kind="svg", abbreviation=f"SVG {n}")
            make.make_mandate(user, group, "secretary")
            make.make_meeting(group, by=user)
            balance.open_item(group, title=f"Löfte {n}", by=user)

        addresses = [reverse("home"), reverse("meetings:list"), reverse("meetings:balance"), reverse("motions:list")]
        self.assert_even(user, [*addresses, reverse("people:profile")], add)

    def test_the_agenda_of_a_meeting(self):
        user = self.cast.chair
        meeting = self.cast.meeting("draft")
        names = ("meeting", "arrange", "append", "attendance", "elect", "personnel", "next", "edit", "appoint")
        addresses = [reverse(f"meetings:{name}", args=[meeting.pk]) for name in names]
        paragraph = make.make_paragraph(meeting)
        addresses += [reverse("meetings:write", args=[paragraph.pk]), reverse("protocol:protocol", args=[meeting.pk])]
        addresses += [reverse("protocol:freeze", args=[meeting.pk]), reverse("meetings:versions", args=[paragraph.pk])]

        def add(n: int) -> None:
            own = agenda.add_paragraph(meeting, heading=f"Övrigt {n}", section="", after=None, by=user)
            make.make_item(own, f"Ämne {n}")
            make.make_item(paragraph, f"Ärende {n}", kind="decision", references=[f"PN 2026-{n:04}"])

        self.assert_even(user, addresses, add)

    def test_the_people_of_a_meeting(self):
        user = self.cast.secretary
        meeting = self.cast.meeting("draft")
        names = ("meeting", "attendance", "elect", "personnel", "join")
        addresses = [reverse(f"meetings:{name}", args=[meeting.pk]) for name in names]
        addresses.append(reverse("protocol:protocol", args=[meeting.pk]))

        def add(n: int) -> None:
            party = make.make_party(f"Förbund {n}", f"F{n}")
            person = make.make_member(self.cast.group, "union_rep", f"Ombud {n}", party=party).person
            row = Attendance(meeting=meeting, person=person, name=person.name, side="employee", party=party, status="present")
            remember(row, by=user, verb="test")

        self.assert_even(user, addresses, add)

    def test_the_call_to_many(self):
        user = self.cast.secretary
        meeting = self.cast.meeting("planned")
        addresses = [reverse("meetings:call", args=[meeting.pk]), reverse("meetings:meeting", args=[meeting.pk])]

        def add(n: int) -> None:
            make.make_member(self.cast.group, "union_rep", f"Ombud {n}", party=make.make_party(f"Förbund {n}", f"F{n}"))

        self.assert_even(user, addresses, add)

    def test_motions(self):
        cast = self.cast
        meeting = cast.meeting("draft")
        paragraph = make.make_paragraph(meeting)

        def add(n: int) -> None:
            union = make.make_party(f"Förbund {n}", f"F{n}")
            make.make_motion(cast.group, cast.union, by=cast.union_rep, title=f"Väntar {n}")
            motion = make.make_motion(cast.group, cast.union, by=cast.union_rep, title=f"Placerat {n}")
            placing.place(motion, meeting=meeting, paragraph=paragraph, by=cast.secretary)
            supporting.support(motion.claims.get(), party=cast.other_union, by=cast.other_rep)
            make.make_answer(motion.claims.get(), by=cast.employer)
            make.make_member(cast.group, "union_rep", f"Ombud {n}", party=union)

        addresses = [reverse("home"), reverse("motions:list"), reverse("meetings:write", args=[paragraph.pk])]
        names = ("meetings:meeting", "meetings:place", "protocol:protocol", "protocol:freeze")
        self.assert_even(cast.secretary, addresses + [reverse(name, args=[meeting.pk]) for name in names], add)

    def test_the_att_satser_of_a_motion(self):
        cast = self.cast
        motions = {
            size: make.make_motion(
                cast.group, cast.union, by=cast.union_rep, title=str(size), claims=tuple(f"att {n} görs." for n in range(size))
            )
            for size in (1, MANY)
        }
        for motion in motions.values():
            for claim in motion.claims.all():
                supporting.support(claim, party=cast.other_union, by=cast.other_rep)
                make.make_answer(claim, by=cast.employer)
        for user in (cast.union_rep, cast.other_rep, cast.chair):
            few, many = (self.asked(user, reverse("motions:motion", args=[motions[size].pk])) for size in (1, MANY))
            self.assertEqual(len(many), len(few))

    def test_the_balance_list(self):
        cast = self.cast
        meeting = cast.meeting("draft")

        def add(n: int) -> None:
            owner = make.make_member(cast.group, "employer_rep", f"Chef {n}").person
            item = balance.open_item(
                cast.group,
                title=f"Löfte {n}",
                meeting=meeting,
                owner=owner,
                due=meeting.date - timedelta(days=90),
                by=cast.secretary,
            )
            balance.note(item, meeting=meeting, text=f"Sagt {n}", by=cast.secretary)

        names = [reverse("home"), reverse("meetings:balance"), reverse("meetings:group_balance", args=[cast.group.pk])]
        names += [reverse("meetings:meeting", args=[meeting.pk]), reverse("protocol:protocol", args=[meeting.pk])]
        self.assert_even(cast.secretary, names, add)

    def test_the_disagreements(self):
        cast = self.cast
        meeting = cast.meeting("draft")
        paragraph = make.make_paragraph(meeting, "decisions")
        cast.group.negotiation_days = 10
        cast.group.save()

        def add(n: int) -> None:
            item = make.make_item(paragraph, f"Ärende {n}", kind="decision")
            disagreements.disagree(item, party=make.make_party(f"Förbund {n}", f"F{n}"), reason="", by=cast.secretary)

        addresses = [reverse("meetings:disagreements"), reverse("protocol:freeze", args=[meeting.pk])]
        self.assert_even(cast.secretary, [*addresses, reverse("protocol:protocol", args=[meeting.pk])], add)

    def test_the_decisions_of_the_board(self):
        cast = self.cast
        meeting = cast.meeting("draft")
        paragraph = make.make_paragraph(meeting, "board_matters")
        items = [make.make_item(paragraph, f"Ärende {n}", kind="board_matter", outcome="no_comments") for n in range(MANY)]
        actions.freeze(cast.ready(meeting), by=cast.secretary, privacy_reviewed=True)

        def add(n: int) -> None:
            entry = {"kind": "reservation", "persons": [f"Ledamot {n}"], "parties": [], "text": "Vi yrkade avslag."}
            item = Item.objects.get(pk=items[n].pk)
            board.enter_decision(item, decided_on=today(), text=f"Beslut {n}.", entries=[entry, entry], by=cast.secretary)

        addresses = [reverse(name, args=[meeting.pk]) for name in ("meetings:meeting", "protocol:protocol", "protocol:log")]
        self.assert_even(cast.secretary, addresses, add)

    def test_the_archive(self):
        cast = self.cast

        def add(n: int) -> None:
            day = today() - timedelta(days=n + 1)
            meeting = Meeting.objects.bulk_create([Meeting(group=cast.group, date=day)])[0]
            make.put_in_state(meeting, "sealed")
            Passage.objects.create(
                meeting=meeting, number=1, heading="Mötets öppnande", words="Mötet öppnades.", folded="mötet öppnades."
            )

        archive = reverse("protocol:archive")
        addresses = [
            archive,
            f"{archive}?q=mötet",
            f"{archive}?group={cast.group.pk}",
            f"{reverse('meetings:list')}?visa=tidigare",
        ]
        self.assert_even(cast.hr, addresses, add)

    def test_the_approval_and_the_log(self):
        cast = self.cast
        meeting = cast.meeting("approval")
        addresses = [reverse(f"protocol:{name}", args=[meeting.pk]) for name in ("approval", "log", "protocol")]
        addresses.append(reverse("home"))

        def add(n: int) -> None:
            version = FrozenVersion.objects.filter(meeting=meeting).last()
            actions.request_change(version, paragraph=None, comment=f"Rätta {n}.", wording="", by=cast.adjuster)

        self.assert_even(cast.secretary, addresses, add)

    def test_the_registry(self):
        cast = self.cast
        addresses = [reverse("people:registry"), reverse("people:group", args=[cast.group.pk])]
        addresses.append(reverse("people:representatives", args=[cast.group.pk]))

        def add(n: int) -> None:
            union = make.make_party(f"Förbund {n}", f"F{n}")
            make.make_member(cast.group, "union_rep", f"Ombud {n}", party=union)
            below = make.make_group(f"SVG {n}", kind="svg", abbreviation=f"SVG {n}", parent=cast.group)
            make.make_member(below, "union_rep", f"Skyddsombud {n}", party=union)

        self.assert_even(cast.admin, addresses, add)
