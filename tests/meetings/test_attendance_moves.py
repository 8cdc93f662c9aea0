"""Who comes and who goes: which §§ follow from it, what is printed after the agenda has changed, and what can be undone."""

from datetime import time

from django.core.exceptions import ValidationError

from meetings.actions import agenda
from meetings.actions import attendance as actions
from meetings.models import Attendance, Interruption, Meeting, Movement, Paragraph
from meetings.reading import attendance
from people.models import Group
from protocol import document, printed, spoken
from record.history import remember
from record.moves import Refused, WrongState
from tests import factories as make
from tests.meetings.test_attendance import AttendanceCase


class MoveCase(AttendanceCase):
    def setUp(self):
        self.paragraphs = list(self.meeting.paragraphs.all())
        self.person = self.row(self.cast.adjuster)

    def under(self, number: int) -> Paragraph:
        return self.paragraphs[number - 1]

    def do(self, row: Attendance, *steps: str) -> None:
        """`came 5`, `went 7`, `undo`, `present`: one after the other, a minute apart from 09:01 on."""
        for minute, step in enumerate(steps, start=1):
            what, _, number = step.partition(" ")
            row = Attendance.objects.get(pk=row.pk)
            if what == "undo":
                actions.unmove(row.movements.last(), by=self.by)
            elif number:
                getattr(actions, what)(row, paragraph=self.under(int(number)), at=time(9, minute), by=self.by)
            else:
                actions.mark(row, status=what, by=self.by)

    def expected(self) -> Attendance:
        """Somebody new of whom nothing is known yet."""
        person = make.make_person()
        row = Attendance(meeting=self.meeting, person=person, name=person.name, side="official", status="expected")
        remember(row, by=None, verb="test")
        return row

    def there(self, row: Attendance | None = None) -> list[int] | str:
        """The numbers of the §§ (in the order the test began with), or "all"."""
        row = Attendance.objects.get(pk=(row or self.person).pk)
        stored = {one.paragraph_id for one in row.presences.all()}
        self.assertEqual(row.partial, bool(stored))
        return [number for number, one in enumerate(self.paragraphs, start=1) if one.pk in stored] if row.partial else "all"

    def printed(self) -> str:
        """The person's line on the first page."""
        protocol = document.build(Meeting.objects.whole().get(pk=self.meeting.pk))
        return next(spoken.attendee(one) for one in protocol.attendees if one.name == self.person.name)


