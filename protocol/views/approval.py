"""The signers' page: read what changed, read the text, ask for a change, or sign."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from meetings.models import Meeting
from meetings.reading.numbering import numbers_now
from meetings.states import State
from people.access import demand, does
from people.allauth import within_password_limit
from people.hashing import turn
from people.models import User
from people.permissions import can, may
from protocol import actions, canonical, compare, printed, spoken
from protocol.forms import RefuseForm, RequestChangeForm, SignForm, WithdrawTextForm
from protocol.models import ChangeRequest, FrozenVersion, Signature, Withdrawal
from protocol.pictures import files
from protocol.shown import current_version, show_version, signature_of
from record.forms import overtaken_by, told
from record.moves import WrongState
from record.pages import form_page, posted, see

# How a signer is spoken to, by office.
OFFICES = {"chair": "ordförande", "adjuster": "vald justerare", "secretary": "sekreterare"}
VERBS = {"chair": "justerar", "adjuster": "justerar", "secretary": "skriver under"}


def tells_who_signs(model: type[Meeting | FrozenVersion | ChangeRequest]) -> Callable[..., Callable[..., HttpResponse]]:
    """Answer those who are not to sign with the names of those who are, and those who come to a withdrawn text with why."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def told(request: HttpRequest, pk: int) -> HttpResponse:
            try:
                return view(request, pk=pk)
            except PermissionDenied:
                names = ", ".join(
                    f"{officer.name} ({officer.get_role_display()})" for officer in meeting_of(model, pk).officers.all()
                )
                reason = f"Du är inte utsedd att justera det här protokollet. Utsedd: {names or 'ingen än'}."
                return render(request, "403.html", {"reason": reason}, status=403)
            except WrongState:
                meeting = meeting_of(model, pk)
                last = last_withdrawal(meeting)
                if last is None or meeting.state != State.DRAFT:
                    raise
                reason = f"{last.by} tog tillbaka version {last.version.n}. Skäl: {last.reason}"
                step = "Du får ett mejl när den nya versionen är klar att läsa och skriva under."
                return render(request, "409.html", {"reason": reason, "next_step": step}, status=409)

        return told

    return decorate


def meeting_of(model: type[Meeting | FrozenVersion | ChangeRequest], pk: int) -> Meeting:
    """The meeting behind an address that the person may know of."""
    thing = model.objects.get(pk=pk)
    return thing if isinstance(thing, Meeting) else thing.meeting


def last_withdrawal(meeting: Meeting) -> Withdrawal | None:
    """The last time the text was taken back."""
    rows = Withdrawal.objects.filter(version__meeting=meeting).select_related("version", "by__person")
    return rows.order_by("-pk").first()


