"""`make shots`: a picture of every page, for every role of the demonstration, on a phone, a tablet and a desktop.

They are laid in shots/<width>/<role>/<page>.png. With --readme: only the picture in README, docs/desk.png. With --only WORD:
the pages whose name holds the word.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.throwaway import ROOT, demonstration, server, session_key

SHOTS = ROOT / "shots"
README = ROOT / "docs" / "desk.png"
WIDTHS = {360: 780, 768: 1024, 1280: 900}
# What looks different in each state of the meeting is seen in each; the rest in the first state where the role may.
STATEFUL = ("meetings:meeting", "protocol:protocol", "protocol:approval", "motions:motion")
LETTERS = "UJSKPA"
WRITTEN = (
    "Förvaltningschefen informerade om vårens planteringar och om rekryteringen av säsongsanställda. Tolv av arton är klara.",
    "Lövförbundet frågade hur introduktionen läggs upp när så många börjar samma vecka.",
    "Förvaltningen återkommer med en plan till nästa möte.",
)
NOT_PAGES = (
    "health",
    "protocol:pdf",
    "protocol:drawn",
    "protocol:draft_pdf",
    "protocol:export_matter_to_board",
    "protocol:export_to_board",
    "protocol:line",
    "meetings:calendar",
    "meetings:export_balance",
    "meetings:export_group_balance",
    "meetings:appendix",
    "people:activate",
    "meetings:desk",
)
ALLAUTH = (
    "account_email",
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "usersessions_list",
    "mfa_index",
)
ENTRANCE = ("account_login", "account_reset_password", "accessibility", "trust", "protocol:verify")


def addresses(user: Any) -> Iterator[tuple[str, str]]:
    """Name and address of every page that this user may open, one object for each state."""
    from django.urls import reverse

    from people.models import Group, Person
    from people.permissions import may
    from tests.world import pages

    yield from ((name, reverse(name)) for name in ALLAUTH)
    for page in pages():
        if page.name in NOT_PAGES:
            continue
        given: dict[str, Any] = {"role": "sekreterare"}
        if page.model is None and "pk" not in page.arguments:
            if page.arguments <= given.keys():
                yield page.name, reverse(page.name, kwargs={name: given[name] for name in page.arguments})
            continue
        seen = set()
        things = (page.model or Group)._default_manager.visible_to(user)
        for thing in sorted(things, key=lambda thing: (LETTERS.find(getattr(thing, "letter", None) or "*"), thing.pk)):
            state = getattr(thing, "state", "")
            if state in seen or (seen and page.name not in STATEFUL) or (page.model and not may(user, page.action, thing)):
                continue
            person = Person.objects.filter(mandates__group=thing.group_id).first()
            if "person" in page.arguments and person is None:
                continue
            given |= {"pk": thing.pk, "person": person.pk if person else 0}
            seen.add(state)
            name = f"{page.name}-{state}" if page.name in STATEFUL else page.name
            yield name, reverse(page.name, kwargs={name: given[name] for name in page.arguments})


def window(browser: Browser, address: str, user: Any, width: int = min(WIDTHS)) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]}, locale="sv-SE", timezone_id="Europe/Stockholm"
    )
    if user is not None:
        from django.conf import settings

        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_key(user), "url": address}])
    return context.new_page()


def shoot(browser: Browser, address: str, only: str) -> int:
    """Photograph everything; gives the number of pictures."""
    from django.urls import reverse

    from fvg.demo import LOGINS
    from people.models import User

    people: dict[str, Any] = {login.email.partition("@")[0]: User.objects.get(email=login.email) for login in LOGINS}
    taken = 0
    for role, user in [*people.items(), ("utloggad", None)]:
        pages = list(addresses(user)) if user else [(name, reverse(name)) for name in ENTRANCE]
        page = window(browser, address, user)
        for name, path in pages:
            if only not in name or not is_page(page, address + path):
                continue
            for width, height in WIDTHS.items():  # the page is read once, and laid out anew for each width
                folder = SHOTS / str(width) / role
                folder.mkdir(parents=True, exist_ok=True)
                page.set_viewport_size({"width": width, "height": height})
                page.screenshot(path=folder / f"{name.replace(':', '-')}.png", full_page=True)
                taken += 1
        page.context.close()
        print(f"{role}: {taken}", flush=True)
    return taken


def is_page(page: Page, address: str) -> bool:
    """Go there; False when what answers is no page for this person (a post, a file, a state in which it cannot be done)."""
    answer = page.context.request.get(address, max_redirects=0)
    if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
        return False
    page.goto(address)
    return True


def paper() -> None:
    """The pages of the sealed PDF, one picture each."""
    from protocol.models import SealedProtocol

    folder = SHOTS / "pdf"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "protokoll.pdf"
    file.write_bytes(bytes(SealedProtocol.objects.latest("pk").pdf))
    subprocess.run(["pdftoppm", "-r", "70", "-png", str(file), str(folder / "sida")], check=True)


def readme(browser: Browser, address: str) -> None:
    """The desk with a § open, as it is when somebody writes in the middle of a meeting."""
    from django.urls import reverse

    from fvg.demo import LOGINS
    from meetings.models import Paragraph
    from people.models import User

    by = User.objects.get(email=LOGINS[0].email)
    paragraph = Paragraph.objects.filter(meeting__state="draft", slug="operations").first()
    begin(paragraph, by=by)
    page = window(browser, address, by, 1280)
    page.goto(address + reverse("meetings:write", args=[paragraph.pk]))
    page.locator(".desk-text .paragraph:not([hidden]) .editor-text").first.click()
    for at, line in enumerate(WRITTEN):
        if at:
            page.keyboard.press("Enter")
        page.keyboard.type(line)
    page.keyboard.press("Control+s")
    page.wait_for_timeout(2000)
    page.get_by_text("Sparat").first.wait_for()
    page.evaluate("scrollTo(0, document.querySelector('.desk-bar').getBoundingClientRect().top + scrollY)")
    README.parent.mkdir(exist_ok=True)
    page.screenshot(path=README)


def begin(paragraph: Any, *, by: Any) -> None:
    """A meeting that has come to this §: who is there, and the §§ before it written and done."""
    from meetings.actions import agenda, attendance

    meeting = paragraph.meeting
    for at, row in enumerate(meeting.attendances.filter(status="expected")):
        attendance.mark(row, status="present" if at != 5 else "absent", by=by)
    said = {
        "opening": "Ordföranden öppnar mötet och hälsar alla välkomna.",
        "secretary": "Stina Almgren utses till sekreterare.",
        "adjuster": "Lövförbundets representant utses att justera. Justering sker om en vecka.",
        "previous": "Föregående protokoll läggs till handlingarna.",
        "agenda": "Dagordningen godkänns.",
        "personnel": "Personalföreträdarna deltar vid nämndens sammanträde.",
    }
    for row in meeting.paragraphs.filter(position__lt=paragraph.position):
        agenda.edit_text(row, fields={"text": said.get(row.slug, "Inget att anteckna.")}, version=row.version, by=by)
        agenda.set_done(row, done=True, by=by)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--only", default="", metavar="WORD")
    options = parser.parse_args()
    with demonstration() as address, server(address), sync_playwright() as playwright:
        from tests.browser.base import ARGS, CHROMIUM  # it needs Django to be set up

        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        if options.readme:
            readme(browser, address)
            print(README.relative_to(ROOT))
        else:
            taken = shoot(browser, address, options.only)
            paper()
            print(f"{taken} pictures in {SHOTS.relative_to(ROOT)}/")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