class SequenceTests(MoveCase):
    def test_the_set_of_paragraphs_follows_from_what_happened(self):
        last = len(self.paragraphs)
        rest = lambda first: list(range(first, last + 1))  # noqa: E731
        table = [
            (["present"], "all", "present"),
            (["came 5"], rest(5), "present"),
            (["came 1"], "all", "present"),
            (["went 7"], [1, 2, 3, 4, 5, 6, 7], "present"),
            (["present", "went 7"], [1, 2, 3, 4, 5, 6, 7], "present"),
            ([f"went {last}"], "all", "present"),
            (["excused", "came 3"], rest(3), "present"),
            (["went 7", "came 9"], [1, 2, 3, 4, 5, 6, 7, *rest(9)], "present"),
            (["went 7", "came 7"], "all", "present"),
            (["went 7", "came 8"], "all", "present"),
            (["came 3", "went 5", "came 9", "went 10"], [3, 4, 5, 9, 10], "present"),
            (["came 4", "went 4"], [4], "present"),
            (["came 5", "undo"], "all", "expected"),
            (["excused", "came 5", "undo"], "all", "excused"),
            (["present", "went 5", "undo"], "all", "present"),
            (["went 5", "came 7", "undo"], [1, 2, 3, 4, 5], "present"),
            (["went 5", "came 5", "undo"], [1, 2, 3, 4, 5], "present"),
            (["came 3", "went 5", "undo"], rest(3), "present"),
            (["came 3", "went 5", "came 8", "undo", "undo", "undo"], "all", "expected"),
        ]
        for steps, wanted, status in table:
            with self.subTest(steps=steps):
                row = self.expected()
                self.do(row, *steps)
                self.assertEqual((self.there(row), Attendance.objects.get(pk=row.pk).status), (wanted, status))

    def test_what_does_not_go_together_is_refused_and_changes_nothing(self):
        for steps in (
            ["came 3", "came 5"],
            ["went 3", "went 5"],
            ["excused", "went 3"],
            ["absent", "went 3"],
            ["went 7", "came 6"],
        ):
            with self.subTest(steps=steps):
                row = self.expected()
                self.do(row, *steps[:-1])
                before = self.there(row), row.movements.count()
                with self.assertRaises(Refused):
                    self.do(row, steps[-1])
                self.assertEqual((self.there(row), row.movements.count()), before)

    def test_who_is_here_from_the_beginning_does_not_come_again_and_lose_it(self):
        self.do(self.person, "present")
        with self.assertRaisesMessage(Refused, "är redan här, sedan mötet började."):
            self.do(self.person, "came 3")
        self.assertEqual(self.there(), "all")

    def test_the_clock_does_not_go_backwards(self):
        actions.went(self.person, paragraph=self.under(2), at=time(10), by=self.by)
        with self.assertRaises(ValidationError):
            actions.came(self.person, paragraph=self.under(3), at=time(9, 59), by=self.by)
        actions.came(self.person, paragraph=self.under(3), at=time(10), by=self.by)

    def test_the_clock_can_be_corrected_within_the_order(self):
        first = actions.went(self.person, paragraph=self.under(2), at=time(10), by=self.by)
        second = actions.came(self.person, paragraph=self.under(4), at=time(10, 30), by=self.by)
        actions.retime(first, at=time(10, 10), by=self.by)
        for movement, at in ((first, time(10, 31)), (second, time(10, 9))):
            with self.assertRaises(ValidationError):
                actions.retime(movement, at=at, by=self.by)
        self.assertEqual(list(Movement.objects.values_list("at", flat=True)), [time(10, 10), time(10, 30)])

    def test_a_paragraph_of_another_meeting_is_refused(self):
        other = make.make_paragraph(self.cast.meeting("draft"))
        for verb in (actions.came, actions.went, actions.broken):
            with self.assertRaises(Refused):
                verb(self.person, paragraph=other, at=time(9), by=self.by)

    def test_only_the_last_movement_can_be_taken_back(self):
        first = actions.went(self.person, paragraph=self.under(2), at=time(10), by=self.by)
        actions.came(self.person, paragraph=self.under(4), at=time(10, 30), by=self.by)
        with self.assertRaises(Refused):
            actions.unmove(first, by=self.by)

    def test_a_key_does_not_mark_over_somebody_who_has_moved(self):
        self.do(self.person, "went 3")
        for status in ("present", "excused", "absent"):
            with self.assertRaises(Refused):
                actions.mark(self.person, status=status, by=self.by)

    def test_who_is_marked_as_absent_on_the_list_has_no_movements_left(self):
        self.do(self.person, "went 3")
        actions.attend(self.person, status="absent", by=self.by)
        self.assertEqual((self.there(), self.person.movements.count(), self.person.presences.count()), ("all", 0, 0))

    def test_a_set_chosen_by_hand_stands_until_a_movement_and_comes_back_when_that_is_undone(self):
        actions.mark(self.person, status="present", by=self.by)
        actions.present_under(self.person, paragraphs=[self.under(1), self.under(3), self.under(6)], by=self.by)
        self.do(self.person, "went 3")
        self.assertEqual(self.there(), [1, 3])
        self.do(self.person, "undo")
        self.assertEqual(self.there(), [1, 3, 6])

    def test_after_the_freeze_nobody_moves(self):
        meeting = self.cast.meeting("approval")
        row, paragraph = meeting.attendances.first(), meeting.paragraphs.first()
        for verb in (actions.came, actions.went, actions.broken):
            with self.assertRaises(WrongState):
                verb(row, paragraph=paragraph, at=time(9), by=self.by)


