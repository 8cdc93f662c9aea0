"""The pages of a motion: list, write, check, file, support, answer, release, take back."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from motions import actions, matrix, phrases, sheet, story
from motions import versions as history
from motions.forms import AnswerForm, AssignForm, AttachForm, ChangeForm, Filters, MotionForm, Row, Rows, WithdrawForm
from motions.kinds import ASKING, Kind
from motions.models import FINAL, Answer, Claim, Motion, Outcome, voices
from motions.occasions import Occasion, aimed_at, coming, in_time
from motions.states import State
from people.access import does, own_page
from people.models import Group, Party, today
from people.permissions import may
from record.moves import Refused, Stale, WrongState
from record.text import diff_html

PER_PAGE = 25
WAITING = 5  # of each sort, at the top of the list
read_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _to(name: str, thing: Any, anchor: str = "") -> HttpResponse:
    """See other: after a POST the browser reads the page with GET."""
    return HttpResponseRedirect(reverse(f"motions:{name}", args=[thing.pk]) + anchor, status=303)


def _back(motion: Motion, claim: Claim) -> HttpResponse:
    return _to("motion", motion, f"#att-sats-{claim.position}")


def _in_time(motion: Motion, verb: str) -> None:
    """A page for a verb is shown only when the verb could be done."""
    if motion.locked or motion.state not in motion.MOVES[verb].sources:
        raise WrongState(motion, verb)


def _parties(pks: set[int]) -> list[Party]:
    return list(Party.objects.filter(pk__in=pks).with_names()) if pks else []


def _number(raw: str | None) -> int:
    """A version or a row number as posted; 0 for what is no number."""
    return int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) < 10 else 0


# The list


@own_page
@require_safe
def motions(request: HttpRequest) -> HttpResponse:
    """Everything I may read, my drafts first, with what waits for me above."""
    user = request.user
    groups = Group.objects.visible_to(user).meeting_groups()
    form = Filters(request.GET, user=user, groups=groups)
    found = _filtered(Motion.objects.visible_to(user), form.cleaned_data if form.is_valid() else {}, user)
    rows = found.drafts_first().select_related("group", "party").prefetch_related("party__names", "claims__answers")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "waiting": _waiting(user) if page.number == 1 else [],
        "write_in": [group for group in groups if may(user, "draft_motion", group) and voices(user, "draft_motion", group.pk)],
    }
    return render(request, "motions/list.html", context)


def _filtered(motions: QuerySet, wanted: dict[str, Any], user: Any) -> QuerySet:
    if wanted.get("grupp"):
        motions = motions.filter(group=wanted["grupp"])
    if wanted.get("slag"):
        motions = motions.filter(kind=wanted["slag"])
    if wanted.get("egna"):
        motions = motions.filter(party__in={held.party for held in user.held if held.party is not None})
    released = Answer.objects.filter(claim=OuterRef("pk"), released_at__isnull=False)
    unanswered = Exists(Claim.objects.filter(~Exists(released), motion=OuterRef("pk")))
    match wanted.get("status"):
        case "draft":
            motions = motions.filter(state=State.DRAFT)
        case "withdrawn":
            motions = motions.filter(state=State.WITHDRAWN)
        case "waiting":
            motions = motions.filter(unanswered, state=State.FILED)
        case "answered":
            motions = motions.filter(~unanswered, state=State.FILED, claims__isnull=False).distinct()
    return motions


def _waiting(user: Any) -> list[tuple[str, Motion]]:
    """What one is asked to do, with the word for it."""
    motions = Motion.objects.visible_to(user).select_related("group")
    sorts = [
        ("Att stödja", motions.to_support(user)),
        ("Att svara på", motions.to_answer(user)),
        ("Svar att lämna ut", motions.to_release(user)),
    ]
    return [(words, motion) for words, found in sorts for motion in found.order_by("filed_at", "pk")[:WAITING]]


# Writing


@does("draft_motion", Group)
@read_or_post
def draft(request: HttpRequest, group: Group) -> HttpResponse:
    """A new motion; nothing is kept until it is saved."""
    parties = _parties(voices(request.user, "draft_motion", group.pk))
    if not parties:
        raise PermissionDenied
    return _writing(request, group=group, motion=None, parties=parties)


@does("draft_motion", Motion)
@read_or_post
def edit(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Go on with a draft."""
    _in_time(motion, "draft_motion")
    return _writing(request, group=motion.group, motion=motion, parties=[motion.party])


