"""`python -m tests.changed`: the test files that have to do with what differs from where the branch began, one a line.

A test file that has changed itself; for a changed module, those that import it or are named after it in the folder of its room;
for a changed template or script nothing: what pages show is asked by the whole run. For a quick look only; `make test` asks all.
"""

import subprocess
import sys
from pathlib import Path

from tests.test_house import ROOMS, ROOT, imports, module_of

MOST = 12  # more than that is no quick look: the nearest, those that have changed themselves, come first


def differing() -> list[Path]:
    """What differs from the last commit, and from the branch that this one follows; also files that git does not know."""

    def git(*words: str) -> list[str]:
        asked = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)
        return asked.stdout.splitlines() if asked.returncode == 0 else []

    began = git("merge-base", "HEAD", "@{upstream}") or ["HEAD"]
    names = git("diff", "--name-only", began[0]) + git("ls-files", "--others", "--exclude-standard")
    return [ROOT / name for name in dict.fromkeys(names) if name.endswith(".py") and (ROOT / name).exists()]


def tests_of(path: Path, tests: dict[Path, set[str]]) -> list[Path]:
    """The test files for one changed module."""
    if path in tests:
        return [path]
    room = path.relative_to(ROOT).parts[0]
    if room not in ROOMS or "migrations" in path.parts:
        return []
    named = [test for test in tests if test.parent.name == room and path.stem in test.stem.removeprefix("test_").split("_")]
    return named + [test for test, wanted in tests.items() if module_of(path) in wanted]


def main() -> int:
    tests = {path: imports(path) for path in sorted((ROOT / "tests").rglob("test_*.py")) if path.parent.name != "browser"}
    changed = sorted(differing(), key=lambda path: path not in tests)
    concerned = dict.fromkeys(test for path in changed for test in tests_of(path, tests))
    for test in list(concerned)[:MOST]:
        print(test.relative_to(ROOT))
    if len(concerned) > MOST:
        print(
            f"check: {len(concerned)} test files have to do with it; the first {MOST} are run. make test runs all.",
            file=sys.stderr,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