class RenumberingTests(MoveCase):
    def setUp(self):
        super().setUp()
        Group.objects.filter(pk=self.cast.group.pk).update(empty_paragraphs=Group.Empty.KEEP)

    def test_the_printed_line_has_the_numbers_that_the_paragraphs_have_in_the_end(self):
        last = len(self.paragraphs)
        self.do(self.person, "went 7", "came 9")
        self.assertTrue(self.printed().endswith(f"närvarande under § 1–7 och § 9–{last}"), self.printed())
        agenda.add_paragraph(self.meeting, heading="Nytt först", section="", after=self.under(2), by=self.by)
        self.assertTrue(self.printed().endswith(f"närvarande under § 1–8 och § 10–{last + 1}"), self.printed())
        agenda.add_paragraph(self.meeting, heading="Nytt sist", section="", after=None, by=self.by)
        self.assertTrue(self.printed().endswith(f"närvarande under § 1–8 och § 10–{last + 2}"), self.printed())

    def test_a_paragraph_added_after_somebody_has_gone_is_not_theirs(self):
        self.do(self.person, f"went {len(self.paragraphs)}")
        self.assertNotIn("närvarande", self.printed())
        agenda.add_paragraph(self.meeting, heading="Övrigt", section="", after=None, by=self.by)
        self.assertTrue(self.printed().endswith(f"närvarande under § 1–{len(self.paragraphs)}"), self.printed())

    def test_a_paragraph_added_between_going_and_coming_is_not_theirs(self):
        self.do(self.person, "went 3", "came 5")
        agenda.add_paragraph(self.meeting, heading="Nytt", section="", after=self.under(4), by=self.by)
        self.assertTrue(self.printed().endswith(f"närvarande under § 1–3 och § 6–{len(self.paragraphs) + 1}"), self.printed())

    def test_what_is_postponed_is_for_those_who_are_there_then(self):
        """§ 3 is moved past § 8 before anybody has dealt with it: who came under § 5 is there, who went after § 5 is not."""
        gone = self.row(self.cast.other_rep)
        self.do(self.person, "came 5")
        self.do(gone, "went 5")
        for _ in range(5):
            agenda.move_paragraph(self.under(3), by_steps=1, by=self.by)
        self.assertEqual(self.there(), [3, *range(5, len(self.paragraphs) + 1)])
        self.assertEqual(self.there(gone), [1, 2, 4, 5])

    def test_what_has_been_dealt_with_keeps_those_who_were_there(self):
        gone = self.row(self.cast.other_rep)
        self.do(self.person, "came 5")
        self.do(gone, "went 5")
        agenda.set_done(self.under(3), done=True, by=self.by)
        for paragraph in (self.under(3), self.under(5)):  # under § 5 somebody moved: that is dealing with it too
            agenda.move_paragraph(paragraph, by_steps=len(self.paragraphs), by=self.by)
        self.assertEqual(self.there(), list(range(5, len(self.paragraphs) + 1)))
        self.assertEqual(self.there(gone), [1, 2, 3, 4, 5])
        self.assertTrue(self.printed().endswith(f"närvarande under § 4–{len(self.paragraphs) - 2} och § {len(self.paragraphs)}"))

    def test_a_set_chosen_by_hand_follows_its_paragraphs(self):
        actions.mark(self.person, status="present", by=self.by)
        actions.present_under(self.person, paragraphs=[self.under(1), self.under(3)], by=self.by)
        agenda.move_paragraph(self.under(3), by_steps=2, by=self.by)
        agenda.move_paragraph(self.under(1), by_steps=-1, by=self.by)
        self.assertEqual(self.there(), [1, 3])
        self.assertTrue(self.printed().endswith("närvarande under § 1 och § 5"), self.printed())

    def test_empty_paragraphs_that_are_left_out_are_not_counted(self):
        Group.objects.filter(pk=self.cast.group.pk).update(empty_paragraphs=Group.Empty.DROP)
        self.do(self.person, "went 7")
        printed = [one.pk for _, one in document.printed_paragraphs(Meeting.objects.whole().get(pk=self.meeting.pk))]
        self.assertLess(len(printed), len(self.paragraphs))
        under = [number for number, pk in enumerate(printed, start=1) if pk in {one.pk for one in self.paragraphs[:7]}]
        self.assertTrue(self.printed().endswith(spoken.presence(under)), self.printed())

    def test_taking_a_paragraph_away_takes_it_from_the_set(self):
        self.do(self.person, "came 5")
        empty = next(one for one in self.paragraphs[6:] if not one.text)
        agenda.remove_paragraph(empty, by=self.by)
        self.assertNotIn(self.paragraphs.index(empty) + 1, self.there())

    def test_who_was_away_only_under_what_is_taken_away_was_there_all_the_time(self):
        actions.mark(self.person, status="present", by=self.by)
        actions.present_under(self.person, paragraphs=[one for one in self.paragraphs if one != self.under(6)], by=self.by)
        agenda.remove_paragraph(self.under(6), by=self.by)
        self.assertEqual(self.there(), "all")

    def test_a_paragraph_under_which_somebody_moved_or_alone_was_there_stays(self):
        self.do(self.person, "went 6")
        with self.assertRaises(Refused):
            agenda.remove_paragraph(self.under(6), by=self.by)
        other = self.row(self.cast.other_rep)
        actions.present_under(other, paragraphs=[self.under(5)], by=self.by)
        with self.assertRaises(Refused):
            agenda.remove_paragraph(self.under(5), by=self.by)


