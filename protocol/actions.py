"""Freeze, sign, ask for a change, take back, adjust, seal: what makes a text the protocol. One function per verb."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from meetings.actions.carry import carry_balance
from meetings.models import Item, Meeting, Paragraph
from meetings.reading import checklist
from meetings.states import State, Verb
from motions.actions.handling import set_phase
from motions.models import Motion
from motions.states import Phase
from people import confirming
from people.allauth import has_second_step
from people.models import Party, User
from protocol import canonical, document, drawings, evidence, letters, pdf, search
from protocol.models import ChangeRequest, Drawing, FrozenVersion, SealFault, Signature, Withdrawal
from protocol.sealing import look_at_files, seal_later
from protocol.shown import current_version, signature_of
from record import chain, limited
from record.history import remember
from record.moves import Refused, Stale, WrongState, hold, moving

PURPOSE = "samverkan-signature/1"
MOST_REQUESTS = 50  # unanswered, of one person about one text: they all stand whole on the page where one signs
FILE_LOST = (
    "Inget är skickat: {}. Lägg till bilagan på nytt, eller be den som sköter tjänsten hämta filen ur säkerhetskopian och "
    "försök igen."
)
LOST_SIGNING = (
    "Den som sköter tjänsten har fått veta det och kan hämta filen ur säkerhetskopian. Sekreteraren och ordföranden kan lägga "
    "tillbaka samma fil på protokollets sida, eller ta tillbaka texten. Försök igen sedan."
)


def freeze(meeting: Meeting, *, by: User, privacy_reviewed: bool) -> FrozenVersion:
    """Fix the numbers, store the record to sign and its hash, lock text and motions, and tell the signers.

    Raises ValidationError for a lost file, for what cannot be printed, what the check list stops, or when nobody has reviewed
    the privacy.
    """
    if lost := evidence.lost_files(meeting):
        raise ValidationError([FILE_LOST.format(one) for one in lost])
    demand_printable(meeting)
    with transaction.atomic():
        with moving(meeting, "freeze", by=by) as stored:
            carry_balance(stored, by=by)  # promises made elsewhere since the draft was opened
            # Support or an answer that is being saved at this moment is either in the text or refused, never saved and left out.
            list(Motion.objects.select_for_update().filter(pk__in=stored.placements.values("motion")).order_by("pk"))
            whole = Meeting.objects.whole().get(pk=stored.pk)
            stops = [problem for problem in checklist.problems(whole, document.referenced_appendices(whole)) if problem.blocking]
            if stops:
                raise ValidationError([problem.message for problem in stops])
            if not privacy_reviewed:
                raise ValidationError({"privacy_reviewed": "Bekräfta att texten är granskad med tanke på enskildas uppgifter."})
            stored.privacy_reviewed_at = timezone.now()
            version = store_version(stored, whole, by=by)
        letters.tell_signers(meeting, version)
    return version


def demand_printable(meeting: Meeting) -> None:
    """See that the document can be drawn as it stands; raises ValidationError for what would be signed and never sealed."""
    drawing = drawings.tried(meeting)
    fault = drawing.fault if drawing else ""
    if drawing is None:
        try:
            pdf.render(**drawings.sheet_of(Drawing.Kind.PROTOCOL, meeting).page)
        except (pdf.RenderError, limited.Busy) as error:
            fault = str(error) or "andra ritar just nu"
    if fault:
        raise ValidationError(f"Protokollet går inte att skriva ut: {fault}")


def store_version(stored: Meeting, whole: Meeting, *, by: User | None) -> FrozenVersion:
    """Write version n of a held meeting and lock its motions; part of the freeze, and of loading a protocol for approval."""
    n = stored.versions.count() + 1
    data = document.record(whole, version=n).to_bytes()
    version = FrozenVersion.objects.create(
        meeting=stored, n=n, schema=canonical.SCHEMA, data=data, sha256=canonical.content_hash(data), frozen_by=by
    )
    set_phase([placement.motion for placement in whole.placements.all()], Phase.LOCKED, by=by, verb="freeze")
    chain.append(stored.group.chain, "frozen", by=by, thing=evidence.thing(stored), data={"version": n, "sha256": version.sha256})
    return version


def signature_digest(version: FrozenVersion, *, role: str, person: int, seq: int, head: str) -> tuple[str, dict[str, Any]]:
    """What a signature stands for: purpose, text, role, person and the log's head at that moment (RFC 8785, SHA-256)."""
    body = {
        "purpose": PURPOSE,
        "group": version.meeting.group_id,
        "meeting": version.meeting_id,
        "version": version.n,
        "role": role,
        "person": person,
        "content": version.sha256,
        "chain_seq": seq,
        "chain_head": head,
    }
    return canonical.sha256(canonical.dumps(body)), body


@contextmanager
def signing(version: FrozenVersion, *, by: User) -> Iterator[Signature | None]:
    """Hold the meeting while `by` proves who they are and signs: of two presses of the button the second waits for the first.

    Yields the signature that `by` has given already; then nothing is to be asked for, so that no code is used up in vain.
    """
    with transaction.atomic():
        hold(version.meeting)
        yield signature_of(version, by)


