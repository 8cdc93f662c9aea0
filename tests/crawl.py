"""For the tests that ask every address as everybody: the addresses, and every word of an answer, also in a PDF or workbook."""

import io
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pikepdf
from django.contrib import admin
from django.db import models
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from record.tracing import HEADER
from tests.paper import words_on
from tests.world import STATES, World, pages


@lru_cache(maxsize=64)
def words_of_pdf(data: bytes) -> str:
    """What can be read in a PDF: its text, its data about itself, and every file that it carries."""
    parts = [words_on(data)]
    with pikepdf.open(io.BytesIO(data)) as document:
        parts += [str(value) for value in document.docinfo.values()]
        for thing in document.objects:  # streams as they read when they are unpacked: metadata, attachments, pages
            if isinstance(thing, pikepdf.Stream):
                try:
                    parts.append(thing.read_bytes().decode("utf-8", "replace"))
                except pikepdf.PdfError:
                    continue  # a picture
            elif isinstance(thing, pikepdf.Dictionary):
                parts += [str(value) for value in dict(thing.items()).values() if isinstance(value, pikepdf.String)]
    return "\n".join(parts)


def words_of_zip(data: bytes) -> str:
    """What can be read in a workbook or another packed file."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())


def said(response: HttpResponse) -> str:
    """Everything that an answer tells: body, headers and cookies, and of a PDF what stands in it. Its own number is nobody's."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    told = (
        words_of_pdf(body)
        if body.startswith(b"%PDF")
        else words_of_zip(body)
        if body.startswith(b"PK\x03\x04")
        else body.decode("utf-8", "replace")
    )
    whole = "\n".join([told, str(response.headers), str(response.cookies)])
    return whole.replace(response.headers.get(HEADER, "-"), "-")


def addresses(
    world: World, also: dict[type[models.Model], list[Any]], states: tuple[str, ...] = STATES
) -> Iterator[tuple[str, str]]:
    """(name, address) of every page of the rooms, with what belongs to each state and with the things in `also`."""
    for page in pages():
        things = [world.things[state].get(page.model) for state in states] if page.model else [None]
        for thing in [*things, *also.get(page.model, [])]:
            try:
                yield page.name, reverse(page.name, args=[thing.pk] if thing is not None else [])
            except NoReverseMatch:
                continue


def admin_addresses(also: dict[type[models.Model], list[Any]], searched: str) -> Iterator[tuple[str, str]]:
    """The same for the administration: lists, searches, forms, histories, old versions and the choices of every field."""
    yield "admin:index", reverse("admin:index")
    for model, site in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield f"{name}_changelist", reverse(f"{name}_changelist")
        yield f"{name}_changelist", f"{reverse(f'{name}_changelist')}?{urlencode({'q': searched})}"
        yield f"{name}_add", reverse(f"{name}_add")
        first = model._default_manager.order_by("pk").first()
        for thing in [*([first] if first else []), *also.get(model, [])]:
            for verb in ("change", "history", "delete"):
                yield f"{name}_{verb}", reverse(f"{name}_{verb}", args=[thing.pk])
            past = getattr(thing, "history", None)
            for row in past.all()[:3] if past is not None else ():
                yield f"{name}_simple_history", reverse(f"{name}_simple_history", args=[thing.pk, row.pk])
        for field in model._meta.fields:
            if isinstance(field, models.ForeignKey) and field.name in getattr(site, "autocomplete_fields", ()):
                asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field.name}
                yield "admin:autocomplete", f"{reverse('admin:autocomplete')}?{urlencode(asked | {'term': searched})}"
