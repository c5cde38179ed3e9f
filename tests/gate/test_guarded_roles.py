"""A gate that was not started to act has nothing to act with."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = (
    "import sys; from monitor.gate.main import gate_main;"
    " sys.exit(gate_main(sys.argv[1:]))"
)
ASKED = {
    "v": 1,
    "id": "1",
    "verb": "act",
    "do": "became",
    "service": "studio",
    "change": "c1",
    "token": 1,
}


@pytest.mark.parametrize("role", ["observe", "stdin"])
def test_a_gate_that_only_looks_does_not_even_ask_who_may_act(
    role: str,
) -> None:
    said = subprocess.run(  # noqa: S603 - our own gate, in our own Python
        [sys.executable, "-c", MAIN, role],
        input=f"{json.dumps(ASKED)}\n",
        cwd=Path(__file__).parents[2],
        text=True,
        capture_output=True,
        timeout=30,
        check=True,
    )

    assert json.loads(said.stdout)["error"] == {
        "reason": "forbidden",
        "because": "cannot act: this key may only look",
    }
