"""The board's list as people paste it: what is understood, what is corrected, and what becomes of it on the agenda."""

import time

from django.core.exceptions import ValidationError
from django.db import connection
from django.test import SimpleTestCase, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.actions.matters import list_matters
from meetings.language.pasting import TOO_LONG, understand
from meetings.models import Item
from tests import factories as make
from tests.cast import Cast

PARKS, TREES, TAX = "Yttrande över remiss om lekplatser", "Svar på motion om träd", "Taxa för upplåtelse"
# Shape → (what is pasted, [(number, title, references, presenter)]). The matters are invented.
CORPUS = {
    "semicolons": (
        f"{PARKS} ; PN 2026/12 ; Parkchef\n\n{TREES};PN 2026-0276-1.6, PN 2026-0222\n{TAX}",
        [("", PARKS, ["PN 2026/12"], "Parkchef"), ("", TREES, ["PN 2026-0276-1.6", "PN 2026-0222"], ""), ("", TAX, [], "")],
    ),
    "a spreadsheet": (
        f"5\t{PARKS}\tPN 2026/12\tParkchef\n6\t{TREES}\tPN 2026/13\tEkonomichef\n7\t{TAX}\t\t",
        [("5", PARKS, ["PN 2026/12"], "Parkchef"), ("6", TREES, ["PN 2026/13"], "Ekonomichef"), ("7", TAX, [], "")],
    ),
    "a spreadsheet with its columns in another order": (
        f"Dnr\tNr\tHandläggare\tÄrende\nPN 2026/12\t5\tParkchef\t{PARKS}\n\t6\t\t{TREES}",
        [("5", PARKS, ["PN 2026/12"], "Parkchef"), ("6", TREES, [], "")],
    ),
    "a spreadsheet with lines of its own between": (
        f"Beslutsärenden\n5\t{PARKS}\tPN 2026/12\tParkchef\n6\t{TREES}\tPN 2026/13\tEkonomichef\n{TAX} PN 2026/14",
        [
            ("", "Beslutsärenden", [], ""),
            ("5", PARKS, ["PN 2026/12"], "Parkchef"),
            ("6", TREES, ["PN 2026/13"], "Ekonomichef"),
            ("", TAX, ["PN 2026/14"], ""),
        ],
    ),
    "a spreadsheet with a title above its headings": (
        f"Nämndens lista\nNr\tÄrende\tDnr\n5\t{PARKS}\tPN 2026/12\n6\t{TREES}\t",
        [("", "Nämndens lista", [], ""), ("5", PARKS, ["PN 2026/12"], ""), ("6", TREES, [], "")],
    ),
    "csv with a header": (
        f'Nr;Ärende;Dnr;Föredragande\n1;"{PARKS}; svar";PN 2026/12;Parkchef\n2;{TREES};;\n',
        [("1", f"{PARKS}; svar", ["PN 2026/12"], "Parkchef"), ("2", TREES, [], "")],
    ),
    "csv with commas": (
        f'Ärende,Diarienummer\n"{PARKS}, svar",PN 2026/12\n{TREES},PN 2026/13',
        [("", f"{PARKS}, svar", ["PN 2026/12"], ""), ("", TREES, ["PN 2026/13"], "")],
    ),
    "numbered lines": (
        f"5. {PARKS} Dnr PN 2026/12\n6. {TREES}, dnr PN 2026-0012\n"
        f"§ 7 {TAX} (Dnr: PN 2026-0012-1.6 och PN 2026/80), föredragande: Parkchef",
        [
            ("5", PARKS, ["PN 2026/12"], ""),
            ("6", TREES, ["PN 2026-0012"], ""),
            ("7", TAX, ["PN 2026-0012-1.6", "PN 2026/80"], "Parkchef"),
        ],
    ),
    "a table from a web page, cell by cell": (
        f"5\n{PARKS}\nPN 2026/12\nParkchef\n6\n{TREES}\n7\n{TAX}\nPN 2026-0001\nEkonomichef\n",
        [("5", PARKS, ["PN 2026/12"], "Parkchef"), ("6", TREES, [], ""), ("7", TAX, ["PN 2026-0001"], "Ekonomichef")],
    ),
    "the markup of a table": (
        f"<table>\n<tr><th>Nr</th><th>Ärende</th><th>Dnr</th></tr>\n"
        f"<tr><td>1</td><td>{PARKS} <b>igen</b></td><td>PN 2026/12<br>PN 2026/13</td></tr>\n</table>",
        [("1", f"{PARKS} igen", ["PN 2026/12", "PN 2026/13"], "")],
    ),
    "numbers in brackets": (
        f"• {PARKS} (PN 2026-0276-1.6)\n• {TREES} [PN 2026/779, PN 2026/780]",
        [("", PARKS, ["PN 2026-0276-1.6"], ""), ("", TREES, ["PN 2026/779", "PN 2026/780"], "")],
    ),
    "a table with bars": (
        f"| Nr | Ärende | Dnr |\n|----|:---|---|\n| 4 | {PARKS} | PN 2026-0099 |\n",
        [("4", PARKS, ["PN 2026-0099"], "")],
    ),
    "the number on the line below": (
        f"{PARKS}\nDnr PN 2026/779\nFöredragande: Parkchef\n\n{TREES}\nDnr PN 2026-0002",
        [("", PARKS, ["PN 2026/779"], "Parkchef"), ("", TREES, ["PN 2026-0002"], "")],
    ),
    "lines that were broken": (
        "1. Yttrande över en mycket lång remiss om\nsådant som rör parker Dnr PN 2026/779\n2. Val",
        [("1", "Yttrande över en mycket lång remiss om sådant som rör parker", ["PN 2026/779"], ""), ("2", "Val", [], "")],
    ),
    "an odd number, and the old kind": (
        f"{PARKS}, Dnr: 12/abc\nDNR 325-2196/09 {TREES}",
        [("", PARKS, ["12/abc"], ""), ("", TREES, ["DNR 325-2196/09"], "")],
    ),
    "a semicolon in a title": (
        f"1. {PARKS}; svar PN 2026/12\n2. {TREES}\n3. {TAX}",
        [("1", f"{PARKS}; svar", ["PN 2026/12"], ""), ("2", TREES, [], ""), ("3", TAX, [], "")],
    ),
    "figures that are no numbers of the list": (
        "3 nya tjänster inrättas\n2026 års plan",
        [("", "3 nya tjänster inrättas", [], ""), ("", "2026 års plan", [], "")],
    ),
}


