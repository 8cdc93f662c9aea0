"""What the site answers where a view has nothing to show."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from record.pages import by_script


class ButtonsOnly:
    """A kind page for who comes by a link, the back button or after a log-in to the address of a button (405)."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.content or by_script(request):
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page
