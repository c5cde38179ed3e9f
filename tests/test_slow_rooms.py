"""`make test-slow` names folders, to collect little: none may be forgotten."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
MARKED = re.compile(r"mark\.(slow|machines|exhaustive)\b")
VARIABLE = re.compile(r"^(RESTARTS|IN_NO_TIME) := (.*)$", re.MULTILINE)


def test_make_runs_the_slow_tests_of_every_folder_that_has_some() -> None:
    after = MAKEFILE.partition("\ntest-slow-machines:")[2]
    rules = after.partition("\ncheck:")[0]
    named = " ".join(
        [rules, *(said[2] for said in VARIABLE.finditer(MAKEFILE))]
    )
    slow = {
        str(file.parent.relative_to(ROOT))
        for file in (ROOT / "tests").rglob("test_*.py")
        if file != Path(__file__) and MARKED.search(file.read_text())
    }

    unrun = slow - set(named.split())

    assert slow
    assert unrun == set()
