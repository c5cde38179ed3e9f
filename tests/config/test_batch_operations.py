"""What a batch does to its image."""

from pathlib import Path

import pytest

from monitor.config import load
from monitor.config.sections.canaries import (
    BatchAge,
    BatchCanary,
    BatchEnhance,
)
from monitor.domain.errors import ConfigurationError


def batch(folder: Path, more: str = "") -> BatchCanary:
    (folder / "a.yml").write_text(
        "targets:\n  - name: a\n    url: http://a\n"
        f"    canaries: [{{operation: batch{more}}}]\n"
    )
    (canary,) = load(Path("a.yml"), {}, folder).targets[0].canaries
    assert isinstance(canary, BatchCanary)
    return canary


def test_a_batch_does_what_the_guide_shows(folder: Path) -> None:
    assert batch(folder).operations == (
        BatchEnhance(operation="enhance"),
        BatchAge(operation="age"),
    )


def test_a_batch_does_what_it_is_told(folder: Path) -> None:
    told = (
        ", operations: [{operation: age, target_age: 70},"
        " {operation: enhance, model: codeformer}]"
    )

    assert batch(folder, told).operations == (
        BatchAge(operation="age", target_age=70),
        BatchEnhance(operation="enhance", model="codeformer"),
    )


@pytest.mark.parametrize(
    "operations",
    [
        "[]",
        "[{operation: swap}]",
        "[{operation: age, target_age: 101}]",
        "[{operation: enhance, model: none}]",
        "[{operation: enhance, blend: 0.5}]",
        "[" + ", ".join(["{operation: age}"] * 6) + "]",
    ],
)
def test_what_the_backend_cannot_do_is_refused(
    folder: Path, operations: str
) -> None:
    with pytest.raises(ConfigurationError):
        batch(folder, f", operations: {operations}")
