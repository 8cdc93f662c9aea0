"""The text fields: nothing unclean reaches the database by any road, and what was typed is kept when it is refused."""

from datetime import date
from unittest.mock import patch

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from django.test import SimpleTestCase
from django.test.utils import isolate_apps
from django.utils.datastructures import MultiValueDict

from record.fields import DayField, PlainLineField, PlainTextField, TextFormField, TextLineFormField, TextWidget, UploadField
from record.text import TextError, canonical, plain_of

BIDI = "tecken som styr läsriktningen (U+202E) kan inte sparas. Ta bort det och spara igen."


def make_model():
    class Note(models.Model):  # noqa: DJ008 - it lives for one test
        title = PlainLineField("rubrik", max_length=20)
        body = PlainTextField("text")

        class Meta:
            app_label = "record"

    return Note


class NoteForm(forms.Form):
    body = TextFormField(label="Text", required=False)


@isolate_apps("record")
class ModelFieldTests(SimpleTestCase):
    def test_full_clean_leaves_the_text_canonical(self):
        note = make_model()(title=" Möte\n i maj ", body="a\r\n- b ")
        note.full_clean()
        self.assertEqual((note.title, note.body), ("Möte i maj", "a\n\n- b"))

    def test_hidden_characters_are_an_error_at_their_field(self):
        with self.assertRaises(ValidationError) as caught:
            make_model()(title="a\u202e", body="a\nb\u202e").full_clean()
        self.assertEqual(caught.exception.message_dict, {"title": [f"T{BIDI[1:]}"], "body": [f"Rad 2: {BIDI}"]})

    def test_no_road_to_the_database_takes_an_unclean_text(self):
        fields = make_model()._meta
        for name in ("title", "body"):
            field = fields.get_field(name)
            with self.subTest(name):
                self.assertEqual(field.get_db_prep_save("a\u0308 \n", connection), "ä")
                with self.assertRaises(TextError):
                    field.get_db_prep_save("a\u200bb", connection)

    def test_the_row_in_memory_reads_like_the_row_in_the_database(self):
        note = make_model()(body="a\n- b")
        self.assertEqual(note._meta.get_field("body").pre_save(note, True), "a\n\n- b")
        self.assertEqual(note.body, "a\n\n- b")

    def test_a_line_that_is_too_long_is_told_in_our_words(self):
        with self.assertRaises(ValidationError) as caught:
            make_model()(title="å" * 21, body="a").full_clean()
        self.assertEqual(caught.exception.message_dict, {"title": ["Högst 20 tecken får plats, och här är 21."]})
        for field in (TextLineFormField(max_length=3), TextFormField(max_length=3)):
            with self.assertRaisesMessage(ValidationError, "Högst 3 tecken får plats, och här är 4."):
                field.clean("abcd")

    def test_an_empty_file_is_told_in_our_words(self):
        with self.assertRaisesMessage(ValidationError, "Filen är tom. Välj en annan."):
            UploadField().clean(SimpleUploadedFile("tom.pdf", b""))
        with self.assertRaisesMessage(ValidationError, "Välj en fil."):
            UploadField().clean(None)

    def test_an_empty_text_is_fine_and_nothing_stays_nothing(self):
        field = make_model()._meta.get_field("body")
        self.assertEqual(field.clean("", None), "")
        self.assertIsNone(field.get_prep_value(None))

    def test_a_title_that_is_too_long_is_refused_after_cleaning(self):
        field = make_model()._meta.get_field("title")
        self.assertEqual(field.clean("a" * 20 + "  ", None), "a" * 20)
        with self.assertRaises(ValidationError):
            field.clean("a" * 21, None)

    def test_an_expression_is_left_to_the_database(self):
        expression = models.F("title")
        self.assertIs(make_model()._meta.get_field("body").get_prep_value(expression), expression)

    def test_the_form_fields(self):
        form = forms.modelform_factory(make_model(), fields=["title", "body"])()
        self.assertEqual([type(field) for field in form.fields.values()], [TextLineFormField, TextFormField])
        self.assertEqual((form.fields["title"].max_length, type(form.fields["body"].widget)), (20, TextWidget))
        self.assertEqual((form.fields["title"].required, form.fields["body"].required), (True, False))

    def test_migrations_name_the_field(self):
        _name, path, args, kwargs = make_model()._meta.get_field("body").deconstruct()
        self.assertEqual((path, args), ("record.fields.PlainTextField", []))
        self.assertEqual(PlainTextField(*args, **kwargs).deconstruct()[1:], (path, args, kwargs))