def sign(
    version: FrozenVersion,
    *,
    role: str,
    seen: str,
    by: User,
    method: str = Signature.Method.PASSWORD,
    lost: str | None = None,
) -> Signature:
    """`by` approves, as `role` and only for themself, the text whose hash they have `seen`. The last signature adjusts.

    The caller has just re-authenticated the person, and whoever holds the meeting for that (`signing`) has looked for lost files
    before: it says which are `lost`. Row lock: no approval can attach to a text that has changed.
    Raises Stale for another text, PermissionDenied for who is not to sign, and Refused when a change is asked for, when it is
    done, without the second step that the person has, before a union's mandate is confirmed, in the pause after a change of how
    they log in, and while the file of an appendix is lost.
    """
    if lost is None:  # before anything is locked
        lost = look_at_files(version.meeting) if version.meeting.state == State.APPROVAL else ""
    with transaction.atomic():
        meeting = hold(version.meeting)
        if meeting.state != State.APPROVAL:
            raise WrongState(meeting, "sign")
        current = current_version(meeting)
        if current is None or current.pk != version.pk or seen != current.sha256:
            raise Stale(current)
        record = canonical.Record.from_bytes(evidence.signed_text(current))
        signer = next((signer for signer in record.signers if signer.role == role and signer.person == by.person_id), None)
        if signer is None:
            raise PermissionDenied("Du är inte utsedd att skriva under det här protokollet.")
        if current.change_requests.open().exists():
            raise Refused("Någon har begärt en ändring. Den måste besvaras innan någon kan skriva under.")
        if current.signatures.filter(person=by.person_id).exists():
            raise Refused("Du har redan skrivit under.")
        if method == Signature.Method.PASSWORD and has_second_step(by):
            raise Refused("Du loggar in i två steg. Skriv även koden från din autentiseringsapp. Inget är underskrivet.")
        demand_confirmed(meeting, by)
        demand_no_pause(User.objects.get(pk=by.pk))
        if lost:
            raise Refused(f"Inget är underskrivet: {lost}, så protokollet skulle inte kunna förseglas. {LOST_SIGNING}")
        group_chain = type(meeting.group.chain).objects.select_for_update().get(pk=meeting.group.chain_id)
        digest, body = signature_digest(current, role=role, person=signer.person, seq=group_chain.seq, head=group_chain.head)
        signature = Signature.objects.create(
            version=current,
            role=role,
            person_id=signer.person,
            by=by,
            name=signer.name,
            title=signer.title or "",
            party=signer.party or "",
            method=method,
            digest=digest,
            proof=body,
        )
        chain.append(
            group_chain,
            "signed",
            by=by,
            thing=evidence.thing(meeting),
            data={"version": current.n, "role": role, "digest": digest, "method": method},
        )
        letters.receipt(meeting, current, signature)
        if {(signer.role, signer.person) for signer in record.signers} == set(current.signatures.values_list("role", "person")):
            adjust(meeting, current)
    return signature


def lacks_seat(meeting: Meeting, user: User) -> bool:
    """Whether nobody has confirmed the union's mandate by which `user` signs: whoever invites somebody must not sign as them."""
    elected = meeting.officers.filter(person=user.person_id, party__kind=Party.Kind.UNION).exists()
    return confirming.lacks_seat(user, meeting.group_id, elected=elected)


def demand_confirmed(meeting: Meeting, user: User) -> None:
    """Raise Refused while nobody has confirmed the union's mandate of the one who signs; it says who can."""
    if lacks_seat(meeting, user):
        raise Refused(
            "Inget är underskrivet, och protokollet är som förut. Ditt fackliga uppdrag är inte bekräftat för den adress som "
            "du loggar in med. När organisationen, eller en andra systemadministratör, har bekräftat det kan du skriva under. "
            "Dröjer det? Ring den som sköter registret, eller be sekreteraren ta tillbaka protokollet och välja någon annan."
        )


def demand_no_pause(user: User) -> None:
    """Raise Refused while somebody who has lately changed how they prove who they are may not sign; it says until when."""
    opens = user.signs_from
    if opens is not None:
        changed, at = timezone.localtime(user.proof_changed_at), timezone.localtime(opens)
        raise Refused(
            f"Inget är underskrivet. Du {user.get_proof_change_display()} {date_format(changed, 'j F')} kl. {changed:%H:%M} och "
            f"kan skriva under tidigast {date_format(at, 'j F')} kl. {at:%H:%M}. Vänta till dess, eller be sekreteraren "
            "ta tillbaka protokollet och välja någon annan."
        )


def adjust(meeting: Meeting, version: FrozenVersion) -> None:
    """Lock the text for ever, since all have signed. Part of the last signature's transaction; the seal follows after it."""
    with moving(meeting, Verb.ADJUST, by=None) as stored:
        chain.append(
            stored.group.chain,
            "adjusted",
            by=None,
            thing=evidence.thing(stored),
            data={"version": version.n, "sha256": version.sha256},
        )
        search.index(stored, canonical.Record.from_bytes(evidence.signed_text(version)).protocol)

    transaction.on_commit(lambda: seal_later(version.pk))


