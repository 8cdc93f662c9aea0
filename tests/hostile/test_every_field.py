"""Hostile words in every text field of every form: nothing runs, nothing invisible is stored, nothing breaks."""

from html.parser import HTMLParser

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Value
from django.db.models.functions import Cast, Concat
from django.test import TestCase, tag
from django.urls import NoReverseMatch, reverse

from people.access import PUBLIC
from people.permissions import may, table
from tests import THOROUGH
from tests.world import STATES, World, pages

SCRIPT = "<script>alert('fvg')</script>"
ROLES = ("secretary", "chair", "adjuster", "employer_rep", "union_rep", "hr")
HOSTILE = {
    "markup": f'{SCRIPT}"><img src=x onerror=alert(1)>',
    "template": "{{ settings.SECRET_KEY }}{% debug %}${7*7}{0.__class__}",
    "bidi": "abc\u202edef",
    "control": "abc\x07def",
    "zero width": "abc\u200bdef",
    "null": "abc\x00def",
}
INVISIBLE = ("bidi", "control", "zero width", "null")


class Forms(HTMLParser):
    """The forms of a page: where each is sent, what it carries, and which of its fields take words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        self.action, self.data, self.words, self.area = None, {}, [], ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        known = dict(attributes)
        name, kind = known.get("name") or "", known.get("type") or "text"
        if tag == "form" and (known.get("method") or "").lower() == "post":
            self.action, self.data, self.words = known.get("action") or "", {}, []
        elif self.action is None or not name:
            return
        elif tag == "textarea" or (tag == "input" and kind in ("text", "search", "email")):
            self.words.append(name)
            self.data[name] = known.get("value") or "ord"
        elif tag == "input" and kind in ("hidden", "number", "date", "time", "password"):
            self.data[name] = known.get("value") or ""
        elif tag == "input" and kind in ("radio", "checkbox") and "checked" in known:
            self.data[name] = known.get("value") or "on"

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.action is not None:
            self.found.append((self.action, self.data, self.words))
            self.action = None


def stored(typed: str) -> list[str]:
    """Where in our own tables these words stand (the history too)."""
    places = []
    for model in apps.get_models():
        if model._meta.app_label not in ("people", "motions", "meetings", "protocol"):
            continue
        worded = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, (models.CharField, models.TextField)) and not field.choices
        ]
        # The fields of our own refuse such words even in a question; ask as plain text, and all of a row at once.
        plain = [Cast(name, models.TextField()) for name in worded]
        if plain and model._base_manager.annotate(plain=Concat(Value(""), *plain)).filter(plain__contains=typed).exists():
            places.append(f"{model.__name__} ({', '.join(worded)})")
    return places


@tag("walk")
class EveryFieldTests(TestCase):
    takes_long = True

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World().whole()

    def forms(self, column: str, seen: set):
        """Every form with words in it that this player is shown, but those of the same page and fields that are in `seen`."""
        user = self.world.player(column)
        self.client.force_login(user)
        for page in pages():
            if page.action == PUBLIC:
                continue
            for place, state in enumerate(STATES if page.model else STATES[:1]):
                if not THOROUGH and (page.name in self.formless or (place + ROLES.index(column)) % 2):
                    continue  # nothing to write there for anybody; or another's turn
                thing = self.world.things[state].get(page.model) if page.model else None
                try:
                    address = reverse(page.name, args=[thing.pk] if thing is not None else [])
                except NoReverseMatch:
                    continue
                if thing is not None and page.action in table() and not may(user, page.action, thing):
                    continue  # a closed door has no forms
                response = self.client.get(address)
                if response.status_code == 200 and not response.headers["Content-Type"].startswith("text/html"):
                    self.formless.add(page.name)
                if response.status_code != 200 or page.name in self.formless:
                    continue
                for action, data, fields in Forms(response.content.decode()).found:
                    key = (page.name, tuple(sorted(fields)))
                    if fields and key not in seen:
                        seen.add(key)
                        yield page.name, action or address, data, fields

    def test_nothing_runs_and_nothing_invisible_is_stored(self):
        sent, faults, seen, self.formless = 0, [], set(), set()
        for column in ROLES:
            for name, address, data, fields in list(self.forms(column, set() if THOROUGH else seen)):
                for kind, value in HOSTILE.items():
                    sent += 1
                    with transaction.atomic():
                        response = self.client.post(address, data | dict.fromkeys(fields, value), follow=True)
                        faults += [(name, column, kind, fault) for fault in self.faults(kind, value, response)]
                        transaction.set_rollback(True)
        self.assertEqual(faults, [])
        self.assertGreater(sent, 250 if THOROUGH else 200)

    def faults(self, kind: str, value: str, response) -> list[str]:
        """What went wrong with this answer."""
        faults = []
        if response.status_code >= 500:
            faults.append(f"answered {response.status_code}")
        body = response.content.decode("utf-8", "replace") if not response.streaming else ""
        if SCRIPT in body or "<img src=x" in body:
            faults.append("the markup came back as markup")
        if settings.SECRET_KEY in body or "class 'str'" in body:
            faults.append("the template ran")
        if kind in INVISIBLE and response.redirect_chain:
            faults += [f"stored in {place}" for place in stored(value.replace("\x00", "")) if value != "abc\x00def"]
        return faults
