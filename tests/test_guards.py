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