class InterruptionTests(MoveCase):
    def setUp(self):
        super().setUp()
        self.do(self.person, "present")

    def test_a_line_breaks_and_comes_back(self):
        actions.connect(self.person, channel="Teams", by=self.by)
        actions.broken(self.person, paragraph=self.under(4), at=time(9, 58), by=self.by)
        actions.mended(self.person, at=time(10, 10), by=self.by)
        found = self.person.interruptions.get()
        self.assertEqual((found.starts, found.ends, found.reason), (time(9, 58), time(10, 10), "tekniska problem"))

    def test_nobody_says_why_for_one_who_is_in_the_room_and_the_person_is_named_where_the_party_was_there(self):
        actions.broken(self.person, paragraph=self.under(1), at=time(9, 58), by=self.by)
        actions.mended(self.person, at=time(10, 10), by=self.by)
        other = actions.join(self.meeting, person="Lova Lind", side="employee", party=self.person.party, by=self.by)
        self.assertEqual(other.status, "present")
        protocol = document.build(Meeting.objects.whole().get(pk=self.meeting.pk))
        self.assertEqual(
            spoken.interruptions(protocol, protocol.paragraphs[0]), [f"{self.person.name} deltog inte kl. 09:58–10:10."]
        )

    def test_an_interruption_without_an_end_is_printed_from_when(self):
        actions.connect(self.person, channel="Teams", by=self.by)
        actions.broken(self.person, paragraph=self.under(1), at=time(9, 58), by=self.by)
        protocol = document.build(Meeting.objects.whole().get(pk=self.meeting.pk))
        self.assertEqual(
            spoken.interruptions(protocol, protocol.paragraphs[0]),
            ["Lövförbundet deltog inte från kl. 09:58 på grund av tekniska problem."],
        )

    def test_less_than_a_minute_is_not_kept(self):
        actions.broken(self.person, paragraph=None, at=time(9, 58), by=self.by)
        self.assertIsNone(actions.mended(self.person, at=time(9, 58), by=self.by))
        self.assertEqual(self.person.interruptions.count(), 0)

    def test_it_cannot_end_before_it_began_begin_twice_or_end_twice(self):
        actions.broken(self.person, paragraph=None, at=time(9, 58), by=self.by)
        with self.assertRaises(ValidationError):
            actions.mended(self.person, at=time(9, 57), by=self.by)
        with self.assertRaises(Refused):
            actions.broken(self.person, paragraph=None, at=time(9, 59), by=self.by)
        actions.mended(self.person, at=time(10), by=self.by)
        with self.assertRaises(Refused):
            actions.mended(self.person, at=time(10, 1), by=self.by)

    def test_only_who_is_here_can_be_cut_off(self):
        self.do(self.person, "went 3")
        with self.assertRaises(Refused):
            actions.broken(self.person, paragraph=None, at=time(10), by=self.by)
        with self.assertRaises(Refused):
            actions.broken(self.row(self.cast.other_rep), paragraph=None, at=time(10), by=self.by)

    def test_who_goes_is_no_longer_cut_off_and_is_again_when_going_was_a_mistake(self):
        actions.broken(self.person, paragraph=None, at=time(9), by=self.by)
        movement = actions.went(self.person, paragraph=self.under(3), at=time(9, 30), by=self.by)
        self.assertEqual(Interruption.objects.get().ends, time(9, 30))
        actions.unmove(movement, by=self.by)
        self.assertIsNone(Interruption.objects.get().ends)

    def printed(self) -> list[str]:
        protocol = document.build(Meeting.objects.whole().get(pk=self.meeting.pk))
        whole = printed.context(protocol, mode="draft")["document"]
        lines = [line for _, rows in whole.present for line in rows] + [*whole.absent]
        lines += [note for paragraph in whole.paragraphs for note in paragraph.notes]
        return [line.replace("\u00a0", " ") for line in lines if "deltog inte" in line]

    def test_it_is_printed_once_also_under_no_paragraph_and_under_one_that_is_left_out(self):
        Group.objects.filter(pk=self.cast.group.pk).update(empty_paragraphs=Group.Empty.DROP)
        shown, left_out = self.under(1), next(paragraph for paragraph in self.paragraphs if paragraph.only_with_content)
        for paragraph in (None, shown, left_out):
            with self.subTest(paragraph):
                interruption = actions.interrupt(
                    self.person, paragraph=paragraph, starts=time(9, 58), ends=time(10, 10), reason="ljudproblem", by=self.by
                )
                self.assertEqual(len(self.printed()), 1)
                self.assertIn("deltog inte kl. 09:58–10:10 på grund av ljudproblem", self.printed()[0])
                actions.uninterrupt(interruption, by=self.by)

    def test_who_was_not_here_has_no_interruption_and_an_undo_gives_it_back(self):
        actions.broken(self.person, paragraph=self.under(3), at=time(9, 58), by=self.by)
        actions.mended(self.person, at=time(10, 10), by=self.by)
        row = actions.attend(Attendance.objects.get(pk=self.person.pk), status="absent", by=self.by)
        self.assertEqual((row.interruptions.count(), self.printed()), (0, []))
        actions.undo(row, last=attendance.last_done([row])[row.pk].name, by=self.by)
        again = row.interruptions.get()
        self.assertEqual(
            (row.status, again.starts, again.ends, again.paragraph_id), ("present", time(9, 58), time(10, 10), self.under(3).pk)
        )
        actions.attend(row, status="absent", by=self.by)
        agenda.remove_paragraph(self.under(3), by=self.by)
        actions.undo(row, last=attendance.last_done([row])[row.pk].name, by=self.by)
        self.assertIsNone(row.interruptions.get().paragraph_id)

    def test_one_key_does_not_mark_over_an_interruption(self):
        actions.broken(self.person, paragraph=None, at=time(9), by=self.by)
        for status in ("absent", "excused"):
            with self.assertRaises(Refused):
                actions.mark(self.person, status=status, by=self.by)
        actions.mark(self.person, status="present", by=self.by)
        self.assertEqual(self.person.interruptions.count(), 1)

    def test_nobody_is_cut_off_who_is_not_here_also_afterwards(self):
        for status in ("absent", "excused"):
            row = actions.attend(self.person, status=status, by=self.by)
            with self.assertRaises(Refused):
                actions.interrupt(row, paragraph=None, starts=time(9), ends=time(10), reason="ljudproblem", by=self.by)

    def test_a_coming_is_not_undone_from_under_an_interruption(self):
        row = self.row(self.cast.other_rep)
        actions.attend(row, status="absent", by=self.by)
        movement = actions.came(row, paragraph=self.under(3), at=time(9, 30), by=self.by)
        found = actions.interrupt(row, paragraph=None, starts=time(9, 40), ends=time(9, 50), reason="ljudproblem", by=self.by)
        with self.assertRaises(Refused):
            actions.unmove(movement, by=self.by)
        actions.uninterrupt(found, by=self.by)
        actions.unmove(movement, by=self.by)
        self.assertEqual(Attendance.objects.get(pk=row.pk).status, "absent")