# What a cell may hold of marks that never end.
HALVES = (
    "<a ",
    "<a",
    "<a b='",
    "<a '<a' ",
    "<![CDATA[",
    "<!a",
    "<?",
    "</",
    "<td ",
    "&#9",
    "<b>",
    "<a\n",
    "<!-->",
    "<br>",
    "<td>a",
)


class CorpusTests(SimpleTestCase):
    maxDiff = None

    def test_every_shape_is_understood(self):
        for shape, (pasted, expected) in CORPUS.items():
            for ending in ("\n", "\r\n"):
                with self.subTest(shape, ending=ending):
                    found = understand(pasted.replace("\n", ending))
                    self.assertEqual([(one.number, one.title, list(one.references), one.presenter) for one in found], expected)
                    self.assertEqual([one.problem for one in found], [""] * len(found))

    def test_a_heading_of_the_list_is_told_apart(self):
        found = understand("Beslutsärenden\n1. Budget PN 2026/1\n2. Val PN 2026/2\n3. Taxa PN 2026/3")
        self.assertEqual([one.heading for one in found], [True, False, False, False])

    def test_a_line_that_is_not_understood_says_so_and_keeps_its_number(self):
        found = understand("Budget;PN 2026/1;Parkchef;mer;än;nog\n;PN 2026/2;Parkchef")
        self.assertEqual([(one.line, bool(one.problem)) for one in found], [(1, True), (2, False)])
        self.assertEqual(found[1].title, "")

    def test_a_line_too_long_to_be_a_matter_is_told_by_its_number_and_kept(self):
        long = "Budget, " * 200
        for pasted, line in ((f"1. {PARKS}\n{long}\n3. {TAX}", 2), (f"1\t{PARKS}\n2\t{TREES}\n3\t{long}", 3)):
            with self.subTest(line=line):
                found = understand(pasted)
                self.assertEqual([(one.line, one.problem) for one in found if one.problem], [(line, TOO_LONG)])
                self.assertEqual(long.strip() in found[line - 1].title, True)
                self.assertEqual((found[0].title, [one.heading for one in found]), (PARKS, [False] * 3))

    def test_a_full_field_is_read_in_little_time(self):
        for pasted in (
            "," * 60_000,
            "föredragande " * 4_600,
            "a\n" * 30_000,
            "1\nTitel\n" + "dnr\n" * 14_000,
            "<td>" + "<!--" * 14_000,
            *(("<td>" + half * 60_000)[:60_000] for half in HALVES),
        ):
            with self.subTest(pasted=pasted[:20]):
                began = time.process_time()
                matters = understand(pasted)
                self.assertLess(time.process_time() - began, 4)
                if "<td" not in pasted:
                    kept = sum(matter.raw.count(pasted[-2]) for matter in matters)
                    self.assertEqual(kept, pasted.count(pasted[-2]))

    def test_half_a_mark_in_a_cell_stays_as_words(self):
        for cell, title in (
            ("Se <![A1] x", "Se <![A1] x"),
            ("Mindre än 5 < 6", "Mindre än 5 < 6"),
            ("Pris <a", "Pris <a"),
            ("A &amp; B &lt;b&gt;", "A & B <b>"),
            (f"Val &#{'9' * 5000};", ""),
            ("<!-- dolt -->Val<?xml?><![endif]>", "Val"),
            ('<b title="a>b">Val</b> av <SPAN\nlang=sv>vice</SPAN>', "Val av vice"),
        ):
            with self.subTest(cell):
                found = understand(f"<tr>\n<td>1</td>\n<td>{cell}</td></tr>\n<tr><td>2</td><td>{TREES}</td></tr>")
                self.assertEqual([one.line for one in found], [1, 4 + cell.count("\n")])
                self.assertEqual([one.title for one in found], [title or found[0].title, TREES])

    @settings(max_examples=120, deadline=None, derandomize=True)
    @given(st.text(alphabet='ab 15.;\t|()[]\n"KSPN/-,<td>Dnr:ö', max_size=120))
    def test_anything_can_be_read(self, pasted):
        for one in understand(pasted):
            self.assertEqual((one.title, one.presenter), (one.title.strip(), one.presenter.strip()))


