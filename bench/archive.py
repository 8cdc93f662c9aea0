"""The list of meetings and the search in protocols, with a hundred meetings and with ten thousand."""

from datetime import timedelta

from bench import Line, medians

FEW, MANY = 100, 10_000
PARAGRAPHS = 17
WORDS = ("budget", "lokaler", "arbetsmiljö", "skyddsrond", "rekrytering", "semester", "laddplatser", "organisation")


def measure() -> list[Line]:
    """The same pages, through the whole stack without the network, against a page of text in the same process."""
    from django.test import Client
    from django.urls import reverse

    from fvg.demo import LOGINS
    from people.models import User

    client, stranger = Client(headers={"host": "127.0.0.1"}), Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(email=LOGINS[0].email))
    jobs = {
        "list of meetings": reverse("meetings:list") + "?visa=tidigare",
        "list of protocols": reverse("protocol:archive"),
        "search for a common word": reverse("protocol:archive") + "?q=budget",
        "search for a rare word": reverse("protocol:archive") + "?q=vattenlilja",
    }

    def ask(client: Client, path: str):
        response = client.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path}: {response.status_code}")

    taken = {}
    for size in (FEW, MANY):
        fill(size)
        taken[size] = medians(
            lambda: ask(stranger, reverse("trust")), *(lambda path=path: ask(client, path) for path in jobs.values()), runs=9
        )
    lines = []
    for place, name in enumerate(jobs, start=1):
        for size in (FEW, MANY):
            lines.append(
                Line(f"{name}, {size} meetings", taken[size][place] / taken[size][0], "× a public page of text (/trygghet/)")
            )
    return lines


def fill(size: int) -> None:
    """Archived meetings up to `size`, each with the §§ that the search reads."""
    from meetings.models import Meeting
    from people.models import Group, today
    from protocol.models import Passage
    from record import guards

    guards.lift()  # nobody is archived at once: this is no life, only its weight
    group = Group.objects.get(kind="fvg")
    have = Meeting.objects.count()
    meetings = Meeting.objects.bulk_create(
        (
            Meeting(group=group, date=today() - timedelta(days=n), state="archived", place="Stora salen")
            for n in range(have, size)
        ),
        batch_size=1000,
    )
    guards.install()
    Passage.objects.bulk_create(
        (
            Passage(meeting=meeting, number=number, heading=f"Ärende {number}", words=told, folded=told.lower())
            for meeting in meetings
            for number in range(1, PARAGRAPHS + 1)
            for told in [text(meeting.pk, number)]
        ),
        batch_size=2000,
    )


def text(meeting: int, number: int) -> str:
    """Some hundred words, the same for the same meeting and §; one § in five thousand holds the rare word."""
    words = " ".join(f"Förvaltningschefen informerade om {WORDS[(meeting + number + n) % len(WORDS)]}." for n in range(20))
    return f"{words} En vattenlilja." if (meeting * PARAGRAPHS + number) % 5000 == 0 else words
