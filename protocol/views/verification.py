"""Let anybody check a file or a checksum. The file is hashed and forgotten; it is never opened."""

from collections import Counter
from typing import Any

from django.core.files import File
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from people.access import public_page
from people.allauth import within_limit
from protocol import canonical, evidence
from protocol.forms import MOST_BYTES, VerifyForm
from protocol.models import FrozenVersion, SealedProtocol
from record.models import Event
from record.pages import form_page, posted

RATES = {"verify": "30/m/ip"}
ROOM_FOR_THE_FORM = 64 * 1024


# Nothing is changed here and nobody is asked who they are: a token would only make Django read the body before its size is known.
@public_page
@csrf_exempt
@never_cache
@form_page
def verify(request: HttpRequest) -> HttpResponse:
    """Is this file, or this content, one that was sealed here?"""
    if posted(request) is None:
        return render(request, "protocol/verify.html", {"form": VerifyForm()})
    if not within_limit(request, app="protocol", action="verify", rates=RATES):
        return render(request, "429.html", status=429)
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES + ROOM_FOR_THE_FORM:
        form = VerifyForm({})
        form.full_clean()
        form.errors.clear()
        form.add_error("file", "Filen är större än 25 MB och kan inte kontrolleras här.")
        return render(request, "protocol/verify.html", {"form": form}, status=413)
    form = VerifyForm(request.POST, request.FILES)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        file = form.cleaned_data["file"]
        digest = canonical.sha256_of(file) if file else form.cleaned_data["checksum"]
        context |= {"answered": True, "digest": digest, "from_file": bool(file), "no_pdf": fault_of(file), **answer(digest)}
    return render(request, "protocol/verify.html", context)


def fault_of(file: File | None) -> str:
    """Why a file cannot be a protocol whatever its checksum: "tom", "inte en PDF", or ""."""
    if not file:
        return ""
    file.seek(0)
    return "tom" if not file.size else "" if b"%PDF-" in file.read(1024) else "inte en PDF"


def answer(digest: str) -> dict[str, Any]:
    """What is known of a checksum, whole or its first 32 digits: the sealed file, the signed content, or nothing.

    The log says what was sealed here, and the stored row must say the same: a row that was put in its place is told as such.
    """
    event = evidence.sealed_event(digest)
    if event is not None:
        version = _versions().filter(meeting=_meeting_of(event), n=event.payload.data["version"]).first()
        return {"kind": "file", "stored": _is_stored(version, event.payload.data["file_sha256"]), **_told(version)}
    match = {"sha256__startswith": digest} if len(digest) == 32 else {"sha256": digest}
    version = _versions().filter(sealed__in=SealedProtocol.objects.filter(**match)).first()
    if version is not None:
        return {"kind": "changed", **_told(version)}
    version = _versions().filter(**match).first()
    if version is not None:
        kind = "content" if hasattr(version, "sealed") else "withdrawn" if hasattr(version, "withdrawal") else "unsealed"
        return {"kind": kind if evidence.frozen_event(version) else "changed", **_told(version)}
    return {"kind": "unknown"}


def _versions() -> QuerySet[FrozenVersion]:
    return FrozenVersion.objects.select_related("meeting__group", "sealed", "withdrawal").defer("data", "sealed__pdf")


def _meeting_of(event: Event) -> int:
    return int(event.thing.removeprefix("meeting:"))


def _is_stored(version: FrozenVersion | None, digest: str) -> bool:
    """The file with this checksum is the one that lies here."""
    sealed = getattr(version, "sealed", None)
    return sealed is not None and sealed.sha256 == digest == canonical.sha256(sealed.pdf)


def _told(version: FrozenVersion | None) -> dict[str, Any]:
    """What anybody may know: which meeting, and how many signed in which office. No names."""
    if version is None:
        return {}
    counts = Counter(one.get_role_display() for one in version.signatures.defer("proof"))
    sealed = getattr(version, "sealed", None)
    return {"version": version, "sealed": sealed, "meeting": version.meeting, "roles": sorted(counts.items())}
