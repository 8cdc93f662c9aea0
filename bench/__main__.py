"""`make bench`: every figure, one line each.

`python -m bench archive` runs one part; `bin/pg python -m bench` uses PostgreSQL.
"""

import argparse
import sys

from bench import archive, desk, document, pages, parsers
from bench.throwaway import demonstration

HEADER = """\
Each figure is a ratio: how many times the work named last in the line, its floor, the work named first takes.
Both are measured in this run, in turns, as medians; so the figures are compared between versions and machines, \
and the seconds are not.
"""


PARTS = {"pages": pages, "desk": desk, "document": document, "archive": archive, "parsers": parsers}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Figures, as ratios to a floor measured in the same run."
    )
    parser.add_argument("part", nargs="*", help=f"one or more of {', '.join(PARTS)}; all without")
    chosen = parser.parse_args().part or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    print(HEADER)
    with demonstration():
        for name in chosen:
            for line in PARTS[name].measure():
                print(f"{line.name:<58} {line.ratio:8.1f} {line.unit}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