def request_change(version: FrozenVersion, *, paragraph: Paragraph | None, comment: str, wording: str, by: User) -> ChangeRequest:
    """Ask for a change, as an adjuster or the chair; nobody signs until it has been answered.

    Raises Stale for another text, Refused for a paragraph of another protocol and for one more than MOST_REQUESTS, and
    ValidationError when nothing is asked for.
    """
    with transaction.atomic():
        meeting = hold(version.meeting)
        if meeting.state != State.APPROVAL:
            raise WrongState(meeting, "request_change")
        if current_version(meeting) != version:
            raise Stale(current_version(meeting))
        if paragraph is not None and paragraph.meeting_id != meeting.pk:
            raise Refused("Paragrafen hör till ett annat protokoll.")
        if not comment.strip() and not wording.strip():
            raise ValidationError({"comment": "Skriv vad som behöver ändras, eller ett förslag till text."})
        if version.change_requests.open().filter(person=by.person_id).count() >= MOST_REQUESTS:
            raise Refused(
                f"Du har {MOST_REQUESTS} begäranden som väntar på svar. Den här är inte skickad; det du skrev står kvar. Ring "
                "ordföranden eller sekreteraren, och skicka den när någon av de andra är besvarad."
            )
        request = ChangeRequest(
            version=version,
            person=by.person,
            paragraph=paragraph,
            heading=paragraph.heading if paragraph else "",
            comment=comment,
            wording=wording,
        )
        request.full_clean(exclude=["version", "person", "paragraph"])
        remember(request, by=by, verb="request_change")
        chain.append(
            meeting.group.chain,
            "change_requested",
            by=by,
            thing=evidence.thing(meeting),
            data={"version": version.n, "request": request.pk, "words": chain.fingerprint(words_of_request(request))},
        )
        letters.tell_of_request(meeting, request)
    return request


def words_of_request(request: ChangeRequest) -> dict[str, Any]:
    """What the log proves of a request: where a change is asked for, and in which words."""
    return {
        "paragraph": request.paragraph_id,
        "heading": request.heading,
        "comment": request.comment,
        "wording": request.wording,
    }


def refuse_change(request: ChangeRequest, *, answer: str, by: User) -> ChangeRequest:
    """Say no to a change, with a reason that stays; signing is open again.

    Raises ValidationError without a reason, and Refused when it has been answered already.
    """
    if not answer.strip():
        raise ValidationError({"answer": "Skriv varför texten inte ändras."})
    with transaction.atomic():
        meeting = hold(request.version.meeting)
        if meeting.state != State.APPROVAL:
            raise WrongState(meeting, "refuse_change")
        stored = hold(request)
        if stored.resolved_at is not None:
            raise Refused("Begäran är redan besvarad.")
        _resolve(stored, accepted=False, answer=answer, by=by)
        data = {"request": stored.pk, "words": chain.fingerprint({"answer": stored.answer})}
        chain.append(meeting.group.chain, "change_refused", by=by, thing=evidence.thing(meeting), data=data)
        letters.tell_of_refusal(meeting, stored)
    vars(request).update(vars(stored))
    return request


def _resolve(request: ChangeRequest, *, accepted: bool, answer: str, by: User) -> None:
    request.accepted, request.answer, request.resolved_at = accepted, answer, timezone.now()
    remember(request, by=by, verb="accept_change" if accepted else "refuse_change")


def withdraw(meeting: Meeting, *, reason: str, by: User) -> Withdrawal:
    """Take the text back from approval: every signature on the version is void, and everybody is told why.

    Raises ValidationError without a reason.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Skriv varför protokollet tas tillbaka."})
    with transaction.atomic():
        with moving(meeting, "withdraw", by=by, why=reason) as stored:
            version = current_version(stored)
            withdrawal = Withdrawal(version=version, by=by, reason=reason)
            withdrawal.full_clean(exclude=["version", "by"])
            withdrawal.save()
            SealFault.objects.filter(meeting=stored).delete()
            for request in version.change_requests.open():
                _resolve(request, accepted=True, answer=reason, by=by)
            motions = [placement.motion for placement in stored.placements.select_related("motion")]
            set_phase(motions, Phase.DRAFTING, by=by, verb="withdraw")
            void = version.signatures.count()
            chain.append(
                stored.group.chain,
                "withdrawn",
                by=by,
                thing=evidence.thing(stored),
                data={"version": version.n, "reason": reason, "void": void},
            )
        letters.tell_of_withdrawal(meeting, withdrawal)
    return withdrawal


def export_to_board(meeting: Meeting, *, items: Sequence[Item], file: bytes, by: User) -> None:
    """Note in the log that the unions' views were taken out for the board: in which matters, and which file."""
    data = {
        "items": [item.pk for item in items],
        "matters": [item.title for item in items],
        "file_sha256": canonical.sha256(file),
    }
    chain.append(meeting.group.chain, "board_package_exported", by=by, thing=evidence.thing(meeting), data=data)
