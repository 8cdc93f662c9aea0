"""The document as a page that stands alone, and as a PDF that archives and screen readers accept."""

import io
import re
import shutil
import subprocess
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from unittest import SkipTest

import pikepdf
from django.test import SimpleTestCase

from protocol import drawing, pdf, pdfcheck
from protocol import format as form
from record.limited import Limits
from tests.paper import OnPaper
from tests.protocol.drawn import (
    CREATED,
    as_table,
    draw_sealed,
    make_approvals,
    make_pdf,
    make_protocol,
    rightmost,
    sealed,
    sealed_pdf,
    text_of,
    with_text,
    words_of,
)
from tests.samples import invented, sample


class HtmlTests(SimpleTestCase):
    def test_the_claims_stand_with_support_and_answer_in_order(self):
        words = words_of(pdf.html_of(make_protocol(), mode="loaded"))
        expected = (
            "Bilaga 1 Yrkanden om budget SFs yrkanden: 1. Handskar Det är kallt. SF yrkar: att handskar köps in. "
            "Trädgårdarnas stödjer SFs yrkande. Förvaltningens svar: yrkandet bifalls. Det ordnas. "
            "att det sker i dag. Förvaltningens svar: yrkandet avslås."
        )
        self.assertEqual(words[-len(expected) :], expected)

    def test_each_sentence_stands_once(self):
        words = words_of(pdf.html_of(make_protocol(), mode="loaded"))
        for sentence in (
            "Ordförande Vera Ek, förvaltningschef, förklarade mötet för öppnat.",
            "Ekonomichef föredrog ärendet. Förvaltningsgruppen lämnade inga synpunkter.",
            "Förvaltningschef föredrog ärendet. Se bilaga 1.",
            "Följande punkter återfinns på balanslistan: Skyltar | **nya**",
        ):
            self.assertEqual(words.count(sentence), 1, sentence)

    def test_text_is_never_markup(self):
        nasty = "<script>alert(1)</script>{{ 7|add:7 }}{% now 'Y' %}"
        data = invented()
        data["attendees"][0]["name"] = data["paragraphs"][0]["heading"] = data["paragraphs"][0]["text"] = nasty
        data["motions"][0]["claims"][0]["text"] = data["appendices"][0]["title"] = data["balance"][0]["title"] = nasty
        html = pdf.html_of(form.read(data), mode="draft")
        self.assertEqual((html.count("<script"), html.count("14<"), html.count("{{ 7|add:7 }}")), (0, 0, 6))

    def test_headings_never_skip_a_level(self):
        data = invented()
        data["paragraphs"][0]["text"] = "### Djupt\n\nText"
        data["motions"][0]["background"] = "### Djupare"
        html = sealed(form.read(data))
        levels = [int(level) for level in re.findall(r"<h([1-6])[\s>]", html)]
        self.assertEqual(levels[0], 1)
        self.assertEqual([after for before, after in pairwise(levels) if after > before + 1], [])
        self.assertEqual(len(re.findall(r"<h([1-6])[^>]*>(?:(?!<h[1-6]).)*?</h\1>", html, re.S)), len(levels))

    def test_only_a_draft_is_marked_as_draft(self):
        self.assertIn("UTKAST – arbetsmaterial", words_of(pdf.html_of(make_protocol(), mode="draft")))
        for html in (pdf.html_of(make_protocol(), mode="loaded"), sealed(make_protocol())):
            self.assertNotIn("UTKAST", html)

    def test_a_draft_has_no_approval_dates(self):
        words = words_of(pdf.html_of(make_protocol(), mode="draft", approvals=make_approvals()))
        self.assertNotIn("6 mars", words.replace("Justeringsdag för protokollet är den 6 mars 2026", ""))

    def test_the_last_page_of_a_sealed_protocol(self):
        text = words_of(sealed(make_protocol()))
        self.assertEqual(
            text[text.index("Underskrifter och kontroll") :],
            "Underskrifter och kontroll Protokollet är undertecknat elektroniskt, version 3. Tiderna är svensk tid. "
            "Ordförande : Vera Ek, förvaltningschef, Parkförvaltningen 2026-03-06 14:05:00, Lösenord "
            "Justerare : Siv Alm, Vision 2026-03-06 14:05:00, Lösenord "
            "Sekreterare : Tor Hassel, Parkförvaltningen 2026-03-06 14:05:00, Lösenord "
            "Innehållets kontrollsumma 0123 4567 89ab cdef 0123 4567 89ab cdef "
            f"SHA-256: {'0123456789abcdef' * 4} Loggkedjans huvud FVG #12 abcd Så kontrollerar du protokollet "
            "Filen bär med sig den text som undertecknades. "
            "Kontrollsumman räknas på den texten och ändras om ett enda tecken ändras. "
            "Kontrollera filen på https://fvg.example/verifiera/0123 QR-kod till https://fvg.example/verifiera/0123",
        )


