"""Who stands behind what: unions across, att-satser down, with what has been taken back."""

from typing import NamedTuple

from motions.models import Motion, Support
from motions.sheet import short
from people.models import Party, Role, today
from record.text import to_words

ENDED = "ended"
STANDS = "stands"


class SupportCell(NamedTuple):
    """What one union says of one att-sats: "", stands or ended, and the support itself."""

    name: str
    state: str
    support: Support | None


class SupportRow(NamedTuple):
    """One att-sats, with a cell for each union."""

    number: int
    text: str
    cells: list[SupportCell]
    standing: int


def of(motion: Motion) -> tuple[list[str], list[SupportRow]]:
    """The unions of the group and those that have supported something, the asking one left out; then the rows."""
    claims = list(motion.claims.prefetch_related("supports"))
    seated = motion.group.mandates.valid_on(today()).filter(role__in=Role.OF_UNIONS).values_list("party", flat=True)
    wanted = {*seated, *(support.party_id for claim in claims for support in claim.supports.all())} - {None, motion.party_id}
    parties = sorted(Party.objects.filter(pk__in=wanted).with_names(), key=lambda party: (party.position, party.pk))
    names = {party.pk: short(party) for party in parties}
    supported = []
    for number, claim in enumerate(claims, start=1):
        last = {support.party_id: support for support in claim.supports.all()}  # in the order they were given
        cells = [_cell(name, last.get(pk)) for pk, name in names.items()]
        supported.append(SupportRow(number, to_words(claim.text), cells, sum(cell.state == STANDS for cell in cells)))
    return list(names.values()), supported


def _cell(name: str, support: Support | None) -> SupportCell:
    return SupportCell(name, "" if support is None else ENDED if support.withdrawn_at else STANDS, support)