def _writing(request: HttpRequest, *, group: Group, motion: Motion | None, parties: list[Party]) -> HttpResponse:
    """The one form for new and old. Its buttons say what is done: rows are added, moved and removed here too, without a script."""
    asked = request.GET.get("slag", "")
    instance = motion or Motion(group=group, party=parties[0], kind=asked if asked in Kind.values else Kind.MOTION)
    occasions = coming(group)
    context: dict[str, Any] = {"group": group, "motion": motion, "parties": parties, "version": motion.version if motion else 0}
    context |= {"occasions": occasions, **_timing(occasions, motion.aim if motion else None)}
    more = {"parties": parties, "occasions": occasions}
    if request.method != "POST":
        return _form_page(request, MotionForm(instance=instance, **more), Rows.of(motion), context)
    form, rows = MotionForm(request.POST, instance=instance, **more), Rows.posted(request.POST)
    context["version"] = _number(request.POST.get("version"))
    verb, _, number = request.POST.get("do", "save").partition(":")
    if verb == "show":
        return _show(request, form, rows, instance, parties)
    if verb not in ("save", "review"):
        rows.apply(verb, _number(number), request.POST, request.POST.get("kind", ""))
        return _form_page(request, MotionForm(initial=form.typed(), **more), rows, context | {"unsaved": True})
    valid = form.is_valid()
    if not rows.is_valid(form.cleaned_data.get("kind", "")) or not valid:
        return _form_page(request, form, rows, context)
    fields = {name: form.cleaned_data[name] for name in MotionForm.Meta.fields}
    if motion is None and not rows.cleaned and not any(fields[name] for name in ("title", "matter", "background")):
        form.add_error("title", "Skriv något först: en rubrik, en text eller en att-sats.")
        return _form_page(request, form, rows, context)
    party = next((party for party in parties if party.pk == form.cleaned_data.get("party")), parties[0])
    try:
        with transaction.atomic():
            saved = motion or actions.draft(group, party=party, by=request.user, kind=fields["kind"])
            version = context["version"] if motion else saved.version
            actions.save_draft(saved, fields=fields, claims=rows.cleaned, version=version, by=request.user)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _form_page(request, form, rows, context)
    except Stale as stale:
        theirs, mine = sheet.stored_text(stale.current), sheet.as_text(fields, rows.cleaned)
        context |= {"version": stale.current.version, "theirs": theirs, "diff": diff_html(theirs, mine), "unsaved": True}
        context["writer"] = sheet.last_writer(stale.current)
        return _form_page(request, form, rows, context, status=409)
    if rows.cleaned and (empty := len(rows.rows) - len(rows.cleaned)):
        words = saved.words
        messages.info(
            request, f"En tom {words.unit} togs inte med." if empty == 1 else f"{empty} tomma {words.units} togs inte med."
        )
    if verb == "review":
        return _to("preview", saved)
    messages.success(request, f"Utkastet är sparat {timezone.localtime():%H:%M}.")
    return _to("edit", saved)


def _show(request: HttpRequest, form: MotionForm, rows: Rows, of: Motion, parties: list[Party]) -> HttpResponse:
    """As it will print, of what stands in the form now; nothing is saved, and what is wrong is told when it is."""
    form.is_valid()
    read = form.cleaned_data
    kind = read.get("kind") or Kind.MOTION
    party = next((party for party in parties if party.pk == read.get("party")), parties[0])
    written = Motion(kind=kind, group=of.group, party=party, title=read.get("title", ""), background=read.get("background", ""))
    written.filename, written.description = of.filename, of.description
    rows.is_valid(kind)
    return render(request, "motions/_print.html", {"sheet": sheet.typed(written, [] if written.says else rows.cleaned)})


