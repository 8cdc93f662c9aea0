"""`manage.py verify`: it finds what somebody has changed who took the guards down, and names the row."""

import json
import tempfile
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from unittest import mock

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from meetings.models import Appendix, BalanceItem, BalanceNote, Meeting
from motions.models import Motion
from people.models import Letter
from protocol import actions, canonical, checks
from protocol.models import FrozenVersion, Passage, SealedProtocol, Signature, Withdrawal
from record import chain, guards, verifying
from record.models import Event, EventPayload, Verification
from record.verifying import Deviation, Report
from tests.cast import Cast
from tests.protocol.full import make_sealed
from tests.runner import lift, put_back, settle


def verify(*options: str) -> tuple[int, str]:
    """The exit code, and what was printed."""
    out = StringIO()
    try:
        call_command("verify", *options, stdout=out)
    except SystemExit as stop:
        return stop.code, out.getvalue()
    return 0, out.getvalue()


class SealedTestCase(TestCase):
    """A whole protocol, sealed; another is under approval."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        cls.sealed = make_sealed(cls.cast)
        cls.version = cls.sealed.version
        cls.meeting = cls.version.meeting
        cls.file = bytes(cls.sealed.pdf)

    def setUp(self) -> None:
        cache.clear()

    def swap(self, data: bytes = b"%PDF-1.7 en annan fil") -> bytes:
        """What the owner of the tables can do: another file, with its own checksum."""
        lift()
        SealedProtocol.objects.update(pdf=data, sha256=canonical.sha256(data))
        put_back()
        return data


class VerifyCommandTests(SealedTestCase):
    def found(self) -> set[tuple[str, str]]:
        """Which check found something, and in what. The guards are back, as after an attack that hides itself."""
        put_back()
        report = verifying.look(verifying.all_checks())
        return {(finding.check, finding.thing) for finding in report.findings}

    def test_a_whole_life_is_whole(self):
        Cast().meeting("approval")
        code, said = verify()
        self.assertEqual((code, said.splitlines()[-1]), (0, "nothing is wrong"))
        code, said = verify("--json")
        told = json.loads(said)
        self.assertEqual((code, told["ok"], told["findings"]), (0, True, []))
        self.assertEqual(told["counts"]["signatures"], 3)
        self.assertEqual(told["counts"]["guards"], len(guards.names()))
        self.assertEqual((told["counts"]["sealed"], told["counts"]["records"], told["counts"]["meetings"]), (1, 2, 2))

    def test_a_finding_stops_with_one_and_names_the_row(self):
        self.swap()
        code, said = verify()
        self.assertEqual(code, 1)
        self.assertIn(f"sealed sealedprotocol:{self.sealed.pk}: the log has sealed another file", said)
        code, said = verify("--json")
        self.assertEqual((code, json.loads(said)["ok"]), (1, False))

    def test_what_the_search_finds_in_an_adjusted_protocol_is_counted_anew(self):
        """No guard is over these rows: the search may be written anew."""
        rows = Passage.objects.filter(meeting=self.meeting)
        row = rows.first()
        for change in ({"words": "Budgeten avslås."}, {"folded": "budgeten avslås."}, {"heading": "Annat"}, {"number": 99}):
            with self.subTest(change):
                rows.filter(pk=row.pk).update(**change)
                self.assertEqual(self.found(), {("words", f"meeting:{self.meeting.pk}")})
                row.save()
                self.assertEqual(self.found(), set())
        draft = self.cast.meeting("draft")
        put_in = Passage.objects.create(meeting=draft, number=1, heading="", words="Mutor", folded="mutor")
        self.assertEqual(self.found(), {("words", f"meeting:{draft.pk}")})
        put_in.delete()
        rows.all().delete()
        self.assertEqual(self.found(), {("words", f"meeting:{self.meeting.pk}")})

    def test_what_the_search_finds_is_asked_as_much_for_many_meetings_as_for_one(self):
        for _ in range(2):
            with self.assertNumQueries(3):
                self.assertEqual([one for one in checks.found_words() if one.faults], [])
            self.cast.meeting("adjusted")

    def test_another_schema_and_a_certificate_of_nobody_are_found(self):
        for row, change in (
            (self.version, {"schema": "annat/9"}),
            (self.sealed, {"certificate": "Ett intyg"}),
            (self.sealed, {"timestamp": b"12:00"}),
        ):
            with self.subTest(change):
                lift()
                rows, was = type(row).objects.filter(pk=row.pk), {name: getattr(row, name) for name in change}
                rows.update(**change)
                check = "records" if row is self.version else "sealed"
                self.assertEqual(self.found(), {(check, f"{type(row)._meta.model_name}:{row.pk}")})
                lift()
                rows.update(**was)
        self.assertEqual(self.found(), set())

    def test_a_changed_signature_is_found(self):
        one = Signature.objects.order_by("pk").first()
        lift()
        for change in (
            {"name": "Någon Annan"},
            {"person": self.cast.employer.person},
            {"digest": "0" * 64},
            {"proof": {**one.proof, "chain_head": "0" * 64}},
            {"by": self.cast.employer},
        ):
            with self.subTest(change):
                Signature.objects.filter(pk=one.pk).update(**change)
                self.assertIn(("signatures", f"signature:{one.pk}"), self.found())
                lift()
                Signature.objects.filter(pk=one.pk).update(**{name: getattr(one, name) for name in change})

    def test_a_forged_signature_with_a_right_checksum_is_found(self):
        """It is counted as ours are, but the log has no event of it, and the text does not name its person."""
        log = self.meeting.group.chain
        person = self.cast.employer.person
        digest, proof = actions.signature_digest(
            self.version, role="adjuster", person=person.pk, seq=1, head=log.events.get(seq=1).hash
        )
        lift()
        one = Signature.objects.create(
            version=self.version, role="adjuster", person=person, by=self.cast.employer, name="E", digest=digest, proof=proof
        )
        self.assertIn(("signatures", f"signature:{one.pk}"), self.found())

    def test_a_removed_signature_is_found(self):
        lift()
        Signature.objects.filter(role="chair").delete()
        self.assertLessEqual({"signatures", "meetings"}, {check for check, _ in self.found()})

    def test_a_changed_frozen_text_is_found_with_its_own_checksum_too(self):
        data = bytes(self.version.data).replace(b"Kvarngatan", b"Storgatan!")
        self.assertNotEqual(data, bytes(self.version.data))
        for sha256 in (self.version.sha256, canonical.content_hash(data)):
            lift()
            FrozenVersion.objects.filter(pk=self.version.pk).update(data=data, sha256=sha256)
            found = self.found()
            self.assertIn(("records", f"frozenversion:{self.version.pk}"), found)
            self.assertIn(("sealed", f"sealedprotocol:{self.sealed.pk}"), found)

    def test_a_changed_event_and_a_moved_head_are_found(self):
        log = self.meeting.group.chain
        lift()
        Event.objects.filter(kind="called").update(kind="cancelled")
        self.assertIn(("chains", log.key), self.found())

    def test_a_guard_of_other_words_is_found(self):
        guard = guards.all_guards()[0]
        settle()
        with connection.cursor() as cursor:
            for statement in guards.install_sql(guard._replace(condition="1 = 0", postgresql="1 = 0"), connection.vendor):
                cursor.execute(statement)
        report = verifying.look(verifying.all_checks())
        self.assertEqual([(one.check, one.thing) for one in report.findings], [("guards", guard.name)])

    def test_a_trigger_that_nobody_knows_is_found(self):
        settle()
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("CREATE TRIGGER helpful AFTER INSERT ON record_event BEGIN SELECT 1; END")
            else:
                cursor.execute("CREATE FUNCTION helpful() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$")
                cursor.execute(
                    "CREATE TRIGGER helpful BEFORE INSERT ON record_eventpayload FOR EACH ROW EXECUTE FUNCTION helpful()"
                )
        told = {("guards", "helpful")}
        if connection.vendor == "postgresql":
            told.add(("database", "function public.helpful()"))
        self.assertEqual(told, self.found())

    def test_a_file_that_is_gone_or_another_is_found(self):
        appendix = Appendix.objects.exclude(file="").first()
        storage, name = appendix.file.storage, appendix.file.name
        kept = storage.open(name).read()
        self.addCleanup(lambda: storage.save(name, ContentFile(kept)))
        for data in (b"en annan fil", None):
            storage.delete(name)
            if data is not None:
                storage.save(name, ContentFile(data))
            self.assertEqual(self.found(), {("files", f"appendix:{appendix.pk}")})

    def test_a_state_that_the_log_does_not_know_is_found(self):
        for state in ("draft", "approval", "adjusted", "cancelled"):
            lift()
            Meeting.objects.filter(pk=self.meeting.pk).update(state=state, cancelled_why="x")
            self.assertIn(("meetings", f"meeting:{self.meeting.pk}"), self.found())

    def test_a_second_text_and_a_withdrawal_beside_the_log_are_found(self):
        lift()
        Withdrawal.objects.create(version=self.version, by=self.cast.chair, reason="x")
        self.assertIn(("meetings", f"meeting:{self.meeting.pk}"), self.found())

    def test_a_motion_in_a_phase_of_its_own_is_found(self):
        motion = Motion.objects.get()
        lift()
        Motion.objects.update(phase="J")
        self.assertEqual(self.found(), {("motions", f"motion:{motion.pk}"), ("histories", f"motion:{motion.pk}")})

    def test_a_promise_closed_without_its_note_is_found(self):
        item = BalanceItem.objects.first()
        lift()
        BalanceNote.objects.filter(item=item).update(closes=False, under=None)
        BalanceItem.objects.filter(pk=item.pk).update(state="closed", closed_at=self.meeting)
        found = self.found()
        self.assertIn(("promises", f"balanceitem:{item.pk}"), found)
        self.assertIn(("histories", f"balanceitem:{item.pk}"), found)

    def test_a_check_that_stops_is_told_and_the_others_go_on(self):
        def broken():
            yield verifying.Looked("a", [])
            raise ValueError("trasig")

        def whole():
            yield verifying.Looked("b", ["är fel"])

        with self.assertLogs("record.verifying", "ERROR"):
            report = verifying.look({"broken": broken, "whole": whole})
        self.assertEqual(report.counts, {"broken": 1, "whole": 1})
        self.assertEqual([(one.check, one.thing) for one in report.findings], [("broken", ""), ("whole", "b")])


class WitnessTests(SealedTestCase):
    """A log that was written anew is whole in itself; a mail that somebody has kept tells it from the real one."""

    def mail(self, body: str) -> str:
        message = EmailMessage()
        message["Subject"] = "Protokoll är justerat och förseglat – åäö"
        message.set_content(body, cte="quoted-printable")
        file = Path(self.enterContext(tempfile.TemporaryDirectory()), "mejl.eml")
        file.write_bytes(bytes(message))
        return str(file)

    def letter(self) -> str:
        return Letter.objects.filter(kind="sealed").first().body

    def test_a_kept_mail_agrees_with_the_log(self):
        self.assertEqual(verify("--witness", self.mail(self.letter()))[0], 0)

    def test_a_log_that_was_written_anew_is_found(self):
        kept = self.mail(self.letter())
        lift()
        last = Event.objects.get(kind="sealed")
        log, previous, at = self.meeting.group.chain, last.previous, last.at
        Event.objects.filter(seq__gt=last.seq, chain=log).delete()
        EventPayload.objects.filter(event=last).delete()
        last.delete()
        type(log).objects.filter(pk=log.pk).update(seq=last.seq - 1, head=previous)
        data = b"%PDF-1.7 en annan fil"
        SealedProtocol.objects.update(pdf=data, sha256=canonical.sha256(data))
        with mock.patch("record.chain.timezone.now", return_value=at):
            chain.append(
                log,
                "sealed",
                by=None,
                thing=f"meeting:{self.meeting.pk}",
                data={"version": 1, "file_sha256": canonical.sha256(data)},
            )
        put_back()
        self.assertEqual(chain.verify(log), [])
        code, said = verify("--witness", kept)
        self.assertEqual(code, 1)
        self.assertIn(f"witness {kept}: the log does not have {log.key} #{last.seq}", said)

    def test_a_file_without_a_head_is_no_witness(self):
        self.assertIn("no head of a log stands in it", verify("--witness", self.mail("Hej"))[1])


class SwappedFileTests(SealedTestCase):
    """`/verifiera/` believes the log, not the row."""

    def check(self, data: bytes):
        return self.client.post("/verifiera/", {"file": SimpleUploadedFile("protokoll.pdf", data, "application/pdf")})

    def test_a_file_in_the_place_of_the_sealed_one_is_never_genuine(self):
        response = self.check(self.swap())
        self.assertEqual(response.context["kind"], "changed")
        self.assertContains(response, "ÄNDRAD")
        self.assertNotContains(response, "ÄKTA")

    def test_the_original_is_known_from_the_log_when_its_row_is_another(self):
        self.swap()
        response = self.check(self.file)
        self.assertContains(response, "ÄKTA")
        self.assertContains(response, "Den lagrade filen är en annan")
        self.assertEqual(self.client.post("/verifiera/", {"checksum": canonical.sha256(self.file)[:32]}).context["kind"], "file")

    def test_a_file_that_lies_there_as_it_was_has_no_warning(self):
        self.assertNotContains(self.check(self.file), "Den lagrade filen är en annan")

    def test_an_event_that_was_rewritten_makes_nothing_genuine(self):
        data = self.swap()
        lift()
        EventPayload.objects.filter(event__kind="sealed").update(data={"version": 1, "file_sha256": canonical.sha256(data)})
        self.assertEqual(self.check(data).context["kind"], "changed")

    def test_a_text_that_the_log_has_not_frozen_is_told_as_changed(self):
        lift()
        FrozenVersion.objects.filter(pk=self.version.pk).update(sha256="e" * 64)
        self.assertEqual(self.client.post("/verifiera/", {"checksum": "e" * 64}).context["kind"], "changed")


class LastVerificationTests(TestCase):
    def test_the_monitoring_hears_of_findings(self):
        Verification.objects.create(looked=10, findings=0)
        with mock.patch("fvg.watching._soon", lambda ask: ask()):  # in this thread, which sees what the test has not committed
            self.assertEqual(self.client.get(reverse("health")).status_code, 200)
            Verification.objects.create(looked=10, findings=2)
            with self.assertLogs("django.request", "ERROR"):
                self.assertEqual(self.client.get(reverse("health")).status_code, 503)
        self.assertEqual(verifying.last_verification().findings, 2)

    def test_the_administration_says_when_and_how_it_went(self):
        self.client.force_login(Cast().admin)
        address = reverse("admin:index")
        self.assertContains(self.client.get(address), "har inte kontrollerats än")
        verify()
        self.assertContains(self.client.get(address), "utan anmärkning.")
        Verification.objects.create(looked=10, findings=2)  # as kept by what knew only the number
        self.assertContains(self.client.get(address), "2 avvikelser.")

    def test_what_an_older_version_writes_down_is_taken(self):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO record_verification (at, looked, findings) VALUES (%s, 10, 2)", [timezone.now()])
        self.assertEqual(verifying.last_verification().found, {})

    def test_the_administration_says_what_was_found_and_what_to_do(self):
        cast = Cast()
        self.client.force_login(cast.admin)
        wrong = [Deviation("sealed", f"sealedprotocol:{n}", "the log has sealed another file") for n in range(24)]
        wrong.insert(0, Deviation("chains", "chain:1", "event 40 is missing <b>"))
        verifying.keep(Report({"sealed": 24, "chains": 1}, wrong))
        html = " ".join(self.client.get(reverse("admin:index")).content.decode().split())
        for said in (
            "25 avvikelser.",
            "Ändra ingenting. Ta en kopia av databasen och jämför med säkerhetskopian.",
            "What is refused, and what is found",
            "chains: 1, sealed: 24",
            "chains chain:1: event 40 is missing &lt;b&gt;",
            "sealed sealedprotocol:18: the log has sealed another file",
        ):
            self.assertIn(said, html)
        self.assertNotIn("sealedprotocol:19:", html)  # twenty are kept
        self.assertRegex(html, r"Kontrollerat <time [^>]*>\d{1,2} [a-z]+ \d{4}")
        self.client.force_login(cast.hr)
        self.assertNotContains(self.client.get(reverse("admin:index")), "another file")