class RenderTests(OnPaper, SimpleTestCase):
    def test_our_own_check_passes(self):
        self.assertEqual(pdfcheck.check(sealed_pdf()), [])
        self.assertEqual(pdfcheck.check(make_pdf(pdf.html_of(make_protocol(), mode="draft"))), [])

    def test_the_same_document_gives_the_same_bytes(self):
        self.assertEqual(draw_sealed() == sealed_pdf(), True)

    def test_title_language_dates_and_attachments(self):
        with pikepdf.open(io.BytesIO(sealed_pdf())) as document:
            self.assertEqual(str(document.Root.Lang), "sv")
            self.assertEqual(str(document.docinfo.Title), "Protokoll")
            self.assertEqual(str(document.docinfo.CreationDate), "D:20260306130500Z")
            self.assertEqual(list(document.attachments), ["protokoll.json"])
            attached = document.attachments["protokoll.json"]
            self.assertEqual((attached.get_file().read_bytes(), attached.get_file().mime_type), (b'{"a":1}', "application/json"))
            self.assertEqual(attached.relationship, pikepdf.Name.Source)
            with document.open_outline() as outline:
                titles = [item.title.replace("\u00a0", " ") for item in outline.root[0].children]
            self.assertEqual(titles[:2], ["§ 1 Mötets öppnande", "§ 2 Val av sekreterare"])

    def test_page_numbers_cover_the_protocol_and_each_appendix_apart(self):
        text = text_of(sealed_pdf())
        self.assertEqual(re.findall(r"Sida \d+ \(\d+\)", text), ["Sida 2 (2)", "Sida 1 (1)"])
        self.assertEqual(len(re.findall(r"Bilaga 1 till protokoll FVG 2026-03-05", text)), 1)

    def test_every_page_of_a_draft_says_so(self):
        pages = text_of(make_pdf(pdf.html_of(make_protocol(), mode="draft"))).rstrip("\f").split("\f")
        self.assertEqual([page.count("UTKAST – arbetsmaterial") for page in pages], [1, 1, 1])

    def test_paragraph_one_starts_on_page_two(self):
        first, second, *_ = text_of(sealed_pdf()).split("\f")
        self.assertEqual(("§ 1" in first, "§ 1" in second), (False, True))

    def test_nothing_outside_the_document_is_read(self):
        with tempfile.NamedTemporaryFile(suffix=".txt") as secret:
            secret.write(b"hemligt")
            secret.flush()
            for hostile in (
                f'<img alt="x" src="file://{secret.name}">',
                '<img alt="x" src="http://127.0.0.1:9/x.png">',
                f'<a rel="attachment" href="file://{secret.name}">x</a>',
                '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
                "<style>@import 'http://127.0.0.1:9/x.css';</style>",
                "<p style='background: url(http://127.0.0.1:9/x.png)'>x</p>",
            ):
                with self.subTest(hostile), self.assertRaises(pdf.RenderError):
                    make_pdf(f'<html lang="sv"><head><title>x</title></head><body><h1>x</h1>{hostile}</body></html>')
            page = f'<html lang="sv"><head><title>x</title><link rel="attachment" href="file://{secret.name}"></head><h1>x</h1></html>'
            with pikepdf.open(io.BytesIO(make_pdf(page))) as document:
                self.assertEqual(list(document.attachments), [])

    def test_a_character_that_no_font_has_is_refused(self):
        with self.assertRaisesMessage(pdf.RenderError, "no font can draw \U00013000 (U+13000)"):
            make_pdf(pdf.html_of(make_protocol(place="\U00013000"), mode="draft"))

    def test_a_document_nested_too_deep_is_refused(self):
        html = f'<html lang="sv"><head><title>x</title></head><body><h1>x</h1>{"<div>" * 900}x</body></html>'
        with self.assertRaisesMessage(pdf.RenderError, "nested too deep"):
            make_pdf(html)

    def test_words_in_a_table_stay_whole_where_they_fit(self):
        rows = (
            ("Åtgärd", "Ansvarig", "Klart", "Uppföljning", "Läge"),
            ("Bemanna", "Enhetschef", "2027-05-15", "Vid nästa möte", "Pågår"),
        )
        text = text_of(make_pdf(pdf.html_of(with_text(as_table(rows)), mode="draft")))
        for word in ("Uppföljning", "Enhetschef", "2027-05-15"):
            self.assertIn(word, text)

    def test_a_table_of_long_words_stays_on_the_page(self):
        for word in ("Verksamhetsutvecklingsstrategi", "WWWWWWWWWWWWWWWW", "2027050112345678"):
            file = make_pdf(pdf.html_of(with_text(as_table([[word] * 6] * 2)), mode="draft"))
            self.assertLess(rightmost(file), 596 - 60, word)  # points: the right margin is 25 mm

    def test_the_cost_of_a_cell_grows_with_its_text(self):
        """Breaking words anywhere took 40 s for a cell of 4,000 characters, four times that for 8,000."""

        def cost(words: int) -> float:
            began = time.process_time()
            drawing.draw(pdf.html_of(with_text(as_table([["ett"], ["ord " * words]])), mode="draft"), "Prov", CREATED, [])
            return time.process_time() - began

        cost(10)
        self.assertTrue(any(cost(8_000) <= 2.5 * cost(4_000) for _ in range(3)))

    def test_what_takes_too_long_or_too_much_is_stopped(self):
        page = pdf.html_of(make_protocol(), mode="draft")
        long = page.replace("</body>", f"{'<p>ord</p>' * 3_000}</body>")
        with self.assertRaisesMessage(pdf.RenderError, "lång tid"):
            make_pdf(long, limits=Limits(cpu_seconds=0, megabytes=2_000))
        with self.assertRaises(pdf.RenderError):  # "memory", or a crash of the library that got none
            make_pdf(long, limits=Limits(cpu_seconds=60, megabytes=100))
        self.assertTrue(make_pdf(page).startswith(b"%PDF"))

    def test_the_texts_of_a_hostile_protocol_still_make_a_valid_file(self):
        data = invented()
        data["paragraphs"][3]["text"] = (
            "### Rubrik\n\n| a | b |\n| --- | --- |\n| c | d | e |\n\n- ett\n  - två\n    1. tre\n\n"
            "[länk](https://example.org/"
            + "x" * 300
            + ") och siv@example.org\n\n"
            + "ö" * 400
            + "\n\nlång rad\nny rad ☐ ☒ → – ”så” ½"
        )
        data["motions"][0]["claims"][0]["answer"] = "- punkt\n- punkt till"
        data["motions"][0]["claims"][0]["points"] = ["först", "sedan"]
        self.assertEqual(pdfcheck.check(make_pdf(pdf.html_of(form.read(data), mode="draft"))), [])


