"""Append to a chain, and verify it: each event's hash covers the one before it."""

import hashlib
import secrets
from datetime import UTC, timedelta
from typing import Any

import rfc8785
from django.db import transaction
from django.utils import timezone

from record.models import Chain, Event, EventPayload

DOMAIN = b"samverkan.event/1\n"
# From a row's own time to that of its event, which waits for its turn at the log.
SLACK = timedelta(minutes=10)


def event_hash(
    *, chain: str, seq: int, previous: str, kind: str, actor: int | None, at: str, thing: str, data_sha256: str
) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of the event, in its own domain."""
    body = {
        "chain": chain,
        "seq": seq,
        "previous": previous,
        "kind": kind,
        "actor": actor,
        "at": at,
        "thing": thing,
        "data_sha256": data_sha256,
    }
    return hashlib.sha256(DOMAIN + rfc8785.dumps(body)).hexdigest()


def payload_hash(salt: str, data: dict[str, Any]) -> str:
    """SHA-256 over salt and data: the event proves the payload, and nobody who reads the events alone can guess it."""
    return hashlib.sha256(salt.encode() + rfc8785.dumps(data)).hexdigest()


def fingerprint(data: Any) -> str:
    """SHA-256 over the canonical JSON of words that an event proves without repeating them."""
    return hashlib.sha256(rfc8785.dumps(data)).hexdigest()


def stamp(at) -> str:
    """An instant as RFC 3339 in UTC, to the microsecond: the form that is hashed."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def append(chain: Chain, kind: str, *, by: Any, thing: str, data: dict[str, Any] | None = None) -> Event:
    """Add an event at the end of `chain`, in the caller's transaction. `thing` is written like "meeting:7"."""
    data = data or {}
    with transaction.atomic():
        stored = Chain.objects.select_for_update().get(pk=chain.pk)
        last = stored.events.order_by("-seq").only("at").first()
        at = timezone.now()
        if last and last.at > at:  # a clock set back must not make the log run backwards
            at = last.at
        salt = secrets.token_hex(16)
        digest = payload_hash(salt, data)
        actor = by.pk if by is not None else None
        seq = stored.seq + 1
        hashed = event_hash(
            chain=stored.key, seq=seq, previous=stored.head, kind=kind, actor=actor, at=stamp(at), thing=thing, data_sha256=digest
        )
        event = Event.objects.create(
            chain=stored,
            seq=seq,
            previous=stored.head,
            hash=hashed,
            kind=kind,
            actor_id=actor,
            at=at,
            thing=thing,
            data_sha256=digest,
        )
        EventPayload.objects.create(event=event, salt=salt, data=data)
        stored.seq, stored.head = seq, hashed
        stored.save()
    vars(chain).update(seq=stored.seq, head=stored.head)
    return event


def counted_hash(event: Event, previous: str, key: str) -> str:
    """The hash that this row should have in the chain called `key`, after the event with the hash `previous`."""
    return event_hash(
        chain=key,
        seq=event.seq,
        previous=previous,
        kind=event.kind,
        actor=event.actor_id,
        at=stamp(event.at),
        thing=event.thing,
        data_sha256=event.data_sha256,
    )


def says_what_was_hashed(event: Event) -> bool:
    """Whether the payload is there and is what the event was hashed with."""
    payload = getattr(event, "payload", None)
    return payload is not None and payload_hash(payload.salt, payload.data) == event.data_sha256


def is_whole(event: Event) -> bool:
    """Whether the event and what it says are what was hashed, and the next event, or the head, goes on from it."""
    if not says_what_was_hashed(event):
        return False
    log = Chain.objects.get(pk=event.chain_id)
    following = log.events.filter(seq=event.seq + 1).values_list("previous", flat=True).first()
    after = log.head if event.seq == log.seq else following
    return event.hash == counted_hash(event, event.previous, log.key) == after


def verify(chain: Chain, *, payloads: bool = True) -> list[str]:
    """Every fault in the chain, in words; an empty list when it is whole.

    Without `payloads` they only have to be there; what they say is neither read nor hashed: all events take equally long.
    """
    faults, previous, seq, at = [], "0" * 64, 0, None
    events = chain.events.order_by("seq").select_related("payload")
    for event in (events if payloads else events.defer("payload__salt", "payload__data")).iterator():
        seq += 1
        if event.seq != seq:
            faults.append(f"{chain.key}: event {seq} is missing, found {event.seq}")
            seq = event.seq
        expected = counted_hash(event, previous, chain.key)
        if event.previous != previous or event.hash != expected:
            faults.append(f"{chain.key}: event {event.seq} does not match its hash")
        if at is not None and event.at < at:  # `append` never lets it, whatever the clock says
            faults.append(f"{chain.key}: event {event.seq} is older than the one before it")
        if getattr(event, "payload", None) is None:
            faults.append(f"{chain.key}: the payload of event {event.seq} has been erased")
        elif payloads and not says_what_was_hashed(event):
            faults.append(f"{chain.key}: the payload of event {event.seq} has been changed")
        previous, at = event.hash, event.at
    chain.refresh_from_db()
    if (chain.seq, chain.head) != (seq, previous):
        faults.append(f"{chain.key}: the head does not match the last event")
    return faults
