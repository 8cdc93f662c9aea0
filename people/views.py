"""Invitation, one's own profile, the registry, and the pages that tell who may do what."""

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from people import actions, confirming, invitations, inviting, letters, permissions, recognising, registry
from people.access import does, own_page, public_page
from people.allauth import log_in, proved_anew
from people.forms import ActivateForm, InviteForm, MailForm
from people.hashing import turn
from people.models import Group, Mandate, Person, Role, User, Waiting, by_shown_name, today
from record.forms import told
from record.pages import form_page, posted


@public_page
@never_cache
@sensitive_post_parameters()
def activate(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Choose the first password. A link that does not work says the same whatever is wrong with it."""
    user = invitations.invited(uid, token)
    if user is None:
        return render(request, "people/activate_gone.html", status=410)
    form = ActivateForm(posted(request), user=user)
    if form.is_valid():
        with turn(), told(form):
            actions.activate(user, password=form.cleaned_data["password"])
            logout(request)  # whoever sat here before
            messages.success(request, "Ditt inlogg är klart.")
            return log_in(request, User.objects.get(pk=user.pk))
        return render(request, "people/activate_gone.html", status=410)  # the same link in two tabs
    return render(request, "people/activate.html", {"form": form, "invited": user})


@public_page
@never_cache
def recognise(request: HttpRequest, token: str) -> HttpResponse:
    """Tell this browser from those who guess at a log-in, by the link that was mailed to its owner. It logs nobody in."""
    if not recognising.recognise(request, token):
        return render(request, "people/recognise_gone.html", status=410)
    messages.info(request, "Bra, då vet vi att det är du. Logga in med samma lösenord som förut.")
    return redirect("account_login")


@own_page
def profile(request: HttpRequest) -> HttpResponse:
    """One's own name, mandates and ways to log in."""
    mandates = (
        Mandate.objects.filter(person=request.user.person_id)
        .select_related("group", "party")
        .prefetch_related("party__names", "waiting")
        .order_by("-starts", "pk")
        if request.user.person_id
        else []
    )
    now = {row.mandate for row in request.user.held}
    return render(
        request,
        "people/profile.html",
        {
            "person": request.user.person,
            "current": [mandate for mandate in mandates if mandate.pk in now],
            "other": [mandate for mandate in mandates if mandate.pk not in now],
            "asked": Waiting.objects.filter(user=request.user, kind=Waiting.Kind.ADDRESS, settled_at__isnull=True).exists(),
        },
    )


@own_page
def choose_mail(request: HttpRequest) -> HttpResponse:
    """Which letters one gets and why, and which of them one would rather not have."""
    person = request.user.person
    form = MailForm(posted(request), user=request.user) if person else None
    if form is not None and form.is_valid():
        actions.choose_mail(person, silenced=form.silenced, by=request.user)
        messages.success(request, "Dina val är sparade.")
        return redirect("people:choose_mail")
    always = [kind for kind in letters.meant_for(request.user).values() if not kind.optional]
    return render(request, "people/choose_mail.html", {"form": form, "always": always})


@own_page
@require_POST
@proved_anew
def logout_everywhere(request: HttpRequest) -> HttpResponse:
    """End all of one's sessions, this one included."""
    actions.logout_everywhere(request.user)
    logout(request)
    messages.success(request, "Du är utloggad överallt.")
    return redirect("account_login")


@own_page
def overview(request: HttpRequest) -> HttpResponse:
    """The groups one keeps, as a tree with mandates and empty seats."""
    if not registry.keeps_registry(request.user):
        raise PermissionDenied
    return render(request, "people/registry.html", {"branches": registry.tree(registry.kept_groups(request.user))})


@does("administer", Group)
def group(request: HttpRequest, group: Group) -> HttpResponse:
    """The mandates of one group: today's, and those that have ended or not begun."""
    mandates = list(
        Mandate.objects.filter(group=group)
        .select_related("person__user", "party")
        .prefetch_related("party__names", "waiting")
        .in_printing_order()
    )
    now = set(Mandate.objects.valid_on(today()).filter(group=group).values_list("pk", flat=True))
    current = [mandate for mandate in mandates if mandate.pk in now]
    return render(
        request,
        "people/group.html",
        {
            "group": group,
            "current": current,
            "other": [mandate for mandate in mandates if mandate.pk not in now],
            "vacant": registry.vacant_in(group, current),
        },
    )


@does("administer", Group)
def invite(request: HttpRequest, group: Group, person: int) -> HttpResponse:
    """Invite somebody who has a mandate in this group, or send the invitation again."""
    invitee = get_object_or_404(Person.objects.filter(mandates__group=group).distinct(), pk=person)
    form = InviteForm(posted(request), person=invitee)
    if form.is_valid():
        with told(form, at="email"):
            inviting.invite(invitee, email=form.cleaned_data["email"], by=request.user)
            waits = confirming.waiting_words(invitee)
            messages.success(request, f"En inbjudan är på väg till {invitee}. {waits}".strip())
            return redirect("people:group", pk=group.pk)
    speaks = invitee.mandates.filter(role__in=Role.OF_UNIONS).exists()
    return render(request, "people/invite.html", {"form": form, "group": group, "invitee": invitee, "speaks": speaks})


@public_page
@never_cache
@form_page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Say yes or no to what somebody else has entered, by the link in a mail. Reading the page changes nothing."""
    thing, address = confirming.linked(token)
    if thing is None:
        return render(request, "people/confirm_gone.html", status=410)
    answer = request.POST.get("answer")
    if answer not in ("confirm", "refuse"):
        shown = thing.subject is None or not thing.subject.protected or confirming.is_to_its_own(thing, address)
        context = {"thing": thing, "shown": shown, "may_confirm": confirming.may_confirm(thing, address)}
        return render(request, "people/confirm.html", context)
    confirming.settle(thing, confirmed=answer == "confirm", by=None, address=address)
    return render(request, "people/confirm_done.html", {"confirmed": answer == "confirm"})


@own_page
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, for those who may be that one or who asked: see `concerning`."""
    things = confirming.concerning(request.user).filter(settled_at__isnull=True)
    rows = [(thing, confirming.why_not(thing, request.user), registry.is_open(request, thing.subject)) for thing in things]
    return render(request, "people/waiting.html", {"rows": rows})


@own_page
@require_POST
@proved_anew
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say yes or no as a second administrator, for one's union or one's own log-in, or take back what one has asked for oneself.

    Whoever does has just given the password.
    """
    thing = get_object_or_404(confirming.concerning(request.user), pk=pk)
    answer = request.POST.get("answer")
    if answer == "take_back":
        confirming.take_back(thing, by=request.user)
        messages.success(request, "Din begäran är återtagen. Inget har ändrats.")
    elif answer in ("confirm", "refuse"):
        confirming.settle(thing, confirmed=answer == "confirm", by=request.user)
        done = "Bekräftat. Det gäller från och med nu." if answer == "confirm" else "Avslaget. Inget har ändrats."
        messages.success(request, done)
    return redirect("people:waiting")


@own_page
def permission_table(request: HttpRequest) -> HttpResponse:
    """Who may do what, from the same table that decides it."""
    verbs = [
        {"label": row.label, "cells": [describe(row.cells[column]) for column in permissions.COLUMNS]}
        for row in permissions.table().values()
        if row.action not in permissions.PENDING
    ]
    context = {
        "rows": verbs,
        "columns": [permissions.COLUMN_NAMES[column] for column in permissions.COLUMNS],
        "letters": permissions.LETTER_NAMES,
        "suffixes": SUFFIXES,
    }
    return render(request, "people/permissions.html", context)


SUFFIXES = {
    "e": "bara det som är eget eller den egna organisationens",
    "t": "ersättare bara när hen tjänstgör",
    "o": "bara den som är utsedd på mötet",
    "b": "bara i nödfall, med skäl som alla berörda får veta",
}


def describe(cell: permissions.PermissionCell) -> dict[str, str]:
    """A cell for eyes (letters) and for ears (words)."""
    if not cell.states:
        return {"short": "–", "long": "aldrig"}
    everywhere = cell.states == frozenset(permissions.LETTERS)
    short = "*" if everywhere else "".join(letter for letter in permissions.LETTERS if letter in cell.states)
    names = [name for letter, name in permissions.LETTER_NAMES.items() if letter in cell.states]
    words = ["alltid"] if everywhere else names
    return {"short": short + cell.suffix, "long": ", ".join([*words, *([SUFFIXES[cell.suffix]] if cell.suffix else [])])}


@own_page
def representatives(request: HttpRequest, pk: int) -> HttpResponse:
    """The unions' representatives in a group and all groups below it, for those who have a mandate there."""
    below = Group.subtrees({pk})[pk]
    top = Group.objects.meeting_groups().filter(pk=pk).first()
    if top is None or not (request.user.is_staff or request.user.group_ids & below):
        raise Http404
    mandates = (
        Mandate.objects.valid_on(today())
        .filter(group__in=below, role__in=Role.OF_UNIONS, party__kind="union")
        .select_related("person", "party", "group")
        .prefetch_related("party__names")
        .order_by("party__position", "party", "group__kind", "group__name", "position", by_shown_name("person__"), "pk")
    )
    changed = Mandate.history.filter(group__in=below, role__in=Role.OF_UNIONS).order_by("-history_date").first()
    context = {"group": top, "mandates": mandates, "changed": changed.history_date if changed else None}
    return render(request, "people/representatives.html", context)
