"""A small invented protocol drawn as HTML and PDF, and what is read back from it."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from unittest import SkipTest

from protocol import format as form
from protocol import pdf
from protocol.parts import Approval
from tests.paper import words_on
from tests.samples import invented

CREATED = datetime(2026, 3, 6, 13, 5, tzinfo=UTC)


def make_protocol(**known) -> form.Protocol:
    return replace(form.read(invented()), **known)


def make_approvals(**known) -> list[Approval]:
    people = [
        ("chair", "Vera Ek", "förvaltningschef", None),
        ("adjuster", "Siv Alm", None, "Vision"),
        ("secretary", "Tor Hassel", None, None),
    ]
    return [
        Approval(
            **{"role": role, "name": name, "title": title, "party": party, "signed_at": CREATED, "method": "Lösenord", **known}
        )
        for role, name, title, party in people
    ]


def sealed(protocol: form.Protocol, **options) -> str:
    return pdf.html_of(
        protocol,
        mode="sealed",
        approvals=make_approvals(),
        version=3,
        content_hash="0123456789abcdef" * 4,
        chain_head="FVG #12 abcd",
        verify_url="https://fvg.example/verifiera/0123",
        **options,
    )


def make_pdf(html: str, **known) -> bytes:
    return pdf.render(html, **{"title": "Protokoll", "created": CREATED, **known})


def words_of(html: str) -> str:
    """The page's words in order, without markup."""
    body = re.sub(r"<[^>]+>", " ", html[html.index("<body") :])
    return " ".join(body.replace("&nbsp;", " ").replace("\u00a0", " ").split())


def text_of(data: bytes) -> str:
    return words_on(data).replace("\u00a0", " ")


def rightmost(data: bytes) -> float:
    """How far to the right a word reaches on any page, in points."""
    if not shutil.which("pdftotext"):
        raise SkipTest("pdftotext is not installed")
    told = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=data, capture_output=True, check=True).stdout.decode()
    return max(map(float, re.findall(r'xMax="([\d.]+)"', told)))


def as_table(rows: Sequence[Sequence[str]]) -> str:
    """The rows as a table of the plain form; the first is its head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:]])


def with_text(text: str) -> form.Protocol:
    """The protocol with this text in its fourth §."""
    data = invented()
    data["paragraphs"][3]["text"] = text
    return form.read(data)


def draw_sealed() -> bytes:
    files = [("protokoll.json", b'{"a":1}', "application/json", "Source", "Protokollet som data")]
    return make_pdf(sealed(make_protocol()), attachments=files)


sealed_pdf = cache(draw_sealed)
