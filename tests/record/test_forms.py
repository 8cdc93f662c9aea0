"""What a form, or the next page, is told when an action refuses."""

from types import SimpleNamespace

from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.test import RequestFactory, SimpleTestCase

from record.forms import collided, overtaken_by, problems, status_of, told, told_next
from record.moves import Refused, Stale, WrongState

NOW = SimpleNamespace(version=7, title="det som står")


class TitleForm(forms.Form):
    title = forms.CharField()
    version = forms.IntegerField(widget=forms.HiddenInput)


def filled() -> TitleForm:
    form = TitleForm(QueryDict("title=det jag skrev&version=3"))
    assert form.is_valid()
    return form


class ToldTests(SimpleTestCase):
    def test_what_is_done_is_done(self):
        form = filled()
        with told(form):
            done = True
        self.assertTrue(done)
        self.assertEqual((form.errors, status_of(form), overtaken_by(form)), ({}, 200, None))

    def test_an_invalid_value_is_told_at_its_field_and_else_above_the_form(self):
        form = filled()
        with told(form):
            raise ValidationError({"title": "För lång.", "owner": "Inte med."})
        self.assertEqual(problems(form), {"title": ["För lång."], "__all__": ["Inte med."]})
        self.assertEqual(status_of(form), 200)

    def test_a_rule_is_told_above_the_form_or_where_the_view_says(self):
        above, at = filled(), filled()
        with told(above):
            raise Refused("Inte så.")
        with told(at, at="title"):
            raise Refused("Inte så.")
        self.assertEqual((problems(above), problems(at)), ({"__all__": ["Inte så."]}, {"title": ["Inte så."]}))

    def test_when_somebody_was_first_the_typed_text_stays_and_the_form_is_for_what_stands(self):
        form = filled()
        with told(form, stale=lambda current: f"Nu står det {current.title}."):
            raise Stale(NOW)
        self.assertEqual((form["title"].value(), form["version"].value()), ("det jag skrev", "7"))
        self.assertTrue(form.has_error("__all__", "stale"))
        self.assertEqual(problems(form), {"__all__": ["Nu står det det som står."]})
        self.assertEqual((status_of(form), overtaken_by(form)), (409, NOW))

    def test_a_form_without_a_version_is_only_told_who_was_first(self):
        form = forms.Form({})
        self.assertTrue(form.is_valid())
        with told(form):
            raise Stale(NOW)
        self.assertEqual((form.errors, overtaken_by(form)), ({}, NOW))

    def test_a_wrong_time_is_not_for_the_form(self):
        thing = SimpleNamespace(why_not=lambda verb: ("För sent.", ""))
        with self.assertRaises(WrongState), told(filled()):
            raise WrongState(thing, "edit")

    def test_a_form_of_no_model_says_itself_what_collided(self):
        form = filled()
        form.collided = lambda current: [{"label": "Titel", "now": current.title, "typed": form["title"].value()}]
        self.assertEqual(collided(form, NOW), [{"label": "Titel", "now": "det som står", "typed": "det jag skrev"}])


class ToldNextTests(SimpleTestCase):
    def said(self, error: Exception, **how) -> list[tuple[str, str]]:
        request = RequestFactory().post("/")
        request._messages = CookieStorage(request)
        with told_next(request, **how):
            raise error
        return [(message.level_tag, message.message) for message in get_messages(request)]

    def test_what_was_refused_is_said_on_the_next_page(self):
        self.assertEqual(self.said(Refused("Inte så.")), [("error", "Inte så.")])
        self.assertEqual(self.said(ValidationError(["Ett.", "Två."])), [("error", "Ett. Två.")])

    def test_who_was_first_is_said_as_a_warning(self):
        said = self.said(Stale(NOW), stale=lambda current: f"Nu: {current.title}")
        self.assertEqual(said, [("warning", "Nu: det som står")])
        self.assertEqual(self.said(Stale(NOW))[0][0], "warning")