def for_the_signer(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view like `does`; which row of the table is asked depends on the office that the person has at the meeting."""

    @wraps(view)
    def asked(request: HttpRequest, pk: int) -> HttpResponse:
        version = FrozenVersion.objects.visible_to(request.user).filter(pk=pk).first()
        if version is None:
            raise Http404
        if given := signature_of(version, request.user):  # the button was pressed twice, or is in another tab
            return signed_already(request, given)
        demand(request.user, f"sign_as_{office_of(version.meeting, request.user) or 'adjuster'}", version)
        return view(request, version)

    asked.action = "sign_as_adjuster"  # or sign_as_chair, sign_as_secretary
    return asked


def signed_already(request: HttpRequest, signature: Signature) -> HttpResponse:
    """Nothing is wrong and nothing more is to be done: say when it was, and show how far the protocol has come."""
    at = timezone.localtime(signature.signed_at)
    said = f"Du har redan skrivit under, {date_format(at, 'j F Y')} kl. {at:%H:%M}. Ett kvitto har gått till din e-post."
    messages.success(request, said)
    return back(signature.version.meeting)


def name_of(meeting: Meeting) -> str:
    """Protokoll FVG 16 april 2026"""
    return f"Protokoll {meeting}"


def office_of(meeting: Meeting, user: Any) -> str:
    """The office in which `user` signs this meeting's protocol, or ""."""
    return next((role for role in OFFICES if role in meeting.elected(user)), "")


def numbers_of(meeting: Meeting) -> dict[int, int]:
    """Paragraph → its number in the frozen text; the rows are locked, so that both say the same."""
    return {paragraph.pk: number for number, paragraph in numbers_now(meeting) if number is not None}


def page(request: HttpRequest, meeting: Meeting, *, status: int = 200, **bound: Any) -> HttpResponse:
    """The whole page; `bound` holds the form that came back with errors: sign_form, change_form, refuse_form, withdraw_form."""
    user, version = request.user, current_version(meeting)
    if version is None:
        raise WrongState(meeting, "read_frozen")
    shown = show_version(version)
    approvals = shown.options["approvals"]
    own = next((signature for signature in version.signatures.all() if signature.person_id == user.person_id), None)
    role, under_way = office_of(meeting, user), meeting.state == State.APPROVAL
    allowed = can(user, meeting, "read_log", "read_appendix", "seal") | can_here(user, meeting, role, signed=own is not None)
    context = {
        "meeting": meeting,
        "name": name_of(meeting),
        "version": version,
        "under_way": under_way,
        "approvals": approvals,
        "signed": sum(1 for approval in approvals if approval.signed_at),
        "waiting": ", ".join(
            f"{approval.name} ({spoken.SIGNER_ROLES[approval.role]})" for approval in approvals if not approval.signed_at
        ),
        "role": role,
        "office": OFFICES.get(role, ""),
        "verb": VERBS.get(role, ""),
        "own": own,
        "lacks_seat": allowed["sign"] and actions.lacks_seat(meeting, user),
        "pauses": pauses(version) if under_way else [],
        "checksum": canonical.short(version.sha256),
        "files": files(meeting.pk, shown.protocol) if allowed["read_appendix"] else [],
        "can": allowed,
        "form": next((form for name, form in bound.items() if name.endswith("_form") and form.errors), None),
        "sign_form": bound.get("sign_form") or SignForm(user=user, initial={"seen": version.sha256}),
        "withdraw_form": bound.get("withdraw_form") or WithdrawTextForm(),
        **requested(request, version, allowed, bound),
        **changes(meeting, version, shown.protocol),
        **printed.context(shown.protocol, **shown.options),
    }
    return render(request, "protocol/approval.html", context, status=status)


def pauses(version: FrozenVersion) -> list[User]:
    """The log-ins of those who have yet to sign and may not do so now, since they have changed how they log in."""
    waiting = User.objects.filter(person__in=version.meeting.officers.values("person"), proof_changed_at__isnull=False)
    signed = version.signatures.values("person")
    return [user for user in waiting.exclude(person__in=signed).select_related("person") if user.signs_from]


def can_here(user: Any, meeting: Meeting, role: str, *, signed: bool) -> dict[str, bool]:
    """What the person may do with a text that is under approval; nobody signs twice."""
    verbs = ("refuse_change", "request_change", "withdraw")
    if meeting.state != State.APPROVAL:
        return dict.fromkeys(("sign", *verbs), False)
    return can(user, meeting, *verbs) | {"sign": bool(role) and not signed and may(user, f"sign_as_{role}", meeting)}


def requested(request: HttpRequest, version: FrozenVersion, allowed: dict[str, bool], bound: dict[str, Any]) -> dict[str, Any]:
    """The changes that were asked for, each open one with the form that says no to it, and the form that asks for one more."""
    asked = list(version.change_requests.select_related("person"))
    waiting = [change for change in asked if change.resolved_at is None]
    failed = bound.get("refuse_form")
    change_form = bound.get("change_form") or ""
    if allowed["request_change"] and not change_form:
        numbers = numbers_of(version.meeting)
        at = next((pk for pk, number in numbers.items() if str(number) == request.GET.get("paragraf")), None)
        change_form = RequestChangeForm(meeting=version.meeting, numbers=numbers, initial={"paragraph": at})
    return {
        "open_requests": waiting,
        "closed_requests": [change for change in asked if change.resolved_at],
        "refuse_forms": [
            (change, failed if failed and bound.get("refused") == change.pk else RefuseForm(auto_id=f"refuse_{change.pk}_%s"))
            for change in waiting
        ],
        "refuse_form": failed or "",
        "change_form": change_form,
    }


def changes(meeting: Meeting, version: FrozenVersion, protocol: Any) -> dict[str, Any]:
    """What is new since the version before, why it was taken back, and what had been asked for."""
    previous = meeting.versions.filter(n__lt=version.n).select_related("withdrawal__by__person").order_by("-n").first()
    if previous is None:
        return {"previous": None, "differences": []}
    return {"previous": previous, "differences": compare.differences(show_version(previous).protocol, protocol)}


def back(meeting: Meeting) -> HttpResponse:
    """To the signers' page."""
    return see("protocol:approval", meeting.pk)


def changed(request: HttpRequest, seen: FrozenVersion | None, current: FrozenVersion, **more: Any) -> HttpResponse:
    """The text is another than the one on the person's screen: 409 with the difference, and what was typed."""
    shown = show_version(current)
    context = {
        "meeting": current.meeting,
        "name": name_of(current.meeting),
        "version": current,
        "seen": seen,
        "differences": compare.differences(show_version(seen).protocol, shown.protocol) if seen else [],
        **more,
    }
    return render(request, "protocol/changed.html", context, status=409)


@tells_who_signs(Meeting)
@does("read_frozen", Meeting)
@require_safe
def approval(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The page that the mail links to. It opens the text and never signs."""
    return page(request, meeting)


@tells_who_signs(FrozenVersion)
@for_the_signer
@sensitive_post_parameters("password", "code")
@form_page
def sign(request: HttpRequest, version: FrozenVersion) -> HttpResponse:
    """Sign for oneself, in the office one was elected or appointed to, after giving the password (and the code) again."""
    meeting, user = version.meeting, request.user
    if posted(request) is None:  # the log-in came between
        return back(meeting)
    role = office_of(meeting, user)
    if meeting.state != State.APPROVAL:
        raise WrongState(meeting, "sign")
    throttled = not within_password_limit(request, user)
    lost = "" if throttled else actions.look_at_files(meeting)  # it reads the files: before anything is locked
    with turn(), actions.signing(version, by=user) as given:
        if given is not None:
            return signed_already(request, given)
        form = SignForm(request.POST, user=user, throttled=throttled)
        if form.is_valid():
            with told(form):
                seen = form.cleaned_data["seen"]
                signature = actions.sign(version, role=role, seen=seen, method=form.method, by=user, lost=lost)
                at = timezone.localtime(signature.signed_at)
                said = f"Du skrev under {date_format(at, 'j F Y')} kl. {at:%H:%M}. Ett kvitto kommer med mejl."
                messages.success(request, said)
                return back(meeting)
    if current := overtaken_by(form):
        return changed(request, meeting.versions.filter(sha256=form.cleaned_data["seen"]).first(), current)
    return page(request, meeting, sign_form=form, status=429 if throttled else 200)


@tells_who_signs(FrozenVersion)
@does("request_change", FrozenVersion)
@form_page
def request_change(request: HttpRequest, version: FrozenVersion) -> HttpResponse:
    """Ask for a change; nobody signs until it has been answered."""
    meeting = version.meeting
    if posted(request) is None:
        return back(meeting)
    form = RequestChangeForm(request.POST, meeting=meeting, numbers=numbers_of(meeting))
    if form.is_valid():
        with told(form):
            actions.request_change(version, by=request.user, **form.cleaned_data)
            messages.success(
                request, "Din begäran är skickad till ordföranden och sekreteraren. Ingen kan skriva under innan den är besvarad."
            )
            return back(meeting)
    if current := overtaken_by(form):
        return changed(request, version, current, change_form=form)
    return page(request, meeting, change_form=form)


@tells_who_signs(ChangeRequest)
@does("refuse_change", ChangeRequest)
@form_page
def refuse_change(request: HttpRequest, change: ChangeRequest) -> HttpResponse:
    """Say no to a change, with a reason."""
    if posted(request) is None:
        return back(change.meeting)
    form = RefuseForm(request.POST, auto_id=f"refuse_{change.pk}_%s")
    if form.is_valid():
        with told(form):
            actions.refuse_change(change, answer=form.cleaned_data["answer"], by=request.user)
            messages.success(request, "Begäran är avslagen och alla som skriver under har fått veta det.")
            return back(change.meeting)
    return page(request, change.meeting, refuse_form=form, refused=change.pk)


@does("withdraw", Meeting)
@form_page
def withdraw(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Take the text back, with a reason; every signature on it is void. The form is on the signers' page."""
    if posted(request) is None:
        return back(meeting)
    form = WithdrawTextForm(request.POST)
    if form.is_valid():
        actions.withdraw(meeting, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(
            request, "Protokollet är ett utkast igen. Inga underskrifter gäller, och alla som skrev under har fått veta det."
        )
        return see("protocol:protocol", meeting.pk)
    return page(request, meeting, withdraw_form=form)
