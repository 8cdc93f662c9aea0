"""Read a motion, its versions, its file and who supports what, and support it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from motions import actions, followed, matrix, sheet, story
from motions import versions as history
from motions.models import FINAL, Claim, Motion
from motions.occasions import aimed_at, coming, taken_up
from motions.states import State
from motions.views.common import back_to, parties_of, speaks, supporting, whole
from people.access import does
from people.models import Party
from people.permissions import may
from record import uploads
from record.moves import Refused, Stale
from record.pages import whole_number
from record.swedish import genitive


@does("read_motion", Motion)
@require_safe
def motion(request: HttpRequest, motion: Motion) -> HttpResponse:
    """The motion as it prints, with what I can do about each att-sats."""
    user, motion = request.user, whole(motion)
    unsettled = motion.says or any(claim.outcome not in FINAL for claim in motion.claims.all())
    open_now = motion.state == State.FILED and not motion.locked
    own, writes, releases = motion.is_own(user), may(user, "answer", motion), may(user, "release", motion)
    claims = _claims(request, motion, open_now=open_now, writes=writes, releases=releases)
    context = {
        "motion": motion,
        "own": own,
        "union": genitive(sheet.short(motion.party)),
        "claims": claims,
        "to_release": sum(1 for claim in claims if claim["release"]),
        "sheet": sheet.build(motion),
        "may_assign": open_now and may(user, "assign", motion) and motion.claims.unanswered().exists(),
        "may_edit": own and motion.state == State.DRAFT and may(user, "draft_motion", motion),
        "may_withdraw": open_now and may(user, "withdraw_motion", motion) and speaks(user, "withdraw_motion", motion),
        "may_change": open_now and unsettled and may(user, "change_motion", motion) and speaks(user, "change_motion", motion),
        "taken_up": taken_up(motion, user),
        "aimed": aimed_at(coming(motion.group), motion.aim) if motion.state == State.FILED and not motion.handled else None,
        "version": history.number(motion) if motion.filed_at else 0,
        "story": story.of(motion, user),
        "why_postponed": story.why_postponed(motion),
    }
    return render(request, "motions/motion.html", context)


def _claims(request: HttpRequest, motion: Motion, *, open_now: bool, writes: bool, releases: bool) -> list[dict[str, Any]]:
    """Each att-sats in print, and the buttons below it."""
    user, parties = request.user, {"support": set(), "unsupport": set()}
    if open_now and motion.letter in "KU":
        for action in ("support", "unsupport"):
            parties[action] = supporting(user, action, motion)
    names = {party.pk: sheet.short(party) for party in parties_of(set().union(*parties.values()))}
    on_list, follows, found = followed.of(motion, user), may(user, "keep_balance", motion), []
    for shown in sheet.build(motion, unreleased=writes or releases).claims:
        standing = {support.party_id for support in shown.claim.supporters}
        final, answer, put_off = shown.outcome in FINAL, shown.claim.released, shown.claim.put_off
        found.append(
            {
                "shown": shown,
                "support": [(pk, name) for pk, name in names.items() if pk in parties["support"] and pk not in standing],
                "unsupport": [(pk, name) for pk, name in names.items() if pk in parties["unsupport"] and pk in standing],
                "answer": open_now and writes and not final and not put_off,
                "release": open_now and releases and shown.draft is not None and not shown.draft.waits,
                "several": len(names) > 1,
                "followed": on_list.get(shown.claim.pk, []),
                "follow": followed.address(answer) if follows and answer is not None and answer.outcome in FINAL else "",
                "asked": (writes or releases) and not final and not put_off and shown.draft is None,
            }
        )
    return found


@does("read_motion", Motion)
@require_safe
def versions(request: HttpRequest, motion: Motion) -> HttpResponse:
    """What was filed, and every change of it, for all who may read it."""
    return render(request, "motions/versions.html", {"motion": motion, "versions": history.of(motion)})


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
    """The file as it was handed in, or with ?version=1 as it was then: always saved, never shown by the browser as a page of ours."""
    kept: Any = motion
    if "version" in request.GET:
        asked = whole_number(request.GET["version"])
        kept = next((one for one in history.of(motion) if one.n == asked), None)
        if kept is None:
            raise Http404
    if not kept.file:
        raise Refused("Det finns ingen fil här. Texten står på sidan.")
    return uploads.download(motion.file.storage, str(kept.file), filename=kept.filename, content_type=kept.content_type)


def _party(request: HttpRequest, claim: Claim, action: str) -> Party:
    """The union that speaks: the only one there is, or the one that was chosen."""
    found = supporting(request.user, action, claim.motion)
    chosen = whole_number(request.POST.get("party"))
    if len(found) > 1 or chosen:
        found &= {chosen}
    if not found:
        raise PermissionDenied
    return Party.objects.get(pk=found.pop())


@does("support", Claim)
@require_POST
def support(request: HttpRequest, claim: Claim) -> HttpResponse:
    """My union stands behind this att-sats."""
    party = _party(request, claim, "support")
    seen = request.POST.get("seen")
    try:
        actions.support(claim, party=party, by=request.user, version=whole_number(seen) if seen else None)
    except Stale:
        messages.warning(
            request, f"{claim.motion.words.The} har ändrats sedan du läste. Läs den nya texten innan ni stödjer den."
        )
        return back_to(claim.motion, claim)
    messages.success(request, f"{sheet.short(party)} stödjer nu {claim.motion.words.unit} {claim.position}.")
    return back_to(claim.motion, claim)


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
