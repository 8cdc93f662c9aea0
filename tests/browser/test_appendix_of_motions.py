"""A whole appendix of motions through the forms: three union persons, two managers, and the print holds their words in order."""

from django.urls import reverse
from playwright.sync_api import Page, expect

from motions.models import Motion
from people.models import Role, User
from protocol import exports
from protocol.document import build, whole
from tests import factories as make
from tests.browser.base import PHONE, BrowserTestCase
from tests.cast import Cast

TITLE = "Yrkanden från facklig part gällande parkernas budget"
BACKGROUND = (
    "I underlaget står att det blir svårt att få tag i trädvårdare. Lövförbundet delar den bilden.",
    "Lön och arbetsmiljö avgör om de som finns stannar kvar, och om nya söker.",
)
FIRST = (
    "förvaltningen tillsammans med facken tar fram åtgärder för att behålla och rekrytera trädvårdare.",
    "förvaltningen bevakar bemanningen i växthuset. Den ska följas upp varje kvartal.",
)
SECOND = "nya arbetsledare får handledning under sitt första år."
ANSWERS = (
    "Förvaltningen har ett pågående arbete i frågan och fortsätter det tillsammans med facken.",
    "Bemanningen ska alltid motsvara uppdragen. Det gäller också växthuset.",
    "Handledning finns i dag, men inte för alla.",
)


class AppendixOfMotionsTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.cast = cast = Cast()
        _ = (cast.chair, cast.secretary, cast.employer, cast.other_rep)
        self.manager = make.make_member(cast.group, Role.EMPLOYER_REP, "Maja Häggström", title="enhetschef")
        # One person speaks for two unions that share a seat.
        self.third = make.make_member(
            cast.group, "union_rep", "Tove Salix", party=make.make_party("Rotunionen", "RU", position=3)
        )
        make.make_mandate(self.third, cast.group, "union_rep", party=make.make_party("Kvistfacket", "KF", position=4))
        self.meeting = cast.meeting("draft")
        self.windows: dict[int, Page] = {}

    def at(self, user: User, name: str, *args: int, **options) -> Page:
        page = self.windows.get(user.pk) or self.windows.setdefault(user.pk, self.log_in(user, **options))
        return self.open(page, reverse(name, args=args))

    def file(self, title: str, background: tuple[str, ...], claims: tuple[str, ...]) -> Motion:
        page = self.at(self.cast.union_rep, "motions:draft", self.cast.group.pk, size=PHONE, has_touch=True, is_mobile=True)
        page.get_by_label("Rubrik").fill(title)
        page.locator(".editor-text").first.click()
        for number, part in enumerate(background):
            if number:
                page.keyboard.press("Enter")
            page.keyboard.type(part)
        for number, claim in enumerate(claims, start=1):
            if number > 1:
                page.get_by_role("button", name="Lägg till att-sats").click()
            page.get_by_label(f"Att-sats {number}", exact=True).fill(claim)
        page.get_by_role("button", name="Granska och lämna in").click()
        page.get_by_role("button", name="Lämna in", exact=True).click()
        expect(page.get_by_text("Inlämnat. Mottagningsnummer")).to_be_visible()
        return Motion.objects.latest("filed_at")

    def support(self, user: User, motion: Motion, number: int, union: str, *, several: bool = False) -> None:
        page = self.at(user, "motions:motion", motion.pk)
        page.get_by_role("button", name=f"Stöd{f' som {union}' if several else ''} att-sats {number}").click()
        expect(page.get_by_text(f"{union} stödjer nu att-sats {number}.")).to_be_visible()

    def answer(self, user: User, motion: Motion, number: int, text: str, outcome: str = "answered") -> None:
        page = self.at(user, "motions:motion", motion.pk)
        page.get_by_role("link", name=f"Svara på att-sats {number}").click()
        page.get_by_label("Utfall").select_option(outcome)
        page.locator(".editor-text").first.click()
        page.keyboard.type(text)
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
        where.select_option(label=next(one for one in where.locator("option").all_inner_texts() if paragraph in one))
        card.get_by_label("Skrivs ut").select_option(label=printed)
        if title:
            card.get_by_label("Rubrik på ny bilaga").fill(title)
        card.get_by_label("Berätta om det under Godkännande av dagordning").check()
        card.get_by_role("button", name="Placera").click()
        expect(page.get_by_text(f"”{motion.title}” är placerat.")).to_be_visible()

    def test_three_union_persons_and_two_managers_fill_an_appendix(self):
        cast = self.cast
        first = self.file("Kompetens i parkerna", BACKGROUND, FIRST)
        second = self.file("Nya arbetsledare", ("Ett gott ledarskap börjar första dagen.",), (SECOND,))
        self.support(cast.other_rep, first, 1, "BF")
        self.support(cast.other_rep, first, 2, "BF")
        self.support(cast.other_rep, second, 1, "BF")
        self.support(self.third, first, 2, "RU", several=True)
        self.support(self.third, second, 1, "KF", several=True)
        self.answer(cast.employer, first, 1, ANSWERS[0])
        self.answer(self.manager, first, 2, ANSWERS[1])
        self.answer(self.manager, second, 1, ANSWERS[2], "partly_granted")
        self.release(first)
        self.release(second)
        self.place(first, "Ärenden inför beslut", printed="i en ny bilaga", title=TITLE)
        self.place(second, "Ärenden inför beslut", printed=f"i bilagan {TITLE}")
        page = self.at(cast.secretary, "meetings:place", self.meeting.pk)
        self.assert_accessible(page)
        self.shot(page, "place-motions")
        page = self.at(cast.secretary, "protocol:protocol", self.meeting.pk)
        expect(page.locator(".document-appendix").first).to_contain_text(TITLE)
        self.assert_accessible(page)
        self.shot(page, "appendix-of-motions")
        self.assert_in_order(
            exports.as_txt(build(whole(self.meeting.pk)), mode="draft"),
            [
                "med tillägg av yrkanden från LF under §", "gällande Kompetens i parkerna och Nya arbetsledare, se bilaga 1",
                "LFs yrkanden och förvaltningens svar biläggs protokollet, se bilaga 1.", TITLE, "LFs yrkanden:",
                "1. Kompetens i parkerna", *BACKGROUND, "LF yrkar:",
                f"att {FIRST[0]}", "Barrfacket stödjer LFs yrkande.", "Besvaras:", ANSWERS[0],
                f"att {FIRST[1]}", "Barrfacket och Rotunionen stödjer LFs yrkande.", "Besvaras:", ANSWERS[1],
                "2. Nya arbetsledare", "Ett gott ledarskap börjar första dagen.", "LF yrkar:",
                f"att {SECOND}", "Barrfacket och Kvistfacket stödjer LFs yrkande.", "Förvaltningens svar: yrkandet bifalls delvis.", ANSWERS[2],
            ],
        )  # fmt: skip

    def assert_in_order(self, printed: str, parts: list[str]) -> None:
        """Every part stands in the print, each after the one before it."""
        printed, at = " ".join(printed.replace("**", "").replace("\xa0", " ").split()), 0
        for part in parts:
            found = printed.find(part, at)
            self.assertGreaterEqual(found, 0, f"{part!r} does not come after {printed[max(0, at - 80) : at]!r}")
            at = found + len(part)
