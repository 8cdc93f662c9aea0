"""Which days suit a meeting: proposals that leave out Swedish public holidays and the days around them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import holidays

DAYS_BEFORE_BOARD = 5
USUAL_WEEKS = 4
MOST_WEEKS = 26
DAY = timedelta(days=1)


class ProposedDay(NamedTuple):
    """A day that suits, why it is proposed, and when its protocol can be adjusted."""

    day: date
    why: str
    adjustment_day: date


@cache
def _holidays(year: int) -> frozenset[date]:
    """Public holidays, and the eves that are free as if they were: midsommarafton, julafton, nyårsafton."""
    return frozenset(holidays.country_holidays("SE", years=year, categories=("public", "de_facto")))


def is_holiday(day: date) -> bool:
    return day in _holidays(day.year)


def is_working_day(day: date) -> bool:
    """Monday to Friday, and no holiday."""
    return day.weekday() < 5 and not is_holiday(day)


def suits(day: date) -> bool:
    """A working day that does not lie next to a holiday in the week: no klämdag, and no day when people have gone home."""
    return is_working_day(day) and not any(is_holiday(near) and near.weekday() < 5 for near in (day - DAY, day + DAY))


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    day += DAY
    while not is_working_day(day):
        day += DAY
    return day


def propose(
    *, after: date, earlier: Sequence[date] = (), board_day: date | None = None, before: int = DAYS_BEFORE_BOARD, most: int = 3
) -> list[ProposedDay]:
    """Days after `after`: counted back from the board's meeting if its day is known, else at the group's usual weekday and pace.

    `earlier` are the days of the group's meetings, in any order.
    """
    usual = _usual_weekday(earlier)
    candidates = (
        _before_board(board_day, before, usual) if board_day is not None else _at_usual_pace(after, sorted(earlier), usual)
    )
    days: dict[date, str] = {}
    for day, why in candidates:
        if day > after and suits(day):
            days.setdefault(day, why)
        if len(days) == most:
            break
    return [ProposedDay(day, days[day], next_working_day(day)) for day in sorted(days)]


def _usual_weekday(earlier: Sequence[date]) -> int | None:
    """The weekday that most of the latest meetings have had, or None."""
    counted = Counter(day.weekday() for day in sorted(earlier)[-6:] if day.weekday() < 5)
    return counted.most_common(1)[0][0] if counted else None


def _before_board(board_day: date, before: int, usual: int | None) -> Iterator[tuple[date, str]]:
    """The day so many days before; the usual weekday nearest before it; then one day earlier at a time."""
    target = board_day - before * DAY
    yield target, _days_before(before)
    if usual is not None:
        near = target - ((target.weekday() - usual) % 7) * DAY
        yield near, f"gruppens vanliga veckodag, {_days_before((board_day - near).days)}"
    for more in range(1, 21):
        yield target - more * DAY, _days_before(before + more)


def _days_before(days: int) -> str:
    return f"{days} {'dag' if days == 1 else 'dagar'} före nämndens sammanträde"


def _at_usual_pace(after: date, earlier: list[date], usual: int | None) -> Iterator[tuple[date, str]]:
    """From the last meeting on, at the pace the group has kept; a week later when the day does not suit."""
    gaps = sorted((later - sooner).days for sooner, later in zip(earlier[-7:], earlier[-6:], strict=False) if later > sooner)
    weeks = max(1, round(gaps[len(gaps) // 2] / 7)) if gaps else USUAL_WEEKS
    day = max(earlier[-1] if earlier else after, after - weeks * 7 * DAY)
    weekday = usual if usual is not None else 3
    day += ((weekday - day.weekday()) % 7) * DAY
    why = "samma veckodag som förra mötena" if usual is not None else "ungefär fyra veckor mellan mötena"
    for _ in range(MOST_WEEKS):
        day += weeks * 7 * DAY
        moved = day
        while not suits(moved):
            moved += 7 * DAY
        yield moved, why
