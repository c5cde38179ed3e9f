"""`make guards` takes minutes; this says at once that it has work to do."""

from pathlib import Path

import pytest

from tests.guards.__main__ import GUARDS
from tests.guards.guard import Guard

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.says)
def test_the_line_of_a_guard_is_there_once(guard: Guard) -> None:
    code = (ROOT / guard.file).read_text(encoding="utf-8")

    assert code.count(guard.line) == 1
    assert guard.line != guard.without


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.says)
def test_the_tests_of_a_guard_are_there(guard: Guard) -> None:
    for named in guard.tests.split():
        file, _, test = named.partition("::")
        if file.startswith("tests/"):
            code = (ROOT / file).read_text() if test else ""
            name = test.rpartition("::")[2].partition("[")[0]
            assert (ROOT / file).exists()
            assert not test or f"def {name}(" in code