def _form_page(request: HttpRequest, form: MotionForm, rows: Rows, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    problems = [{"href": "", "label": "", "message": message} for message in form.non_field_errors()] if form.is_bound else []
    if form.is_bound:
        problems += [
            {"href": f"#{bound.id_for_label}", "label": bound.label, "message": message}
            for bound in form
            for message in bound.errors
        ]
    union = phrases.join([phrases.genitive(sheet.short(party)) for party in context["parties"]])
    context |= {
        "form": form,
        "rows": rows,
        "blank": Row(0),
        "asking": form["kind"].value() in ASKING,
        "problems": problems + rows.problems,
        "union": union,
    }
    return render(request, "motions/edit.html", context, status=status)


@does("change_motion", Motion)
@read_or_post
def change(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Change what has been filed: a new version, seen by all who may read it."""
    if not _speaks(request.user, "change_motion", motion):
        raise PermissionDenied
    _in_time(motion, "change_motion")
    claims, occasions = list(motion.claims.prefetch_related("answers")), coming(motion.group)
    context: dict[str, Any] = {"group": motion.group, "motion": motion, "parties": [motion.party], "version": motion.version}
    context |= {"occasions": occasions, "changing": True}
    if request.method != "POST":
        rows = Rows.of(motion)
        rows.hold_to(claims)
        return _form_page(request, ChangeForm(instance=motion, occasions=occasions), rows, context)
    before = {name: getattr(motion, name) for name in MotionForm.Meta.fields}
    form, rows = ChangeForm(request.POST, instance=motion, occasions=occasions), Rows.posted(request.POST)
    rows.hold_to(claims)
    context["version"] = _number(request.POST.get("version"))
    verb, _, number = request.POST.get("do", "save").partition(":")
    if verb == "show":
        return _show(request, form, rows, motion, [motion.party])
    if verb != "save":
        rows.apply(verb, _number(number), request.POST, motion.kind)
        rows.hold_to(claims)
        again = ChangeForm(initial=form.typed(), instance=motion, occasions=occasions)
        return _form_page(request, again, rows, context | {"unsaved": True})
    valid = form.is_valid()
    valid = rows.is_valid(motion.kind) and rows.check_against(motion.kind, claims) and valid
    if not valid:
        return _form_page(request, form, rows, context)
    fields = {name: form.cleaned_data[name] for name in MotionForm.Meta.fields}
    same = [(one.text, one.points, one.pk) for one in claims] == [(one["text"], one["points"], one["pk"]) for one in rows.cleaned]
    if same and fields == before and context["version"] == motion.version:
        messages.info(request, "Inget är ändrat, så det blev ingen ny version.")
        return _to("motion", motion)
    try:
        lapsed = actions.change(
            motion, fields=fields, claims=rows.cleaned, version=context["version"], by=request.user, why=form.cleaned_data["why"]
        )
    except ValidationError as error:
        for name, found in (error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}).items():
            form.add_error(None if name == NON_FIELD_ERRORS else name, found)
        return _form_page(request, form, rows, context)
    except Stale as stale:
        theirs, mine = sheet.stored_text(stale.current), sheet.as_text(fields, rows.cleaned)
        context |= {"version": stale.current.version, "theirs": theirs, "diff": diff_html(theirs, mine), "unsaved": True}
        context["writer"] = sheet.last_writer(stale.current)
        return _form_page(request, form, rows, context, status=409)
    ended = (
        f" {phrases.genitive(phrases.join(map(sheet.short, lapsed)))} stöd för det som ändrades har upphört." if lapsed else ""
    )
    messages.success(request, f"Ändringen är sparad som version {history.number(motion)}.{ended}")
    return _to("motion", motion)


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


@does("draft_motion", Motion)
@require_safe
def preview(request: HttpRequest, motion: Motion) -> HttpResponse:
    """The motion as it will print, to be read before it is filed."""
    _in_time(motion, "draft_motion")
    return _preview(request, motion)


def _preview(request: HttpRequest, motion: Motion, *, stale: bool = False) -> HttpResponse:
    missing = actions.lacks(motion)
    context = {
        "motion": _whole(motion),
        "missing": [(name if name != NON_FIELD_ERRORS else "", message) for name, found in missing.items() for message in found],
        "may_file": may(request.user, "file_motion", motion) and _speaks(request.user, "file_motion", motion),
        "sheet": sheet.build(motion),
        "writer": sheet.last_writer(motion) if stale else None,
        "stale": stale,
        **_timing(coming(motion.group), motion.aim),
    }
    return render(request, "motions/preview.html", context, status=409 if stale else 200)


def _timing(occasions: list[Occasion], aim: date | None) -> dict[str, Any]:
    """The meeting that it comes up at, and the one to choose instead when the deadline has passed."""
    aimed = aimed_at(occasions, aim)
    return {"aimed": aimed, "instead": in_time(occasions, aimed.date) if aimed and aimed.late else None}


def _whole(motion: Motion) -> Motion:
    """The same row with everything a print of it needs."""
    return Motion.objects.with_claims().get(pk=motion.pk)


def _speaks(user: Any, action: str, motion: Motion) -> bool:
    """For the union that asks: a substitute only when serving, whatever else one is in the group."""
    return motion.party_id in voices(user, action, motion.group_id)


@does("file_motion", Motion)
@require_POST
def file(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Hand in what was read on the check page."""
    if not _speaks(request.user, "file_motion", motion):
        raise PermissionDenied
    try:
        meeting = parse_date(request.POST.get("meeting", "")[:10])
        actions.file(motion, by=request.user, version=_number(request.POST.get("version")), meeting=meeting)
    except (ValidationError, ValueError):
        return _to("preview", motion)  # it says what is missing
    except Stale as stale:
        return _preview(request, stale.current, stale=True)
    messages.success(request, f"Inlämnat. Mottagningsnummer {motion.receipt}.")
    return _to("motion", motion)


@does("draft_motion", Motion)
@read_or_post
def attach(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Hand in a file instead of writing the text."""
    _in_time(motion, "attach")
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = AttachForm(*posted, initial={"description": motion.description})
    if form.is_valid():
        try:
            actions.attach(motion, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"Filen {motion.filename} är sparad i utkastet.")
            return _to("edit", motion)
    return render(request, "motions/attach.html", {"motion": motion, "form": form})


@does("draft_motion", Motion)
@require_POST
def detach(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Take the file away from the draft."""
    actions.detach(motion, by=request.user)
    messages.success(request, "Filen är borttagen ur utkastet.")
    return _to("edit", motion)


@does("read_motion", Motion)
@never_cache
@require_safe
def attachment(request: HttpRequest, motion: Motion) -> HttpResponse:
    """The file as it was handed in: always saved, never shown by the browser as a page of ours."""
    if not motion.file:
        raise Refused("Det finns ingen fil här. Texten står på sidan.")
    try:
        file = motion.file.open("rb")
    except FileNotFoundError as error:
        raise Refused("Filen finns inte i lagringen. Kontakta HR.") from error
    response = FileResponse(file, as_attachment=True, filename=motion.filename, content_type=motion.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@does("draft_motion", Motion)
@read_or_post
def discard(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Throw a draft away, after asking."""
    _in_time(motion, "draft_motion")
    if request.method == "POST":
        actions.discard(motion, by=request.user)
        messages.success(request, "Utkastet är borttaget.")
        return HttpResponseRedirect(reverse("motions:list"), status=303)
    return render(request, "motions/discard.html", {"motion": motion})


@does("withdraw_motion", Motion)
@read_or_post
def withdraw(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Take a filed motion back, after asking."""
    if not _speaks(request.user, "withdraw_motion", motion):
        raise PermissionDenied
    _in_time(motion, "withdraw_motion")
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        actions.withdraw(motion, by=request.user, why=form.cleaned_data["why"])
        messages.success(request, f"Ni har återkallat {motion.words.the}. Det går fortfarande att läsa.")
        return _to("motion", motion)
    return render(request, "motions/withdraw.html", {"motion": motion, "form": form})


# Reading, supporting, answering


@does("read_motion", Motion)
@require_safe
def motion(request: HttpRequest, motion: Motion) -> HttpResponse:
    """The motion as it prints, with what I can do about each att-sats."""
    user, motion = request.user, _whole(motion)
    open_now = motion.state == State.FILED and not motion.locked
    own, writes, releases = motion.is_own(user), may(user, "answer", motion), may(user, "release", motion)
    context = {
        "motion": motion,
        "own": own,
        "union": phrases.genitive(sheet.short(motion.party)),
        "claims": _claims(request, motion, open_now=open_now, writes=writes, releases=releases),
        "sheet": sheet.build(motion),
        "may_assign": open_now and may(user, "assign", motion) and any(one.outcome not in FINAL for one in motion.claims.all()),
        "may_edit": own and motion.state == State.DRAFT and may(user, "draft_motion", motion),
        "may_withdraw": open_now and may(user, "withdraw_motion", motion) and _speaks(user, "withdraw_motion", motion),
        "may_change": open_now and may(user, "change_motion", motion) and _speaks(user, "change_motion", motion),
        "version": history.number(motion) if motion.filed_at else 0,
        "story": story.of(motion, user),
    }
    return render(request, "motions/motion.html", context)


def _claims(request: HttpRequest, motion: Motion, *, open_now: bool, writes: bool, releases: bool) -> list[dict[str, Any]]:
    """Each att-sats in print, and the buttons below it."""
    user, parties = request.user, {}
    if open_now and motion.letter in "KU":
        for action in ("support", "unsupport"):
            parties[action] = voices(user, action, motion.group_id) - {motion.party_id}
    names = {party.pk: sheet.short(party) for party in _parties(parties.get("support", set()))}
    found = []
    for shown in sheet.build(motion, unreleased=writes or releases).claims:
        standing = {support.party_id for support in shown.claim.supporters}
        final = shown.outcome in FINAL
        found.append(
            {
                "shown": shown,
                "support": [(pk, name) for pk, name in names.items() if pk not in standing],
                "unsupport": [(pk, name) for pk, name in names.items() if pk in standing],
                "answer": open_now and writes and not final,
                "release": open_now and releases and shown.draft is not None,
                "several": len(names) > 1,
                "asked": (writes or releases) and not final and shown.draft is None,
            }
        )
    return found


def _party(request: HttpRequest, claim: Claim, action: str) -> Party:
    """The union that speaks: the only one there is, or the one that was chosen."""
    found = voices(request.user, action, claim.group_id) - {claim.motion.party_id}
    chosen = _number(request.POST.get("party"))
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
        actions.support(claim, party=party, by=request.user, version=_number(seen) if seen else None)
    except Stale:
        messages.warning(
            request, f"{claim.motion.words.The} har ändrats sedan du läste. Läs den nya texten innan ni stödjer den."
        )
        return _back(claim.motion, claim)
    messages.success(request, f"{sheet.short(party)} stödjer nu {claim.motion.words.unit} {claim.position}.")
    return _back(claim.motion, claim)


@does("unsupport", Claim)
@require_POST
def unsupport(request: HttpRequest, claim: Claim) -> HttpResponse:
    """My union takes its support back."""
    party = _party(request, claim, "unsupport")
    actions.unsupport(claim, party=party, by=request.user)
    messages.success(
        request, f"{sheet.short(party)} har tagit tillbaka sitt stöd för {claim.motion.words.unit} {claim.position}."
    )
    return _back(claim.motion, claim)


@does("assign", Motion)
@read_or_post
def assign(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Ask one on the employer's side to write the answers, by a day."""
    _in_time(motion, "assign")
    seats = motion.group.mandates.valid_on(today()).filter(role__in=actions.ASKED).select_related("person")
    persons = list({seat.person_id: seat.person for seat in seats.order_by("position", "pk")}.values())
    waiting = set(motion.claims.unanswered().values_list("pk", flat=True))
    claims = [pair for pair in enumerate(motion.claims.select_related("responsible"), start=1) if pair[1].pk in waiting]
    if not claims:
        raise Refused("Allt har fått svar. Det finns ingen att utse.")
    form = AssignForm(request.POST if request.method == "POST" else None, motion=motion, persons=persons, claims=claims)
    if form.is_valid():
        chosen = [claim for _, claim in claims if str(claim.pk) in form.cleaned_data["claims"]]
        person = next(person for person in persons if str(person.pk) == form.cleaned_data["person"])
        try:
            asked = actions.assign(motion, claims=chosen, person=person, day=form.cleaned_data["day"], by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, f"{person.display} ska svara på {motion.words.count(len(asked))}, och har fått mejl om det."
            )
            return _to("motion", motion)
    return render(request, "motions/assign.html", {"motion": motion, "form": form})


@does("answer", Claim)
@read_or_post
def answer(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Write the employer's answer to one att-sats; who may can release it at once."""
    _in_time(claim.motion, "answer")
    if claim.released is not None and claim.released.outcome in FINAL:
        raise Refused(f"{phrases.capital(claim.motion.words.the_unit)} har redan fått ett slutligt svar.")
    drafted = claim.drafted
    motion = _whole(claim.motion)
    shown = next(one for one in sheet.build(motion).claims if one.claim.pk == claim.pk)
    context = {"motion": motion, "claim": claim, "shown": shown, "may_release": may(request.user, "release", claim)}
    if request.method != "POST":
        form = AnswerForm(instance=drafted, initial={"version": drafted.version if drafted else 0}, kind=motion.kind)
        return render(request, "motions/answer.html", context | {"form": form})
    form = AnswerForm(request.POST, instance=drafted or Answer(claim=claim), kind=motion.kind)
    if not form.is_valid():
        return render(request, "motions/answer.html", context | {"form": form})
    releasing = request.POST.get("do") == "release" and context["may_release"]
    outcome, text = form.cleaned_data["outcome"], form.cleaned_data["text"]
    try:
        with transaction.atomic():
            written = actions.answer(
                claim, outcome=outcome, text=text, version=form.cleaned_data["version"] or 0, by=request.user
            )
            if releasing:
                actions.release(written, by=request.user)
    except ValidationError as error:
        form.add_error(None, error)
    except Stale as stale:
        return _stale_answer(request, claim, stale.current, outcome=outcome, text=text, context=context)
    else:
        messages.success(request, "Svaret är utlämnat." if releasing else f"Svaret är sparat {timezone.localtime():%H:%M}.")
        return _back(motion, claim)
    return render(request, "motions/answer.html", context | {"form": form})


def _stale_answer(
    request: HttpRequest, claim: Claim, current: Answer | None, *, outcome: str, text: str, context: dict[str, Any]
) -> HttpResponse:
    """Both answers as text; what was typed stays in the form, ready to be saved over the other."""
    standing = claim.answers.filter(released_at=None).order_by("round").last()
    form = AnswerForm(
        initial={"outcome": outcome, "text": text, "version": standing.version if standing else 0}, kind=claim.motion.kind
    )
    theirs = _answer_text(current.outcome, current.text) if current else "(svaret är borttaget)"
    context |= {"form": form, "theirs": theirs, "diff": diff_html(theirs, _answer_text(outcome, text))}
    context["writer"] = sheet.last_writer(current) if current else None
    return render(request, "motions/answer.html", context, status=409)


def _answer_text(outcome: str, text: str) -> str:
    return f"Utfall: {Outcome(outcome).label}\n\n{text}"


@does("release", Answer)
@require_POST
def release(request: HttpRequest, answer: Answer) -> HttpResponse:
    """Let the union read the answer that was read on the page."""
    claim = answer.claim
    try:
        actions.release(answer, by=request.user, version=_number(request.POST.get("version")))
    except Stale:
        messages.warning(request, "Svaret har ändrats sedan du läste det. Läs det igen innan du lämnar ut det.")
        return _back(claim.motion, claim)
    messages.success(request, "Svaret är utlämnat.")
    return _back(claim.motion, claim)
