"""Figures as ratios to a floor that is measured in the same run, so that they mean the same on any machine."""

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Line(NamedTuple):
    """One figure: what it is of, how many times its floor it takes, and what the floor is."""

    name: str
    ratio: float
    unit: str


def medians(*jobs: Callable[[], object], runs: int) -> list[float]:
    """Seconds that each job takes: the medians of runs that take turns, so that a busy moment hits all of them alike."""
    taken: list[list[float]] = [[] for _ in jobs]
    for job in jobs:  # the first run pays for imports and caches
        job()
    for _ in range(runs):
        for job, seconds in zip(jobs, taken, strict=True):
            began = time.perf_counter()
            job()
            seconds.append(time.perf_counter() - began)
    return [statistics.median(seconds) for seconds in taken]