class Pages(TestCase):
    def setUp(self) -> None:
        self.cast = Cast()
        self.meeting = self.cast.meeting("planned")
        self.matters = make.make_paragraph(self.meeting, "board_matters")
        self.client.force_login(self.cast.secretary)
        self.address = reverse("meetings:add_item", args=[self.matters.pk])

    def paste(self, lines: str):
        return self.client.post(self.address, {"do": "paste", "flera-lines": lines})

    def understood(self, response) -> dict[str, str]:
        """What the page's form would send, as it stands."""
        data = {
            "do": "store",
            **{f"arende-{name}": value for name, value in response.context["formset"].management_form.initial.items()},
        }
        for form in response.context["formset"].forms:
            data |= {
                form.add_prefix(name): form.data[form.add_prefix(name)]
                for name in form.fields
                if form.add_prefix(name) in form.data
            }
        return data | {
            "arende-TOTAL_FORMS": len(response.context["formset"].forms),
            "arende-INITIAL_FORMS": len(response.context["formset"].forms),
        }

    def store(self, response, **changed: str):
        data = self.understood(response) | {name.replace("__", "-"): value for name, value in changed.items()}
        return self.client.post(self.address, {name: value for name, value in data.items() if value is not None}, follow=True)

    def rows(self) -> list[tuple]:
        return [(item.board_agenda_no, item.title, item.references, item.presenter) for item in self.matters.items.all()]


