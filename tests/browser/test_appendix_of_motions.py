"""A whole appendix of motions through the forms: three union persons, two managers, and the print holds their words in order."""

import json
from typing import NamedTuple

from django.urls import reverse
from playwright.sync_api import Page, expect

from meetings.models import Meeting
from motions.models import Motion
from people.models import Role, User
from protocol import exports
from protocol.document import build
from tests import factories as make
from tests.browser.base import PHONE, BrowserTestCase
from tests.cast import Cast
from tests.samples import sample


class Asked(NamedTuple):
    """An att-sats without its "att", who supports it, and the answer that it gets."""

    text: str
    supporters: tuple[str, ...]
    answer: str
    outcome: str = "answered"


class Filed(NamedTuple):
    title: str
    background: tuple[str, ...]
    claims: tuple[Asked, ...]


# The union that asks, the one that supports everything, and the two that one person speaks for.
UNIONS = ("LF", "Barrfacket", "Rotunionen", "Kvistfacket")
TITLE = "Yrkanden från facklig part gällande parkernas budget"
MOTIONS = (
    Filed(
        "Kompetens i parkerna",
        (
            "I underlaget står att det blir svårt att få tag i trädvårdare. Lövförbundet delar den bilden.",
            "Lön och arbetsmiljö avgör om de som finns stannar kvar, och om nya söker.",
        ),
        (
            Asked(
                "förvaltningen tillsammans med facken tar fram åtgärder för att behålla och rekrytera trädvårdare.",
                UNIONS[1:2],
                "Förvaltningen har ett pågående arbete i frågan och fortsätter det tillsammans med facken.",
            ),
            Asked(
                "förvaltningen bevakar bemanningen i växthuset. Den ska följas upp varje kvartal.",
                UNIONS[1:3],
                "Bemanningen ska alltid motsvara uppdragen. Det gäller också växthuset.",
            ),
        ),
    ),
    Filed(
        "Nya arbetsledare",
        ("Ett gott ledarskap börjar första dagen.",),
        (
            Asked(
                "nya arbetsledare får handledning under sitt första år.",
                (UNIONS[1], UNIONS[3]),
                "Handledning finns i dag, men inte för alla.",
                "partly_granted",
            ),
        ),
    ),
)
LABELS = {"answered": "Besvaras:", "partly_granted": "Förvaltningens svar: yrkandet bifalls delvis."}


class AppendixOfMotionsTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.cast = cast = Cast()
        _ = (cast.chair, cast.secretary, cast.employer)
        self.managers = (cast.employer, make.make_member(cast.group, Role.EMPLOYER_REP, "Maja Häggström", title="enhetschef"))
        self.meeting = cast.meeting("draft")
        self.windows: dict[int, Page] = {}

    def seat(self, unions: tuple[str, str, str, str]) -> None:
        """Three persons; the third speaks for two unions that share a seat."""
        parties = [make.make_party(name, name, position=number) for number, name in enumerate(unions, start=1)]
        names = ("Ulf Rönn", "Orvar Gran", "Tove Salix")
        persons = [
            make.make_member(self.cast.group, "union_rep", name, party=party)
            for name, party in zip(names, parties[:3], strict=True)
        ]
        make.make_mandate(persons[2], self.cast.group, "union_rep", party=parties[3])
        self.union_rep = persons[0]
        self.speaks = dict(zip(unions[1:], (persons[1], persons[2], persons[2]), strict=True))

    def at(self, user: User, name: str, *args: int, **options) -> Page:
        page = self.windows.get(user.pk) or self.windows.setdefault(user.pk, self.log_in(user, **options))
        return self.open(page, reverse(name, args=args))

    def file(self, filed: Filed) -> Motion:
        page = self.at(self.union_rep, "motions:draft", self.cast.group.pk, size=PHONE, has_touch=True, is_mobile=True)
        page.get_by_label("Rubrik").fill(filed.title)
        page.locator(".editor-text").first.click()
        for number, part in enumerate(filed.background):
            if number:
                page.keyboard.press("Enter")
            page.keyboard.insert_text(part)
        for number, claim in enumerate(filed.claims, start=1):
            if number > 1:
                page.get_by_role("button", name="Lägg till att-sats").click()
            page.get_by_label(f"Att-sats {number}", exact=True).fill(claim.text)
        page.get_by_role("button", name="Granska och lämna in").click()
        page.get_by_role("button", name="Lämna in", exact=True).click()
        expect(page.get_by_text("Inlämnat. Mottagningsnummer")).to_be_visible()
        return Motion.objects.latest("filed_at")

    def support(self, union: str, motion: Motion, number: int) -> None:
        user = self.speaks[union]
        several = list(self.speaks.values()).count(user) > 1
        page = self.at(user, "motions:motion", motion.pk)
        page.get_by_role("button", name=f"Stöd{f' som {union}' if several else ''} att-sats {number}").click()
        expect(page.get_by_text(f"{union} stödjer nu att-sats {number}.")).to_be_visible()

    def answer(self, user: User, motion: Motion, number: int, text: str, outcome: str = "answered") -> None:
        page = self.at(user, "motions:motion", motion.pk)
        page.get_by_role("link", name=f"Svara på att-sats {number}").click()
        page.get_by_label("Utfall").select_option(outcome)
        page.locator(".editor-text").first.click()
        page.keyboard.insert_text(text)
        page.get_by_role("button", name="Spara", exact=False).first.click()
        expect(page.get_by_text("Svaret är sparat")).to_be_visible()

    def release(self, motion: Motion) -> None:
        page = self.at(self.cast.chair, "motions:motion", motion.pk)
        while page.get_by_role("link", name="Lämna ut svaret").count():
            page.get_by_role("link", name="Lämna ut svaret").first.click()
            page.get_by_role("button", name="Lämna ut svaret").click()
            expect(page.get_by_text("Svaret är utlämnat.")).to_be_visible()

    def place(self, motion: Motion, paragraph: str, *, printed: str, title: str = "") -> None:
        page = self.at(self.cast.secretary, "meetings:place", self.meeting.pk)
        card = page.get_by_role("region", name=motion.title)
        where = card.get_by_label("Tas upp under")
        where.select_option(label=next(option for option in where.locator("option").all_inner_texts() if paragraph in option))
        card.get_by_label("Skrivs ut").select_option(label=printed)
        if title:
            card.get_by_label("Rubrik på ny bilaga").fill(title)
        card.get_by_label("Berätta om det under Godkännande av dagordning").check()
        card.get_by_role("button", name="Placera").click()
        expect(page.get_by_text(f"”{motion.title}” är placerat.")).to_be_visible()

    def fill(self, motions: tuple[Filed, ...], title: str) -> None:
        """From the first draft to the appendix, each step by the one who takes it."""
        filed = [self.file(wanted) for wanted in motions]
        asked = [
            (motion, number, claim)
            for motion, wanted in zip(filed, motions, strict=True)
            for number, claim in enumerate(wanted.claims, start=1)
        ]
        for motion, number, claim in asked:
            for union in claim.supporters:
                self.support(union, motion, number)
        for place, (motion, number, claim) in enumerate(asked):
            self.answer(self.managers[min(place, 1)], motion, number, claim.answer, claim.outcome)
        for motion in filed:
            self.release(motion)
        printed = ["i en ny bilaga", *[f"i bilagan {title}"] * len(filed)]
        for motion, where in zip(filed, printed, strict=False):
            self.place(motion, "Ärenden inför beslut", printed=where, title=title if where == printed[0] else "")

    def assert_printed(self, motions: tuple[Filed, ...], title: str, union: str) -> None:
        """The § tells of the appendix, and the appendix holds everything that was written, in order."""
        names = " och ".join(motion.title for motion in motions)
        parts = [
            f"med tillägg av yrkanden från {union} under §",
            f"gällande {names}, se bilaga 1",
            f"{union}s yrkanden och förvaltningens svar biläggs protokollet, se bilaga 1.",
            title,
            f"{union}s yrkanden:",
        ]
        for number, motion in enumerate(motions, start=1):
            parts += [f"{number}. {motion.title}", *motion.background, f"{union} yrkar:"]
            for claim in motion.claims:
                stand_behind = f"{' och '.join(claim.supporters)} stödjer {union}s yrkande."
                parts += [f"att {claim.text}", stand_behind, LABELS[claim.outcome], claim.answer]
        self.assert_in_order(exports.as_txt(build(Meeting.objects.whole().get(pk=self.meeting.pk)), mode="draft"), parts)

    def test_three_union_persons_and_two_managers_fill_an_appendix(self):
        self.seat(UNIONS)
        self.fill(MOTIONS, TITLE)
        page = self.at(self.cast.secretary, "meetings:place", self.meeting.pk)
        self.assert_accessible(page)
        self.shot(page, "place-motions")
        page = self.at(self.cast.secretary, "protocol:protocol", self.meeting.pk)
        expect(page.locator(".document-appendix").first).to_contain_text(TITLE)
        self.assert_accessible(page)
        self.shot(page, "appendix-of-motions")
        self.assert_printed(MOTIONS, TITLE, UNIONS[0])

    def test_so_does_the_appendix_of_a_sample_protocol(self):
        path = sample("gold/000.protocol.json")
        read = json.loads(path.read_text(encoding="utf-8"))
        motions = tuple(
            Filed(
                motion["title"],
                tuple(motion["background"].split("\n\n")),
                tuple(
                    Asked(claim["text"].removeprefix("att "), tuple(claim["supporters"]), claim["answer"], claim["outcome"])
                    for claim in motion["claims"]
                ),
            )
            for motion in read["motions"]
        )
        supporters = list(dict.fromkeys(union for motion in motions for claim in motion.claims for union in claim.supporters))
        unions = (read["motions"][0]["party"], *supporters)
        title = next(appendix["title"] for appendix in read["appendices"] if appendix["number"] == read["motions"][0]["appendix"])
        self.seat(unions)
        self.fill(motions, title)
        self.assert_printed(motions, title, unions[0])

    def assert_in_order(self, printed: str, parts: list[str]) -> None:
        """Every part stands in the print, each after the one before it."""
        printed, at = " ".join(printed.replace("**", "").replace("\xa0", " ").split()), 0
        for part in parts:
            found = printed.find(part, at)
            self.assertGreaterEqual(found, 0, f"{part!r} does not come after {printed[max(0, at - 80) : at]!r}")
            at = found + len(part)
