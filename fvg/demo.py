"""An invented förvaltning to try everything in: groups, people, meetings and motions in every state. Safe to run again."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from meetings.actions import agenda, attendance, balance, board, disagreements, placing, planning
from meetings.models import Attendance, BalanceItem, BoardEntry, Item, Meeting
from meetings.models.meeting import STOCKHOLM
from motions.actions import answering, changing, drafting, filing, supporting
from motions.models import Claim, Motion
from people.models import Group, Mandate, Party, PartyName, Person, Role, User, today
from protocol import actions, sealing
from protocol.models import FrozenVersion
from record.history import remember
from record.moves import moving

PASSWORD = "demo-parken-2026"  # noqa: S105 known to everybody; the command refuses to run without DEMO=1
ORGANISATION = "Parkförvaltningen"
DEMO = "demo"


@dataclass(frozen=True)
class Login:
    """One of the demonstration's log-ins, and what its owner does."""

    email: str
    name: str
    does: str


LOGINS = (
    Login("sekreterare@demo.fvg.example", "Stina Almgren", "sekreterare: kallar, skriver protokollet, skriver under"),
    Login("ordforande@demo.fvg.example", "Cecilia Björkman", "ordförande: leder mötet, skriver under"),
    Login("justerare@demo.fvg.example", "Ulla Ekdal", "justerare och facklig representant för Lövförbundet"),
    Login("facklig@demo.fvg.example", "Ulf Rönnberg", "facklig representant för Lövförbundet: lämnar yrkanden"),
    Login("facklig2@demo.fvg.example", "Orvar Granlund", "facklig representant för Barrfacket: stödjer andras yrkanden"),
    Login("ersattare@demo.fvg.example", "Signe Hassel", "ersättare för Lövförbundet"),
    Login("skyddsombud@demo.fvg.example", "Helge Tallberg", "huvudskyddsombud, Barrfacket"),
    Login("arbetsgivare@demo.fvg.example", "Erik Lindblad", "arbetsgivarrepresentant, HR-chef: svarar på yrkanden"),
    Login("hr@demo.fvg.example", "Hanna Sälgfors", "HR: register, söker och hämtar protokoll"),
    Login("revisor@demo.fvg.example", "Rut Oxelström", "revisor: läser och granskar loggen"),
    Login("admin@demo.fvg.example", "", "systemadministratör: konton och register, inga protokoll"),
    Login("svg@demo.fvg.example", "Vera Hägg", "sekreterare i SVG Norra parkerna"),
)


def build() -> bool:
    """Lay the demonstration down; False when it is there already."""
    if Group.objects.filter(organisation=ORGANISATION, kind="fvg").exists():
        return False
    with transaction.atomic():
        _Demo().build()
    return True


def save(row):
    remember(row, by=None, verb=DEMO)
    return row


def weekday(day: date, *, back: bool = False) -> date:
    """The same day, or the nearest working day after (or before) a weekend."""
    while day.weekday() > 4:
        day += timedelta(days=-1 if back else 1)
    return day


