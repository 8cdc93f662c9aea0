"""`make bench`: every figure, one line each."""

import sys

from bench import archive, document, pages
from bench.throwaway import demonstration

HEADER = """\
Each figure is a ratio: how many times the work named last in the line, its floor, the work named first takes.
Both are measured in this run, in turns, as medians; so the figures are compared between versions and machines, and the seconds are not.
"""


def main() -> int:
    print(HEADER)
    with demonstration():
        for script in (pages, document, archive):
            for line in script.measure():
                print(f"{line.name:<58} {line.ratio:8.1f} {line.unit}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
