"""What templates say often: Swedish dates and times, and the summary of a form's errors."""

import datetime as dt
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm, BaseFormSet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from record.forms import collided, overtaken_by

register = template.Library()


def _local(value: dt.date | dt.datetime) -> dt.date | dt.datetime:
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """16 april 2020"""
    return date_format(_local(value), "j F Y") if value else ""


@register.filter
def weekday(value: dt.date | dt.datetime | None) -> str:
    """torsdag 16 april 2020"""
    return date_format(_local(value), "l j F Y") if value else ""


@register.filter
def breaks(words: str) -> str:
    """The words for a narrow screen: a line may end where print keeps them together."""
    return words.replace("\u00a0", " ")


@register.filter
def clock(value: dt.datetime | dt.time | None) -> str:
    """09:42"""
    return "" if value is None else _local(value).strftime("%H:%M")


@register.filter
def moment(value: dt.datetime | None) -> str:
    """16 april 2020 kl. 09:42, as a <time> element that machines can read."""
    if not value:
        return ""
    local = _local(value)
    return format_html('<time datetime="{}">{} kl. {}</time>', local.isoformat(timespec="seconds"), day(local), clock(local))


@register.filter
def since(value: dt.datetime) -> str:
    """14:02, with the day when that was not today."""
    local = _local(value)
    return clock(local) if local.date() == timezone.localdate() else f"{weekday(local)} kl. {clock(local)}"


@register.filter
def browser(user_agent: str) -> str:
    """Firefox på Windows: what a person recognises in the long line that a browser sends."""
    programs = {
        "Edg": "Edge",
        "OPR": "Opera",
        "Firefox": "Firefox",
        "FxiOS": "Firefox",
        "Chrome": "Chrome",
        "CriOS": "Chrome",
        "Safari": "Safari",
    }
    systems = {
        "Windows": "Windows",
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Macintosh": "Mac",
        "Linux": "Linux",
    }
    program = next((name for sign, name in programs.items() if sign in user_agent), "Okänd webbläsare")
    system = next((name for sign, name in systems.items() if sign in user_agent), "")
    return f"{program} på {system}" if system else program


# What a file is called by those who have it.
FILE_KINDS = {
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.oasis.opendocument.text": "OpenDocument",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument",
    "image/png": "PNG-bild",
    "image/jpeg": "JPEG-bild",
}


@register.filter
def file_kind(content_type: str) -> str:
    """PDF, of application/pdf; nothing for what has no such name."""
    return FILE_KINDS.get(content_type, "")


@register.inclusion_tag("_signing_pause.html")
def signing_pause(done: str, *, can_wait: bool = True) -> dict[str, Any]:
    """That one cannot sign for some hours after what stands on the page, told before one does it."""
    return {"done": done, "can_wait": can_wait, "hours": settings.SIGNING_PAUSE_HOURS}


@register.inclusion_tag("_error_summary.html")
def error_summary(*forms: BaseForm | BaseFormSet | str | None) -> dict[str, list[dict[str, str]]]:
    """One list of every error in the given forms and formsets, in the order of the page; nothing when there is none.

    Form names that a page does not have arrive as an empty string and are passed over.
    """
    problems: list[dict[str, str]] = []
    for form in forms:
        if isinstance(form, BaseFormSet):
            if form.is_bound:
                problems += [{"href": "", "label": "", "message": message} for message in form.non_form_errors()]
                for row in form.forms:
                    problems += _problems(row)
        elif isinstance(form, BaseForm):
            problems += _problems(form)
    return {"problems": problems}


@register.inclusion_tag("_collision.html")
def collision(form: BaseForm | str) -> dict[str, list[dict[str, str]] | None]:
    """When somebody else was first: what stands there now, beside what was typed; the form below keeps the latter."""
    current = overtaken_by(form)
    return {"rows": None if current is None else collided(form, current)}


def _problems(form: BaseForm) -> list[dict[str, str]]:
    found = [{"href": "", "label": "", "message": message} for message in form.non_field_errors()]
    for field in form:
        # A group of choices has no field of its own to go to: its first choice is where one starts.
        href = "" if field.is_hidden else f"#{field.id_for_label or field.auto_id + '_0'}"
        found += [{"href": href, "label": str(field.label), "message": message} for message in field.errors]
    return found