class _Demo:
    """The building of it; only what the parts share is kept here."""

    def build(self) -> None:
        self.groups()
        self.parties()
        self.people()
        self.sealed_and_archived()
        self.adjusted()
        self.approval()
        self.draft()
        self.called_and_planned()
        self.cancelled()
        self.other_groups()

    def groups(self) -> None:
        self.board = save(
            Group(kind="board", name="Parknämnden", definite="parknämnden", abbreviation="PN", organisation=ORGANISATION)
        )
        central = save(
            Group(
                kind="central",
                name="Centrala samverkansgruppen",
                definite="centrala samverkansgruppen",
                abbreviation="CSG",
                organisation="Ekstads kommun",
            )
        )
        self.fvg = save(
            Group(
                kind="fvg",
                name="Förvaltningsgruppen",
                definite="förvaltningsgruppen",
                abbreviation="FVG",
                organisation=ORGANISATION,
                parent=central,
                board=self.board,
                is_safety_committee=True,
                negotiation_days=10,
            )
        )
        self.svg = [
            save(
                Group(
                    kind="svg",
                    name=f"SVG {name}",
                    definite="samverkansgruppen",
                    abbreviation=f"SVG {name}",
                    organisation=ORGANISATION,
                    parent=self.fvg,
                    empty_paragraphs=Group.Empty.KEEP if name == "Staberna" else Group.Empty.DROP,
                )
            )
            for name in ("Norra parkerna", "Södra parkerna", "Staberna")
        ]

    def parties(self) -> None:
        self.employer = save(Party(kind=Party.Kind.EMPLOYER, position=0))
        save(PartyName(party=self.employer, name="Parkförvaltningen", abbreviation="förvaltningen"))
        names = (
            ("Lövförbundet", "LF"),
            ("Barrfacket", "BF"),
            ("Trädgårdsmästarna", "TM"),
            ("Parkingenjörernas riksförbund", "PR"),
            ("Chefsringen", "CR"),
        )
        self.unions: list[Party] = []
        for position, (name, abbreviation) in enumerate(names, start=1):
            party = save(Party(position=position))
            save(PartyName(party=party, name=name, abbreviation=abbreviation))
            self.unions.append(party)
        # A union that changed its name: older protocols keep the old one.
        save(PartyName(party=self.unions[4], name="Chefsringen i samverkan", abbreviation="CIS", valid_from=date(2021, 1, 1)))

    def login(self, email: str) -> User:
        known = next(one for one in LOGINS if one.email == email)
        person = save(Person(name=known.name)) if known.name else None
        user = User.objects.create_user(
            email, PASSWORD, person=person, is_staff=email.startswith("admin@"), activated_at=timezone.now()
        )
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        return user

    def seat(
        self, who: User | str, group: Group, role: str, *, party: Party | None = None, title: str = "", position: int = 0
    ) -> Mandate:
        person = who.person if isinstance(who, User) else save(Person(name=who))
        return save(
            Mandate(
                person=person,
                group=group,
                role=role,
                party=party,
                title=title,
                position=position,
                starts=today() - timedelta(days=900),
            )
        )

    def people(self) -> None:
        login, seat, fvg = self.login, self.seat, self.fvg
        self.secretary, self.chair = login("sekreterare@demo.fvg.example"), login("ordforande@demo.fvg.example")
        self.adjuster, self.rep = login("justerare@demo.fvg.example"), login("facklig@demo.fvg.example")
        self.other_rep, self.manager = login("facklig2@demo.fvg.example"), login("arbetsgivare@demo.fvg.example")
        substitute, safety = login("ersattare@demo.fvg.example"), login("skyddsombud@demo.fvg.example")
        self.hr, auditor, self.svg_secretary = (
            login("hr@demo.fvg.example"),
            login("revisor@demo.fvg.example"),
            login("svg@demo.fvg.example"),
        )
        login("admin@demo.fvg.example")
        leaf, pine, gardeners, engineers, managers = self.unions
        seat(self.chair, fvg, Role.CHAIR, title="förvaltningschef")
        seat(self.secretary, fvg, Role.SECRETARY, title="förvaltningssekreterare")
        seat(self.manager, fvg, Role.EMPLOYER_REP, title="HR-chef", position=1)
        seat("Kajsa Lönn", fvg, Role.EMPLOYER_REP, title="ekonomichef", position=2)
        seat("Björn Asplund", fvg, Role.EMPLOYER_REP, title="avdelningschef Drift", position=3)
        seat("Maja Pilgren", fvg, Role.EMPLOYER_REP, title="avdelningschef Utveckling", position=4)
        first = seat(self.adjuster, fvg, Role.UNION_REP, party=leaf, position=1)
        seat(self.rep, fvg, Role.UNION_REP, party=leaf, position=2)
        stand_in = seat(substitute, fvg, Role.SUBSTITUTE, party=leaf, position=3)
        stand_in.substitute_for = first
        save(stand_in)
        seat(self.other_rep, fvg, Role.UNION_REP, party=pine, position=1)
        seat(safety, fvg, Role.CHIEF_SAFETY_REP, party=pine, position=2)
        seat("Tora Syrén", fvg, Role.UNION_REP, party=gardeners)
        seat("Nils Hagtorn", fvg, Role.UNION_REP, party=engineers)
        seat("Agnes Idegran", fvg, Role.UNION_REP, party=managers)
        seat(self.hr, fvg, Role.HR, title="HR-specialist")
        seat(auditor, fvg, Role.AUDITOR)
        for number, group in enumerate(self.svg):
            if number:
                seat(("Ragnar Bok", "Lova Fläder")[number - 1], group, Role.SECRETARY, title="assistent")
            else:
                seat(self.svg_secretary, group, Role.SECRETARY, title="administratör")
            seat(("Sigrid Avenbok", "Axel Oleander", "Gun Mistel")[number], group, Role.CHAIR, title="enhetschef")
            seat(("Elsa Viden", "Ivar Slån", "Rune Ginst")[number], group, Role.UNION_REP, party=leaf)
            seat(("Tage Sumak", "Ebba Kornell", "Linn Berberis")[number], group, Role.UNION_REP, party=pine)

    # Meetings

    def meeting(self, days: int, group: Group | None = None, **fields) -> Meeting:
        group = group or self.fvg
        by = self.secretary if group == self.fvg else self.svg_secretary
        day = weekday(today() + timedelta(days=days), back=days <= 0)
        if group == self.fvg:
            fields.setdefault("board_meets_on", weekday(day + timedelta(days=5)))
        fields.setdefault("starts", time(9))
        fields.setdefault("place", "Kvarngatan 3, Stora salen")
        fields.setdefault("deadline", datetime.combine(day - timedelta(days=7), time(12), STOCKHOLM))
        return planning.plan(group, by=by, date=day, **fields)

    def begun(self, meeting: Meeting) -> Meeting:
        """As if the notice had gone out in time, without sending today's mail about a day that has passed."""
        with moving(meeting, "call", by=self.secretary, why=DEMO) as stored:
            stored.called_at = datetime.combine(stored.date - timedelta(days=21), time(9, 12), STOCKHOLM)
        planning.open_draft(meeting, by=self.secretary)
        return meeting

    def paragraph(self, meeting: Meeting, slug: str):
        return meeting.paragraphs.get(slug=slug)

    def write(self, meeting: Meeting, slug: str, text: str) -> None:
        paragraph = self.paragraph(meeting, slug)
        agenda.edit_text(paragraph, fields={"text": text}, version=paragraph.version, by=self.secretary)

    def item(self, meeting: Meeting, slug: str, title: str, text: str = "", *, kind: str = Item.Kind.TOPIC, **fields) -> Item:
        item = agenda.add_item(self.paragraph(meeting, slug), kind=kind, title=title, by=self.secretary)
        return agenda.edit_item(item, fields={"text": text, **fields}, version=item.version, by=self.secretary)

    def fill(self, meeting: Meeting) -> None:
        """A protocol of ordinary length."""
        self.item(
            meeting,
            "operations",
            "Drift",
            "Avdelningschef Drift informerade om vårens beskärning. Två lag har fått nya elfordon.\n\n"
            "**Lövförbundet** frågade hur laddplatserna räcker till när fler fordon kommer.\n\n"
            "Förvaltningen svarade att sex platser till är beställda.",
        )
        self.item(
            meeting,
            "operations",
            "Ekonomi",
            "Ekonomichefen gick igenom läget efter tertialet:\n\n"
            "| Verksamhet | Budget | Utfall |\n| --- | --- | --- |\n| Drift | 41,0 | 40,2 |\n| Utveckling | 12,5 | 12,9 |\n\n"
            "Avvikelsen beror på två vakanser.",
        )
        for title, reference in (
            ("Yttrande över remiss om lekplatsprogram", "PN 2026-0112-1.6"),
            ("Tertialrapport 1", "PN 2026-0044-1.2.1"),
            ("Beslut om parkplan för Åkanten", "PN 2026-0087-1.3"),
        ):
            self.item(
                meeting,
                "board_matters",
                title,
                kind=Item.Kind.BOARD_MATTER,
                references=[reference],
                presenter="Förvaltningschef",
                outcome=Item.Outcome.NO_COMMENTS,
            )
        self.item(
            meeting,
            "decisions",
            "Ny organisation för växthusen",
            "- Två arbetslag blir ett från den 1 september.\n"
            "- Ingen byter arbetsplats.\n"
            "- Risk- och konsekvensbedömning är gjord.",
            kind=Item.Kind.DECISION,
            presenter="Avdelningschef Drift",
            outcome=Item.Outcome.NO_DISAGREEMENT,
        )
        self.item(
            meeting, "safety", "Skyddsronder", "Vårens ronder är gjorda på alla depåer. Tre åtgärder återstår vid Norra depån."
        )

    def ready(self, meeting: Meeting) -> Meeting:
        """People present, an adjuster elected, the day of the next meeting set."""
        planning.edit(
            meeting,
            fields={
                "ends": time(11, 15),
                "next_on": weekday(meeting.date + timedelta(days=28)),
                "next_at": time(9),
                "next_place": "Stora salen",
            },
            version=meeting.version,
            by=self.secretary,
        )
        attendance.all_expected_present(meeting, by=self.secretary)
        remote = meeting.attendances.filter(side=Attendance.Side.EMPLOYEE).last()
        attendance.attend(remote, by=self.secretary, channel="Teams")
        row = meeting.attendances.get(person=self.adjuster.person)
        attendance.elect(meeting, adjusters=[row], adjustment_day=weekday(meeting.date + timedelta(days=1)), by=self.secretary)
        return Meeting.objects.get(pk=meeting.pk)

    def frozen(self, meeting: Meeting) -> FrozenVersion:
        return actions.freeze(self.ready(meeting), by=self.secretary, privacy_reviewed=True)

    def sign(self, version: FrozenVersion, role: str, user: User) -> None:
        actions.sign(FrozenVersion.objects.get(pk=version.pk), role=role, seen=version.sha256, by=user)

    def sign_all(self, version: FrozenVersion) -> None:
        for role, user in (("chair", self.chair), ("adjuster", self.adjuster), ("secretary", self.secretary)):
            self.sign(version, role, user)

    def motion(self, title: str, background: str, *claims: str, by: User | None = None, party: int = 0, **fields: Any) -> Motion:
        """A filed motion, or something of another kind."""
        motion = drafting.draft(self.fvg, party=self.unions[party], by=by or self.rep)
        drafting.save_draft(
            motion,
            fields={"title": title, "background": background, **fields},
            claims=[{"text": text} for text in claims],
            version=motion.version,
            by=by or self.rep,
        )
        filing.file(motion, by=by or self.rep)
        return motion

    def answer(self, claim: Claim, outcome: str, text: str) -> None:
        answering.release(answering.answer(claim, outcome=outcome, text=text, version=0, by=self.manager), by=self.chair)

    def sealed_and_archived(self) -> None:
        old = self.begun(self.meeting(-75))
        self.fill(old)
        balance.open_item(
            self.fvg,
            title="Laddplatser vid depåerna",
            meeting=old,
            paragraph=self.paragraph(old, "operations"),
            owner=self.manager.person,
            due=today() - timedelta(days=10),
            by=self.secretary,
        )
        version = self.frozen(old)
        self.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        with moving(Meeting.objects.get(pk=old.pk), "archive", by=self.hr, why=DEMO):
            pass

        meeting = self.begun(self.meeting(-47))
        self.fill(meeting)
        motion = self.motion(
            "Bemanning i växthusen",
            "Växthusen har haft två vakanser sedan i höstas, och helgpassen fördelas på färre.",
            "att vakanserna tillsätts före sommaren.",
            "att helgpassen fördelas med minst fyra veckors framförhållning.",
        )
        claims = list(motion.claims.all())
        supporting.support(claims[0], party=self.unions[1], by=self.other_rep)
        self.answer(claims[0], "answered", "En tjänst är utlyst. Den andra prövas i höstens budget.")
        self.answer(claims[1], "granted", "Schemat läggs fyra veckor i förväg från och med nästa period.")
        appendix = agenda.append(
            meeting,
            title="Yrkanden från facklig part om bemanning",
            kind="motion",
            party=self.unions[0],
            text="",
            by=self.secretary,
        )
        item = self.paragraph(meeting, "board_matters").items.order_by("position").last()
        placing.place(motion, meeting=meeting, paragraph=None, item=item, appendix=appendix, by=self.secretary)
        agenda.refer(item, appendix=appendix, by=self.secretary)
        hours = self.item(meeting, "decisions", "Nya arbetstider för tillsynen", kind=Item.Kind.DECISION, presenter="HR-chef")
        disagreements.disagree(
            hours,
            party=self.unions[0],
            reason="Schemat ger för kort vila mellan kväll och morgon. Någon riskbedömning har vi inte sett.",
            by=self.rep,
        )
        version = self.frozen(meeting)
        self.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        board.enter_decision(
            item,
            decided_on=meeting.board_meets_on,
            board_paragraph="§ 9",
            text="1. Nämnden godkänner parkplanen för Åkanten.\n2. Förvaltningen återkommer om bemanningen i växthusen.",
            entries=[
                {
                    "kind": BoardEntry.Kind.RESERVATION,
                    "persons": ["Vendela Asp"],
                    "parties": ["Åpartiet"],
                    "text": "Jag hade velat återremittera ärendet.",
                }
            ],
            by=self.secretary,
        )

    def adjusted(self) -> None:
        """All have signed; the worker seals it when it starts."""
        meeting = self.begun(self.meeting(-26))
        self.fill(meeting)
        rejected = self.motion(
            "Arbetskläder", "Regnställen håller inte en säsong.", "att alla får två regnställ per år.", by=self.other_rep, party=1
        )
        self.answer(rejected.claims.get(), "rejected", "Ett ställ per år räcker enligt provningen. Trasiga byts ut.")
        placing.place(rejected, meeting=meeting, paragraph=self.paragraph(meeting, "decisions"), by=self.secretary)
        self.sign_all(self.frozen(meeting))

    def approval(self) -> None:
        meeting = self.begun(self.meeting(-5))
        self.fill(meeting)
        version = self.frozen(meeting)
        self.sign(version, "secretary", self.secretary)

    def draft(self) -> None:
        meeting = self.begun(self.meeting(0))
        self.item(
            meeting,
            "operations",
            "Drift",
            "Avdelningschef Drift informerade om höstens plantering. Förvaltningen tar med sig frågan om fler händer i november.",
        )
        agenda.add_item(
            self.paragraph(meeting, "board_matters"),
            kind=Item.Kind.BOARD_MATTER,
            title="Budget för nästa år",
            references=["PN 2026-0190-1.2.1"],
            presenter="Ekonomichef",
            by=self.secretary,
        )
        motion = self.motion(
            "Rekrytering av chefer",
            "De fackliga representanterna kommer in sent när chefer rekryteras.",
            "att representanterna får läsa kravprofilen innan den annonseras.",
            "att representanterna får möta slutkandidaterna.",
        )
        first, second = motion.claims.all()
        supporting.support(first, party=self.unions[1], by=self.other_rep)
        supporting.support(second, party=self.unions[1], by=self.other_rep)
        answering.answer(first, outcome="granted", text="Kravprofilen delas en vecka före annonsen.", version=0, by=self.manager)
        placing.place(motion, meeting=meeting, paragraph=self.paragraph(meeting, "decisions"), by=self.secretary)
        mine = drafting.draft(self.fvg, party=self.unions[0], by=self.rep)
        drafting.save_draft(
            mine,
            fields={"title": "Friskvård på arbetstid", "background": "Ett utkast som bara Lövförbundet ser."},
            claims=[{"text": "att alla får en timme i veckan."}],
            version=mine.version,
            by=self.rep,
        )

    def called_and_planned(self) -> None:
        called = self.meeting(21)
        planning.call(called, by=self.secretary)
        rooms = self.motion(
            "Omklädningsrum vid Södra depån", "Rummen räcker inte när säsongsanställda kommer.", "att moduler hyrs in till april."
        )
        claim = rooms.claims.get()
        supporting.support(claim, party=self.unions[1], by=self.other_rep)
        changing.change(
            rooms,
            fields={},
            claims=[{"pk": claim.pk, "text": "att moduler hyrs in från mars till oktober."}],
            version=rooms.version,
            by=self.rep,
            why="Säsongen börjar i mars.",
        )
        answering.assign(rooms, claims=[claim], person=self.manager.person, day=today() + timedelta(days=7), by=self.secretary)
        withdrawn = self.motion(
            "Parkeringstillstånd", "Frågan är löst sedan yrkandet skrevs.", "att tillstånd ges.", by=self.other_rep, party=1
        )
        filing.withdraw(withdrawn, by=self.other_rep)
        self.motion(
            "Vikarier i sommar",
            "Förra sommaren stängdes två parklekar för att vikarier saknades.",
            "Hur många vikarier är anställda till sommaren?",
            "Vilka parklekar prioriteras om det blir för få?",
            kind="inquiry",
            due_on=called.date,
        )
        self.motion("Om budgeten", "Vi delar inte bilden av behoven i växthusen.", kind="opinion", to_board=True)
        self.meeting(56)

    def cancelled(self) -> None:
        meeting = self.meeting(35, starts=time(13))
        planning.cancel(meeting, why="Samma dag som förvaltningens planeringsdag.", by=self.secretary)

    def other_groups(self) -> None:
        for number, group in enumerate(self.svg):
            self.meeting(10 + number, group, place="Norra depån, fikarummet", starts=time(8, 30))
        light = save(BalanceItem(group=self.svg[0], title="Belysning vid Norra depån", due=today() + timedelta(days=30)))
        balance.refer_balance(
            light, to=self.fvg, why="Elen ägs av fastighetskontoret. Vi når inte fram själva.", by=self.svg_secretary
        )