class PasteViewTests(Pages):
    def test_nothing_is_stored_before_it_has_been_looked_through(self):
        pasted, expected = CORPUS["a spreadsheet"]
        response = self.paste(pasted)
        self.assertContains(response, "Gå igenom listan")
        self.assertFalse(Item.objects.exists())
        self.assertContains(self.store(response), "Listan är inläst: 3 nya ärenden.")
        self.assertEqual(self.rows(), expected)
        self.assertEqual({item.kind for item in Item.objects.all()}, {"board_matter"})

    def test_what_was_misunderstood_is_corrected(self):
        response = self.paste("Budgeten PN 2026/12\nVal av ledamot\nLunch")
        self.store(response, **{"arende__0__title": "Budget", "arende__1__references": "PN 2026/13", "arende__2__take": None})
        self.assertEqual(self.rows(), [("", "Budget", ["PN 2026/12"], ""), ("", "Val av ledamot", ["PN 2026/13"], "")])

    def test_a_bad_line_is_told_by_its_number_and_everything_is_kept(self):
        response = self.paste("Budget;PN 2026/1\n;PN 2026/2;Parkchef\nA\u202eB")
        self.assertContains(response, "Rad 2:")
        self.assertContains(response, "Rad 3:")
        again = self.store(response)
        self.assertContains(again, "Rad 2:")
        self.assertContains(again, 'value="PN 2026/2"')
        self.assertFalse(Item.objects.exists())
        self.store(again, **{"arende__1__title": "Val", "arende__2__title": "AB"})
        self.assertEqual([row[1] for row in self.rows()], ["Budget", "Val", "AB"])

    def test_a_bad_line_that_is_left_out_is_no_error(self):
        response = self.paste("Budget;PN 2026/1\n;PN 2026/2;Parkchef")
        self.store(response, **{"arende__1__take": None})
        self.assertEqual([row[1] for row in self.rows()], ["Budget"])

    def test_twelve_matters_at_once_and_never_too_many(self):
        response = self.paste("\n".join(f"{n}. Ärende nummer {n} PN 2026/{n}" for n in range(1, 13)))
        self.store(response)
        self.assertEqual(len(self.rows()), 12)
        lines = "\n".join(f"Ärende {n}" for n in range(61))
        response = self.paste(lines)
        self.assertIn("högst 60", response.context["form"].errors["lines"][0])
        self.assertEqual(response.context["form"]["lines"].value(), lines)
        self.assertIn("tom", self.paste(" \n\n").context["form"].errors["lines"][0])

    def test_the_same_list_twice_changes_nothing(self):
        response = self.paste(CORPUS["numbered lines"][0])
        self.store(response)
        before = self.rows()
        versions = list(Item.objects.values_list("version", flat=True))
        again = self.paste(CORPUS["numbered lines"][0])
        self.assertContains(again, "finns redan", 3)
        self.assertContains(self.store(again), "3 fanns redan och är oförändrade")
        self.assertEqual((self.rows(), list(Item.objects.values_list("version", flat=True))), (before, versions))

    def test_a_known_number_under_another_title_keeps_both(self):
        item = make.make_item(
            self.matters, "Lekplatser i söder", kind="board_matter", references=["pn 2026/12"], presenter="HR-chef"
        )
        response = self.paste(f"5. {PARKS} PN 2026/12\n6. Val PN 2026/13")
        self.assertContains(response, "har samma diarienummer")
        self.store(response)
        item.refresh_from_db()
        self.assertEqual(
            (item.title, item.board_title, item.presenter, item.board_agenda_no), ("Lekplatser i söder", PARKS, "HR-chef", "")
        )
        self.assertEqual([row[1] for row in self.rows()], ["Lekplatser i söder", "Val"])
        self.assertContains(self.client.get(reverse("meetings:arrange", args=[self.meeting.pk])), PARKS)

    def test_matters_of_one_list_may_share_a_number(self):
        pasted = "Del ett PN 2026/12\nDel två PN 2026/12\nDel ett PN 2026/12"
        for _ in range(2):
            self.store(self.paste(pasted))
            self.assertEqual([row[1] for row in self.rows()], ["Del ett", "Del två"])

    def test_an_odd_number_is_warned_of_and_stored(self):
        response = self.paste("Budget, Dnr 12/abc")
        self.assertContains(response, "kontrollera")
        self.assertContains(self.store(response), "Kontrollera diarienumret 12/abc")
        self.assertEqual(self.rows()[0][2], ["12/abc"])

    def test_markup_stays_words(self):
        title = "<script>alert(1)</script> {{ 7|add:7 }}"
        response = self.paste(f"1. {title}")
        self.assertNotContains(response, "<script>alert")
        self.store(response)
        self.assertEqual(self.rows()[0][1], title)

    def test_the_page_asks_as_many_questions_for_thirty_as_for_one(self):
        self.paste("Budget")
        counted = []
        for many in (1, 30):
            with CaptureQueriesContext(connection) as queries:
                self.paste("\n".join(f"{n}. Ärende {n} PN 2026/{n}" for n in range(1, many + 1)))
            counted.append(len(queries))
        self.assertEqual(*counted)

    def test_at_the_desk_one_comes_back_to_the_paragraph(self):
        meeting = self.cast.meeting("draft")
        paragraph = make.make_paragraph(meeting, "board_matters")
        self.address = reverse("meetings:add_item", args=[paragraph.pk])
        response = self.store(self.paste("1. Budget"))
        self.assertEqual(response.redirect_chain[0], (reverse("meetings:write", args=[paragraph.pk]), 303))


class ListTests(TestCase):
    def test_all_of_it_or_nothing(self):
        cast = Cast()
        paragraph = make.make_paragraph(cast.meeting("planned"), "board_matters")
        rows = [{"title": title, "references": [], "presenter": "", "board_agenda_no": ""} for title in ("Ett", "x" * 501)]
        with self.assertRaises(ValidationError):
            list_matters(paragraph, rows=rows, by=cast.secretary)
        self.assertFalse(paragraph.items.exists())
