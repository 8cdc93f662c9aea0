"""The standard agenda gives the paragraphs of a real group's protocols, whether empty ones are kept or left out."""

from django.test import TestCase

from meetings.models import AgendaTemplate, Meeting
from meetings.reading.numbering import numbered
from meetings.standard import LINES
from tests import factories as make

# Every heading, and the sections without numbers, as in a protocol that keeps its empty paragraphs.
KEPT = [
    ("", "Mötets öppnande"),
    ("", "Val av sekreterare"),
    ("", "Val av justerare och justeringsdag"),
    ("", "Föregående protokoll"),
    ("", "Godkännande av dagordning"),
    ("", "Närvarande personalföreträdare vid nämndens sammanträde"),
    ("Information", "Information om verksamheten i förvaltningen"),
    ("Information", "Information gällande samverkansområdet"),
    ("Information", "Information från de fackliga organisationerna"),
    ("Dialog", "Aktuellt dialogämne"),
    ("Dialog", "Sammanfattning och nästa steg"),
    ("Ärendehantering", "Nämndärenden"),
    ("Ärendehantering", "Ärenden inför beslut"),
    ("Ärendehantering", "Skyddskommittéärenden"),
    ("Ärendehantering", "Balanslista"),
    ("Ärendehantering", "Nästa möte"),
    ("Ärendehantering", "Mötet avslutades"),
]
# The protocol of another day leaves out those that were empty, and numbers the rest 1 to 12.
LEFT_OUT = {"area", "unions", "summary", "decisions", "balance"}


class StandardTests(TestCase):
    def planned(self, **fields) -> Meeting:
        board = make.make_group("Parknämnden", kind="board")
        return make.make_meeting(make.make_group(board=board, is_safety_committee=True, **fields))

    def rows(self, meeting: Meeting) -> list[tuple[int | None, str, str]]:
        paragraphs = meeting.paragraphs.prefetch_related("items", "placements")
        return [(number, row.section, row.heading) for number, row in numbered(paragraphs, meeting.group)]

    def test_with_empty_paragraphs_kept_there_are_seventeen(self):
        rows = self.rows(self.planned(empty_paragraphs="keep"))
        self.assertEqual(rows, [(number, *line) for number, line in enumerate(KEPT, start=1)])

    def test_with_empty_ones_dropped_the_rest_are_numbered_one_to_twelve(self):
        meeting = self.planned(empty_paragraphs="drop")
        for slug in ("dialogue", "safety"):
            make.make_item(make.make_paragraph(meeting, slug))
        printed = [row for row in self.rows(meeting) if row[0] is not None]
        wanted = [heading for line, (_, heading) in zip(LINES, KEPT, strict=True) if line.slug not in LEFT_OUT]
        self.assertEqual([(number, heading) for number, _, heading in printed], list(enumerate(wanted, start=1)))
        self.assertEqual(len(printed), 12)

    def test_without_a_board_or_safety_committee_their_paragraphs_are_not_offered(self):
        meeting = make.make_meeting(make.make_group("SVG Ängen", kind="svg"))
        self.assertFalse(meeting.paragraphs.filter(slug__in=["personnel", "board_matters", "safety"]).exists())

    def test_it_is_laid_down_once(self):
        group = make.make_group()
        make.make_meeting(group)
        make.make_meeting(group)
        self.assertEqual(AgendaTemplate.objects.count(), 1)
