"""Wait for a PDF that one has asked for, and fetch it. Nobody sees anybody else's."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from people.access import own_page
from protocol import drawings
from protocol.models import Drawing
from protocol.views.common import hand_out


def own(request: HttpRequest, pk: int) -> Drawing:
    """The person's own drawing, else 404: also when it has been thrown away."""
    drawing = Drawing.objects.filter(user=request.user, pk=pk).select_related("meeting__group", "item").first()
    if drawing is None:
        raise Http404
    return drawing


@own_page
@require_safe
def drawing(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it has come. The page asks again by itself, and goes on to the file."""
    wanted = own(request, pk)
    done = wanted.state == Drawing.State.DONE
    if request.htmx and done:
        return HttpResponseClientRedirect(reverse("protocol:drawn", args=[pk]))
    context = {
        "drawing": wanted,
        "done": done,
        "failed": wanted.state == Drawing.State.FAILED,
        "ahead": drawings.ahead_of(wanted),
    }
    return render(request, "protocol/_drawing.html" if request.htmx else "protocol/drawing.html", context)


@own_page
@require_safe
def drawn(request: HttpRequest, pk: int) -> HttpResponse:
    """The file."""
    wanted = own(request, pk)
    if wanted.state != Drawing.State.DONE:
        raise Http404
    return hand_out(request, wanted)