class FormFieldTests(SimpleTestCase):
    def test_the_textarea_holds_the_plain_form_and_the_html_for_the_editor(self):
        self.assertHTMLEqual(
            str(NoteForm(initial={"body": "**a** <b>"})["body"]),
            '<textarea name="body" id="id_body" cols="40" rows="8" lang="sv" data-editor '
            'data-html="&lt;p&gt;&lt;strong&gt;a&lt;/strong&gt; &amp;lt;b&amp;gt;&lt;/p&gt;">**a** &lt;b&gt;</textarea>',
        )

    def test_plain_form_from_the_textarea(self):
        form = NoteForm({"body": "a\r\n- b"})
        self.assertTrue(form.is_valid())
        self.assertEqual(form.cleaned_data, {"body": "a\n\n- b"})

    def test_html_from_the_editor(self):
        form = NoteForm({"body": "<p>a <strong>b</strong></p>", "body_format": "html"})
        self.assertTrue(form.is_valid())
        self.assertEqual(form.cleaned_data, {"body": "a **b**"})

    def test_html_in_the_textarea_is_words(self):
        form = NoteForm({"body": "<b>{{ x }}</b>"})
        self.assertTrue(form.is_valid())
        self.assertEqual(form.cleaned_data, {"body": "<b>{{ x }}</b>"})

    def test_a_refused_text_is_kept_as_typed(self):
        for data in ({"body": "a\u202eb"}, {"body": "<p>a\u202eb</p>", "body_format": "html"}):
            with self.subTest(data):
                form = NoteForm(data)
                self.assertEqual(form.errors, {"body": [f"Rad 1: {BIDI}"]})
                self.assertEqual(form["body"].value(), "a\u202eb")
                self.assertIn(">\na\u202eb</textarea>", str(form["body"]))

    def test_html_that_is_too_much_is_kept_as_typed(self):
        html = "<div>" * 600 + "a"
        form = NoteForm({"body": html, "body_format": "html"})
        self.assertEqual(form.errors, {"body": ["Texten är för stor. Dela upp den eller lägg den som bilaga."]})
        self.assertEqual(form["body"].value(), html)

    def test_html_is_read_once_however_often_the_form_asks(self):
        form = NoteForm({"body": "<p>a <b>b</b></p>", "body_format": "html"}, initial={"body": "c"})
        with patch("record.fields.plain_of", side_effect=plain_of) as read:
            self.assertEqual((form.is_valid(), form.changed_data, form["body"].value()), (True, ["body"], "a **b**"))
            self.assertIn("a **b**</textarea>", str(form["body"]))
            read.assert_called_once()
        other = NoteForm({"body": "<p>c</p>", "body_format": "html"})
        self.assertEqual(other["body"].value(), "c")

    def test_html_of_more_lines_or_cells_than_a_text_may_have_is_told_and_nothing_is_built(self):
        for html, told in (
            (
                "<b>" * 3 + "<p>x" * 39_000,
                "Texten har 39 000 rader, högst 5 000 får plats. Dela upp den eller lägg den som bilaga.",
            ),
            ("x<br>" * 5_001, "Texten har 5 001 rader, högst 5 000 får plats. Dela upp den eller lägg den som bilaga."),
            (
                "<table><tr>" + "<td>x" * 5_001,
                "Tabellerna i texten har 5 001 celler, högst 5 000 får plats. Lägg tabellen som bilaga.",
            ),
            ("<p>" + "<b>x</b> " * 6_001, "Texten är för stor. Dela upp den eller lägg den som bilaga."),
        ):
            form = NoteForm({"body": html, "body_format": "html"})
            with self.subTest(html[:12]), patch("record.text.html_in._Builder") as build:
                self.assertEqual(form.errors, {"body": [told]})
                self.assertNotIn("data-editor", str(form["body"]))
                build.assert_not_called()

    def test_the_longest_html_of_a_text_is_read(self):
        item = "<li><p>a <strong>b</strong></p></li>"
        cells = "<tr>" + "<td><p>a</p></td>" * 4 + "</tr>"
        for html, lines in (
            (f"<ul>{item * 4_990}</ul>", 4_990),
            (f"<table>{cells * 990}</table>", 990),
            ("<p>a</p>" * 2_500, 4_999),
        ):
            form = NoteForm({"body": html, "body_format": "html"})
            self.assertEqual(form.errors, {})
            self.assertEqual(form.cleaned_data["body"].count("\n") + 1, lines)

    def test_a_megabyte_is_refused(self):
        form = NoteForm({"body": "a" * 1_000_000})
        self.assertEqual(
            form.errors["body"],
            ["Texten är för lång: 1 000 000 tecken, högst 100 000 får plats. Dela upp den eller lägg den som bilaga."],
        )

    def test_more_bold_and_links_than_anybody_reads_are_told_and_nothing_is_parsed(self):
        for text in ("**a** " * 6_001, "[a](http://x) " * 6_001):
            form = NoteForm({"body": text})
            told = "Texten har 6 001 ställen med fetstil eller länk, högst 6 000 får plats. Ta bort det som inte behövs."
            with self.subTest(text[:5]), patch("record.text.canonical") as read:
                self.assertEqual(form.errors, {"body": [told]})
                read.assert_not_called()

    def test_line_ends_of_the_browser_are_no_change(self):
        self.assertEqual(NoteForm({"body": "a\r\nb"}, initial={"body": "a\nb"}).changed_data, [])
        self.assertEqual(NoteForm({"body": "a\r\nc"}, initial={"body": "a\nb"}).changed_data, ["body"])

    def test_a_missing_field_is_empty(self):
        form = NoteForm(MultiValueDict())
        self.assertTrue(form.is_valid())
        self.assertEqual(form.cleaned_data, {"body": ""})

    def test_a_required_text_of_spaces_is_missing(self):
        with self.assertRaises(ValidationError) as caught:
            TextFormField().clean(" \n ")
        self.assertEqual(caught.exception.error_list[0].code, "required")

    def test_what_is_more_than_one_can_read_comes_back_as_it_was_typed_and_is_not_parsed(self):
        great = "**a** *b* " * 11_000
        with patch("record.fields.to_editor_html") as parse:
            html = str(NoteForm({"body": great})["body"])
        parse.assert_not_called()
        self.assertNotIn("data-editor", html)  # the editor would begin without the text
        self.assertIn(great, html)

    def test_a_text_is_read_once_on_its_way_to_the_database(self):
        form = NoteForm({"body": "**a**\n- b"})
        with patch("record.text.canonical", side_effect=canonical) as read:
            self.assertTrue(form.is_valid())
            text = form.cleaned_data["body"]
            field = PlainTextField()
            self.assertEqual(field.get_prep_value(field.clean(text, None)), "**a**\n\n- b")
            read.assert_called_once()
            self.assertEqual(field.get_prep_value(text + "\n## c"), "**a**\n\n- b\n\n## c")  # what is made of it is read anew
        self.assertIs(type(field.get_prep_value(text)), str)


class DayForm(forms.Form):
    day = DayField(label="Dag", required=False)


class DayTests(SimpleTestCase):
    """A day to choose in a form."""

    def test_one_that_does_not_exist_is_told_and_comes_back_as_it_was_written(self) -> None:
        for written, kind in (("2026-04-16", "date"), ("2026-02-31", "text"), ("i morgon", "text")):
            form = DayForm({"day": written})
            self.assertEqual(form.is_valid(), kind == "date")
            self.assertIn(f'type="{kind}" name="day" value="{written}"', str(form["day"]))
            told = {"day": ["Datumet finns inte. Skriv det som 2026-04-16."]}
            self.assertEqual(form.errors, {} if kind == "date" else told)

    def test_none_is_a_field_to_choose_in(self) -> None:
        self.assertIn('type="date"', str(DayForm()["day"]))
        self.assertIn('type="date" name="day" value="2026-04-16"', str(DayForm(initial={"day": date(2026, 4, 16)})["day"]))
