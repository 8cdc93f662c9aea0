"""Write a motion: the one form for new, old and filed, and the draft thrown away."""

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from motions import sheet, versions, written
from motions.actions import changing, drafting
from motions.forms.claims import ClaimRow, ClaimRows
from motions.forms.writing import ChangeMotionForm, MotionForm
from motions.kinds import ASKING, Kind
from motions.models import Motion, voices
from motions.occasions import coming
from motions.states import State
from motions.views.common import demand_time, demand_turn, parties_of, timing
from people.access import does
from people.models import Group, Party
from record.fields import demand_together
from record.forms import overtaken_by, status_of, told
from record.pages import form_page, see, whole_number
from record.swedish import genitive, join
from record.text import diff_html

BEGUN = "begun"  # in the session: which draft each new form has become
MOST_BEGUN = 20


@does("draft_motion", Group)
@form_page
def draft(request: HttpRequest, group: Group) -> HttpResponse:
    """A new motion; nothing is kept until it is saved."""
    parties = parties_of(voices(request.user, "draft_motion", group.pk, anew=True))
    if not parties:
        raise PermissionDenied
    begun = _begun(request, group)
    if begun is not None:
        return Drafting(request, begun, [begun.party], went_back=True).answer()
    kind = request.GET.get("slag", "")
    motion = Motion(group=group, party=parties[0], kind=kind if kind in Kind.values else Kind.MOTION)
    return Drafting(request, motion, parties).answer()