class UndoTests(MoveCase):
    def undo(self) -> None:
        row = Attendance.objects.get(pk=self.person.pk)
        actions.undo(row, last=attendance.last_done([row])[row.pk].name, by=self.by)

    def seen(self) -> tuple:
        row = Attendance.objects.get(pk=self.person.pk)
        broken = [(one.starts, one.ends) for one in row.interruptions.all()]
        return row.status, row.channel, self.there(), row.movements.count(), broken

    def test_one_after_the_other_back_to_the_beginning(self):
        row, under, seen = self.person, self.under, [self.seen()]
        for verb, more in (
            (actions.mark, {"status": "present"}),
            (actions.connect, {"channel": "Teams"}),
            (actions.broken, {"paragraph": None, "at": time(9)}),
            (actions.mended, {"at": time(9, 5)}),
            (actions.went, {"paragraph": under(4), "at": time(9, 30)}),
            (actions.came, {"paragraph": under(7), "at": time(9, 50)}),
        ):
            verb(Attendance.objects.get(pk=row.pk), by=self.by, **more)
            seen.append(self.seen())
        self.assertEqual(len({str(state) for state in seen}), len(seen))
        for wanted in seen[-2::-1]:
            self.undo()
            self.assertEqual(self.seen(), wanted)
        self.assertEqual(attendance.last_done([self.person]), {})

    def test_what_somebody_else_has_done_since_is_not_undone(self):
        self.do(self.person, "present")
        last = attendance.last_done([self.person])[self.person.pk].name
        self.do(self.person, "went 3")
        with self.assertRaises(Refused):
            actions.undo(self.person, last=last, by=self.by)

    def test_a_corrected_clock_is_no_new_event(self):
        movement = actions.went(self.person, paragraph=self.under(2), at=time(10), by=self.by)
        actions.retime(movement, at=time(10, 10), by=self.by)
        self.assertEqual(attendance.last_done([self.person])[self.person.pk].name, f"movement-{movement.pk}")

    def test_a_mark_that_took_movements_away_is_not_undone_by_a_key(self):
        self.do(self.person, "went 3")
        actions.attend(self.person, status="absent", by=self.by)
        self.assertEqual(attendance.last_done([self.person]), {})

    def test_only_a_channel_of_the_meeting(self):
        with self.assertRaises(Refused):
            actions.connect(self.person, channel="Duva", by=self.by)
