"""Read a motion, its versions, its file and who supports what, and support it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from motions import followed, matrix, sheet, story, written
from motions import versions as history
from motions.actions import supporting as actions
from motions.models import FINAL, Answer, Claim, Motion
from motions.occasions import aimed_at, coming, taken_up
from motions.states import State
from motions.views.common import back_to, parties_of, speaks, supporting, warned, whole
from people.access import does
from people.models import Party, User
from people.permissions import may
from record import uploads
from record.moves import Refused
from record.pages import whole_number
from record.swedish import genitive

VERSIONS_ON_A_PAGE = 5  # each with all its words, and with what it changed


@does("read_motion", Motion)
@require_safe
def motion(request: HttpRequest, motion: Motion) -> HttpResponse:
    """The motion as it prints, with what I can do about each att-sats."""
    user, motion = request.user, whole(motion)
    can = _can(user, motion)
    claims = _claims(user, motion, can)
    context = {
        "motion": motion,
        "can": can,
        "own": motion.is_own(user),
        "union": genitive(sheet.short(motion.party)),
        "claims": claims,
        "to_release": sum(1 for claim in claims if claim["release"]),
        "sheet": sheet.build(motion),
        "facts": written.facts(motion),
        "taken_up": taken_up(motion, user),
        "aimed": aimed_at(coming(motion.group), motion.aim) if motion.state == State.FILED and not motion.handled else None,
        "version": history.number(motion) if motion.filed_at else 0,
        "story": story.of(motion, user),
        "why_postponed": story.why_postponed(motion),
    }
    return render(request, "motions/motion.html", context)


def _can(user: User, motion: Motion) -> dict[str, bool]:
    """What this user may do with it here and now; `see_drafts`: read the answers that are not released."""
    writes, releases = may(user, "answer", motion), may(user, "release", motion)
    unlocked = motion.state == State.FILED and not motion.locked
    unsettled = motion.says or any(claim.outcome not in FINAL for claim in motion.claims.all())
    return {
        "see_drafts": writes or releases,
        "answer": unlocked and writes,
        "release": unlocked and releases,
        "support": unlocked and motion.letter in "KU",
        "assign": unlocked and may(user, "assign", motion) and motion.claims.unanswered().exists(),
        "edit": motion.is_own(user) and motion.state == State.DRAFT and may(user, "draft_motion", motion),
        "withdraw": unlocked and may(user, "withdraw_motion", motion) and speaks(user, "withdraw_motion", motion),
        "change": unlocked and unsettled and may(user, "change_motion", motion) and speaks(user, "change_motion", motion),
    }


def _claims(user: User, motion: Motion, can: dict[str, bool]) -> list[dict[str, Any]]:
    """Each att-sats in print, and the buttons below it."""
    parties = {action: supporting(user, action, motion) if can["support"] else set() for action in ("support", "unsupport")}
    names = {party.pk: sheet.short(party) for party in parties_of(set().union(*parties.values()))}
    promises, keeps_list = followed.of(motion, user), may(user, "keep_balance", motion)
    return [
        _claim(shown, parties, names, can)
        | {
            "followed": promises.get(shown.claim.pk, []),
            "follow": _to_list(shown.claim.released) if keeps_list else "",
        }
        for shown in sheet.build(motion, unreleased=can["see_drafts"]).claims
    ]


def _claim(shown: sheet.ClaimSheet, parties: dict[str, set[int]], names: dict[int, str], can: dict[str, bool]) -> dict[str, Any]:
    standing = {support.party_id for support in shown.claim.supporters}
    waits = shown.outcome not in FINAL and not shown.claim.put_off
    return {
        "shown": shown,
        "support": [(pk, name) for pk, name in names.items() if pk in parties["support"] and pk not in standing],
        "unsupport": [(pk, name) for pk, name in names.items() if pk in parties["unsupport"] and pk in standing],
        "several": len(names) > 1,
        "answer": can["answer"] and waits,
        "release": can["release"] and shown.draft is not None and not shown.draft.waits,
        "asked": can["see_drafts"] and waits and shown.draft is None,
    }


def _to_list(answer: Answer | None) -> str:
    """Where a final answer is followed up; "" when there is nothing to follow."""
    return followed.address(answer) if answer is not None and answer.outcome in FINAL else ""


@does("read_motion", Motion)
@require_safe
def versions(request: HttpRequest, motion: Motion) -> HttpResponse:
    """What was filed, and every change of it, for all who may read it."""
    page = Paginator(history.of(motion), VERSIONS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "motions/versions.html", {"motion": motion, "page_obj": page})


@does("read_motion", Motion)
@require_safe
def supporters(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Union × att-sats: who stands behind what."""
    names, rows = matrix.of(motion)
    return render(request, "motions/supporters.html", {"motion": motion, "names": names, "rows": rows})


@does("read_motion", Motion)
@never_cache
@require_safe
def attachment(request: HttpRequest, motion: Motion) -> HttpResponse:
    """The file as it was handed in, or with ?version=1 as it was then: always a download, never a page of ours."""
    kept: Any = motion
    if "version" in request.GET:
        asked = whole_number(request.GET["version"])
        kept = history.of(motion).numbered(asked)
        if kept is None:
            raise Http404
    if not kept.file:
        raise Refused("Det finns ingen fil här. Texten står på sidan.")
    named = {"filename": kept.filename, "content_type": kept.content_type, "sha256": kept.sha256}
    return uploads.download(motion.file.storage, str(kept.file), **named)


def _party(request: HttpRequest, claim: Claim, action: str) -> Party:
    """The union that speaks: the only one there is, or the one that was chosen."""
    unions = supporting(request.user, action, claim.motion)
    chosen = whole_number(request.POST.get("party"))
    if len(unions) > 1 or chosen:
        unions &= {chosen}
    if not unions:
        raise PermissionDenied
    return Party.objects.get(pk=unions.pop())


@does("support", Claim)
@require_POST
def support(request: HttpRequest, claim: Claim) -> HttpResponse:
    """My union stands behind this att-sats."""
    party = _party(request, claim, "support")
    seen, motion = request.POST.get("seen"), claim.motion
    with warned(request, f"{motion.words.The} har ändrats sedan du läste. Läs den nya texten innan ni stödjer den."):
        actions.support(claim, party=party, by=request.user, version=whole_number(seen) if seen else None)
        messages.success(request, f"{sheet.short(party)} stödjer nu {motion.words.unit} {claim.position}.")
    return back_to(motion, claim)


@does("unsupport", Claim)
@require_POST
def unsupport(request: HttpRequest, claim: Claim) -> HttpResponse:
    """My union takes its support back."""
    party = _party(request, claim, "unsupport")
    actions.unsupport(claim, party=party, by=request.user)
    messages.success(
        request, f"{sheet.short(party)} har tagit tillbaka sitt stöd för {claim.motion.words.unit} {claim.position}."
    )
    return back_to(claim.motion, claim)