@does("draft_motion", Motion)
@form_page
def edit(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Go on with a draft."""
    demand_time(motion, "draft_motion")
    return Drafting(request, motion, [motion.party]).answer()


@does("change_motion", Motion)
@form_page
def change(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Change what has been filed: a new version, seen by all who may read it."""
    demand_turn(request.user, "change_motion", motion)
    return Changing(request, motion, [motion.party]).answer()


@does("draft_motion", Motion)
@form_page
def discard(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Throw a draft away, after asking."""
    demand_time(motion, "draft_motion")
    if request.method == "POST":
        drafting.discard(motion, by=request.user)
        messages.success(request, "Utkastet är borttaget.")
        return see("motions:list")
    return render(request, "motions/discard.html", {"motion": motion})


def _begun(request: HttpRequest, group: Group) -> Motion | None:
    """The draft that this very form has begun already: the browser went back to it, or sent it twice. It is gone on with."""
    pk = request.session.get(BEGUN, {}).get(_fresh(request))
    return Motion.objects.visible_to(request.user).filter(pk=pk, group=group, state=State.DRAFT).first() if pk else None


def _fresh(request: HttpRequest) -> str:
    """What a form that began as a new one is known by."""
    return request.POST.get("fresh", "")[:32]


class Writing:
    """One visit to the form: it is read, one of its buttons is pressed, or what was typed is saved.

    What is the same for a draft and for what has been filed stands here; Drafting and Changing say what differs. The buttons of
    the att-satser are answered here too, so that the form works without a script.
    """

    form_class: ClassVar[type[MotionForm]] = MotionForm
    saves: ClassVar[tuple[str, ...]]  # the buttons that save

    def __init__(self, request: HttpRequest, motion: Motion, parties: list[Party]) -> None:
        self.request, self.motion, self.parties = request, motion, parties
        self.new = motion.pk is None
        self.before = written.values(motion)  # the form writes what was typed into the row
        self.claims = [] if self.new else list(motion.claims.prefetch_related("answers"))
        self.occasions = coming(motion.group)
        self.version = 0 if self.new else motion.version

    def answer(self) -> HttpResponse:
        """The page, or where one goes when what was typed is saved."""
        if self.request.method != "POST":
            self.form, self.rows = self.make_form(), ClaimRows.of(self.motion.kind, self.claims)
            self.rows.hold_to(self.claims)
            return self.page()
        self.version = self.read_version()
        self.form, self.rows = self.make_form(self.request.POST), ClaimRows.posted(self.request.POST)
        self.rows.hold_to(self.claims)
        rich = [name for name in written.WORDED if self.request.POST.get(f"{name}_format") == "html"]
        said = demand_together(self.request.POST, rich, most=drafting.MOST_CHARACTERS)
        self.too_much = said or drafting.too_much([*self.typed(), *self.rows.typed()])
        button, _, number = self.request.POST.get("do", "save").partition(":")
        if button == "show":
            return self.show()
        if button not in self.saves:
            return self.press(button, whole_number(number))
        if self.is_valid():
            with told(self.form):
                return self.save(button)
        return self.page(**self.collision())

    def make_form(self, data: Any = None, **more: Any) -> MotionForm:
        """The form of this visit, bound to `data` when something was posted."""
        return self.form_class(data, instance=self.motion, parties=self.parties, occasions=self.occasions, **more)

    def read_version(self) -> int:
        """The version that was read when the form was opened."""
        return whole_number(self.request.POST.get("version"))

    def typed(self) -> list[str]:
        """What was posted in the fields, read by nobody yet. The rich editor's HTML is counted by itself."""
        posted = self.request.POST
        return [posted.get(name, "") for name in written.WORDED if posted.get(f"{name}_format") != "html"]

    def kind(self) -> str:
        """The kind by which the att-satser are judged."""
        return self.request.POST.get("kind", "")

    def is_valid(self) -> bool:
        """Judge the form and its att-satser, both of them, so that everything is told at once."""
        valid = self.form.is_valid()
        if self.too_much:
            if self.rows.measure(self.kind()) and valid:
                self.form.add_error(None, self.too_much)
            return False
        return self.judge_rows() and valid

    def judge_rows(self) -> bool:
        """Judge the att-satser; what is wrong stands in their rows."""
        return self.rows.is_valid(self.kind())

    @property
    def fields(self) -> dict[str, Any]:
        """What was typed and judged, column by column."""
        return {name: self.form.cleaned_data[name] for name in written.NAMES}

    @property
    def party(self) -> Party:
        """For whom it is written."""
        chosen = self.form.cleaned_data.get("party")
        return next((party for party in self.parties if party.pk == chosen), self.parties[0])

    def save(self, button: str) -> HttpResponse:
        """Keep what was typed, and say where one goes. Raises what the verbs raise."""
        raise NotImplementedError

    def press(self, button: str, number: int) -> HttpResponse:
        """Add, move, remove or restore an att-sats; everything typed comes back, judged by nobody yet."""
        self.rows.press(button, number, self.request.POST, self.kind())
        self.rows.hold_to(self.claims)
        self.form = self.make_form(initial=self.form.typed())
        return self.page(unsaved=True)

    def show(self) -> HttpResponse:
        """As it will print, of what stands in the form now; nothing is saved, and what is wrong is told when it is."""
        if self.too_much:
            return render(self.request, "motions/_print.html", {"too_much": self.too_much})
        self.form.is_valid()
        typed = {name: self.form.cleaned_data[name] for name in written.PRINTED if self.form.cleaned_data.get(name)}
        shown = Motion(group=self.motion.group, party=self.party, **{"kind": Kind.MOTION} | typed)
        shown.filename, shown.description = self.motion.filename, self.motion.description
        self.rows.is_valid(shown.kind)
        printed = sheet.typed(shown, [] if shown.says else self.rows.cleaned)
        return render(self.request, "motions/_print.html", {"sheet": printed})

    def collision(self) -> dict[str, Any]:
        """When somebody else was first: both texts and the difference.

        What was typed stays in the form, for the version that stands.
        """
        current = overtaken_by(self.form)
        if current is None:
            return {}
        self.version = current.version
        theirs, mine = sheet.stored_text(current), sheet.as_text(self.fields, self.rows.cleaned)
        return {"theirs": theirs, "diff": diff_html(theirs, mine), "writer": sheet.last_writer(current), "unsaved": True}

    def page(self, **more: Any) -> HttpResponse:
        """The form, with everything that is wrong in one summary."""
        problems = [("", "", message) for message in self.form.non_field_errors()] if self.form.is_bound else []
        for field in self.form if self.form.is_bound else ():
            problems += [(f"#{field.id_for_label}", field.label, message) for message in field.errors]
        context = {
            "group": self.motion.group,
            "motion": None if self.new else self.motion,
            "parties": self.parties,
            "version": self.version,
            "occasions": self.occasions,
            "form": self.form,
            "rows": self.rows,
            "blank": ClaimRow(0),
            "asking": self.form["kind"].value() in ASKING,
            "problems": [{"href": href, "label": label, "message": message} for href, label, message in problems]
            + self.rows.problems,
            "union": join([genitive(sheet.short(party)) for party in self.parties]),
        }
        return render(self.request, "motions/edit.html", context | more, status=status_of(self.form))


class Drafting(Writing):
    """A draft, new or begun. `went_back`: the form was a new one, and the browser has gone back to it since it was saved."""

    saves = ("save", "review")

    def __init__(self, request: HttpRequest, motion: Motion, parties: list[Party], *, went_back: bool = False) -> None:
        super().__init__(request, motion, parties)
        self.went_back = went_back
        self.timing = timing(self.occasions, None if self.new else motion.aim)
        self.fresh = _fresh(request) if request.method == "POST" else uuid4().hex if self.new else ""

    def read_version(self) -> int:
        """The version that was read; when the browser went back, one's own last one, so that others' later words are told."""
        if self.went_back and sheet.last_writer(self.motion) == self.request.user:
            return self.motion.version
        return super().read_version()

    def is_valid(self) -> bool:
        """A new draft must have something in it."""
        valid = super().is_valid()
        if valid and self.new and not self.rows.cleaned and not any(self.fields[name] for name in written.WORDED):
            self.form.add_error("title", "Skriv något först: en rubrik, en text eller en att-sats.")
            return False
        return valid

    def save(self, button: str) -> HttpResponse:
        """Begin the draft if it is new, write it, and go on with it, or to where it is read before it is filed."""
        fields, user, motion, version = self.fields, self.request.user, self.motion, self.version
        with transaction.atomic():
            if self.new:
                motion = drafting.draft(motion.group, party=self.party, by=user, kind=fields["kind"])
                version = motion.version
            drafting.save_draft(motion, fields=fields, claims=self.rows.cleaned, version=version, by=user)
        if self.new and self.fresh:
            begun = self.request.session.get(BEGUN, {})
            self.request.session[BEGUN] = dict([*begun.items(), (self.fresh, motion.pk)][-MOST_BEGUN:])
        if self.rows.cleaned and (empty := self.rows.left_out):
            units = motion.words
            told_of_one = f"En tom {units.unit} togs inte med."
            messages.info(self.request, told_of_one if empty == 1 else f"{empty} tomma {units.units} togs inte med.")
        if button == "review":
            return see("motions:preview", motion.pk)
        messages.success(self.request, f"Utkastet är sparat {timezone.localtime():%H:%M}.")
        return see("motions:edit", motion.pk)

    def page(self, **more: Any) -> HttpResponse:
        return super().page(fresh=self.fresh, **self.timing, **more)


class Changing(Writing):
    """What has been filed: a new version. Its kind stays, and so do the att-satser that have been answered."""

    form_class = ChangeMotionForm
    saves = ("save",)

    def kind(self) -> str:
        """The kind that was filed."""
        return self.motion.kind

    def judge_rows(self) -> bool:
        """What has been answered stands as it was."""
        return super().judge_rows() and self.rows.check_against(self.motion.kind, self.claims)

    def save(self, button: str) -> HttpResponse:
        """Make the new version, unless everything is as it was, and go back to where it is read."""
        motion = self.motion
        if self.is_as_it_was():
            messages.info(self.request, "Inget är ändrat, så det blev ingen ny version.")
            return see("motions:motion", motion.pk)
        lapsed = changing.change(
            motion,
            fields=self.fields,
            claims=self.rows.cleaned,
            version=self.version,
            by=self.request.user,
            why=self.form.cleaned_data["why"],
        )
        ended = f" {genitive(join(map(sheet.short, lapsed)))} stöd för det som ändrades har upphört." if lapsed else ""
        messages.success(self.request, f"Ändringen är sparad som version {versions.number(motion)}.{ended}")
        return see("motions:motion", motion.pk)

    def is_as_it_was(self) -> bool:
        """Nothing was changed, neither here nor by anybody else."""
        stored = [{"text": claim.text, "points": claim.points, "pk": claim.pk} for claim in self.claims]
        return stored == self.rows.cleaned and self.fields == self.before and self.version == self.motion.version

    def page(self, **more: Any) -> HttpResponse:
        return super().page(changing=True, **more)