class SampleTests(OnPaper, SimpleTestCase):
    def setUp(self):
        self.protocol = form.loads(sample("gold/000.protocol.json").read_bytes())

    def test_the_sample_prints_with_its_words_in_their_order(self):
        text = text_of(make_pdf(pdf.html_of(self.protocol, mode="loaded")))
        self.assertEqual(re.findall(r"(?m)^\s*§ (\d+) +[A-ZÅÄÖ]", text), [str(number) for number in range(1, 18)])
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as output:
            output.write(text)
            output.flush()
            command = ["python3", str(sample("tools/word_recall.py")), str(sample("seeds/000*.txt")), output.name]
            scores = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        present, ordered = (float(score) for score in re.findall(r"(?:present|ordered) ([\d.]+)", scores))
        self.assertGreaterEqual(present, 0.97)
        self.assertGreaterEqual(ordered, 0.93)

    def test_the_sample_passes_vera(self):
        if not (Path.home() / ".cache" / "vera-check" / "VeraCheck.class").exists() or not shutil.which("java"):
            raise SkipTest("veraPDF is not set up here")
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for name, html in (("draft", pdf.html_of(self.protocol, mode="draft")), ("sealed", sealed(self.protocol))):
                files.append(Path(folder) / f"{name}.pdf")
                files[-1].write_bytes(
                    make_pdf(html, attachments=[("protokoll.json", b"{}", "application/json", "Source", "Data")])
                )
            done = subprocess.run([str(sample("tools/vera/vera.sh")), "3a,ua1", *map(str, files)], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout.count("compliant=true")), (0, 4), done.stdout)
