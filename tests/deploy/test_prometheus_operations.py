"""What is no page about a server is told, and wakes nobody."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.outputs.metrics.families import FAMILIES
from tests.deploy.test_prometheus_rules import NOTES, PLACE, tried

NAMES = ("facefusion-operations", "facefusion-slo")
FILES = {name: PLACE / "rules" / f"{name}.yml" for name in NAMES}
TESTS = {
    "facefusion-operations": ("operations.yml",),
    "facefusion-slo": ("slo.yml", "slo-canaries.yml", "slo-days.yml"),
}
RULES: list[dict[str, Any]] = [
    rule
    for file in FILES.values()
    for group in yaml.safe_load(file.read_text())["groups"]
    for rule in group["rules"]
]
ALERTS = [rule for rule in RULES if "alert" in rule]
OURS = {
    "target",
    "host",
    "cause",
    "severity",
    "action",
    "canary",
    "path",
    "le",
}
"""Labels of the contract (DESIGN §3.4), and a histogram's."""
OPERATIONS, SLO = NAMES
_UNLESS = "          unless on (target) max by (target) "
_NOT_PLANNED = f"{_UNLESS}(facefusion_maintenance) == 1\n"
_NOT_BUSY = _UNLESS + '(facefusion_diagnosis{cause="busy"}) == 1\n'
_NEVER_RAN = (
    "            unless on (target, canary)"
    " facefusion_canary_last_run_timestamp_seconds\n"
)
HARM: list[tuple[str, str, str]] = [
    (
        OPERATIONS,
        "max by (target) (facefusion_recovery_breaker_open) == 1",
        "x",
    ),
    (OPERATIONS, "facefusion_recovery_breaker_open) == 1", "up) == 1"),
    (OPERATIONS, "awaiting_approval) > 0", "awaiting_approval) > 2"),
    (OPERATIONS, "        for: 30s\n", ""),
    (OPERATIONS, "budget_remaining) == 0", "budget_remaining) == 1"),
    (OPERATIONS, "max by (target, action)", "max by (target)"),
    (OPERATIONS, "> 3 * max", "> 6 * max"),
    (OPERATIONS, "> 3 * max", "> 1 * max"),
    (
        OPERATIONS,
        _NOT_PLANNED,
        "",
    ),
    (
        OPERATIONS,
        _NOT_BUSY,
        "",
    ),
    (OPERATIONS, "histogram_quantile(0.9,", "histogram_quantile(0.1,"),
    (OPERATIONS, "[10m])) > 5\n        for", "[10m])) > 50\n        for"),
    (OPERATIONS, "        for: 5m\n", ""),
    (
        OPERATIONS,
        "min(facefusion_monitor_config",
        "max(facefusion_monitor_config",
    ),
    (
        OPERATIONS,
        _NEVER_RAN,
        "",
    ),
    (OPERATIONS, "[1h] offset 1h", "[1m]"),
    (OPERATIONS, "0 < min", "-1e9 < min"),
    (OPERATIONS, "14 * 86400", "16 * 86400"),
    (OPERATIONS, "min by (host, path)", "min by (host)"),
    (OPERATIONS, "total_bytes) < 0.1", "total_bytes) < 0.05"),
    (SLO, "ratio1h > 14.4 * 0.01", "ratio1h > 0.1 * 0.01"),
    (SLO, "ratio1h > 14.4 * 0.01", "ratio1h > 100 * 0.01"),
    (SLO, "ratio1h > 14.4 * 0.01 and", "ratio1h > 14.4 * 0.01 or"),
    (SLO, "ratio6h > 6 * 0.01 and", "ratio6h > 0 and"),
    (
        SLO,
        "            and present_over_time(",
        "            or 0 * present_over_time(",
    ),
    (SLO, "ratio3d > 0.01 and", "ratio3d > 1 and"),
    (SLO, "max by (target) (facefusion_up)", "facefusion_up"),
    (
        SLO,
        f"max by (target) (facefusion_up)\n{_NOT_PLANNED}",
        "max by (target) (facefusion_up)\n",
    ),
    (SLO, 'result=~"slow|timeout"', 'result=~"timeout"'),
    (SLO, 'result=~"ok|unverified|slow|timeout"', 'result=~".+|x"'),
    (SLO, ">= 10)", ">= 0)"),
    (SLO, "ratio3d > 0.05 and", "ratio3d > 0.9 and"),
]
"""What could be wrong with a file of rules: what stands there, and instead."""


@pytest.mark.parametrize("name", NAMES)
def test_promtool_reads_them(promtool: str, name: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own file
        [promtool, "check", "rules", str(FILES[name])],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_they_fire_and_resolve_as_written_down(
    promtool: str, name: str
) -> None:
    done = tried(promtool, *(PLACE / "tests" / one for one in TESTS[name]))

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    HARM,
    ids=[f"{number}-{one[0]}" for number, one in enumerate(HARM)],
)
def test_one_that_is_wrong_fails_them(
    promtool: str, tmp_path: Path, name: str, right: str, wrong: str
) -> None:
    rules = FILES[name].read_text()
    assert right in rules, f"{right!r} is not there"
    harmed = tmp_path / "rules" / FILES[name].name
    harmed.parent.mkdir()
    harmed.write_text(rules.replace(right, wrong))
    copies = [tmp_path / "tests" / one for one in TESTS[name]]
    copies[0].parent.mkdir()
    for copy in copies:
        copy.write_text((PLACE / "tests" / copy.name).read_text())

    done = tried(promtool, *copies)

    assert done.returncode != 0


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_each_says_what_its_reader_needs(rule: dict[str, Any]) -> None:
    notes = rule["annotations"]
    base = "{{ $externalLabels.facefusion_runbooks }}"
    address = notes["runbook_url"]

    assert re.fullmatch(r"FaceFusion([A-Z][a-z]+)+", rule["alert"])
    assert rule["labels"]["severity"] in {"warning", "info"}
    assert set(rule["labels"]) == {"severity"}
    assert set(notes) == NOTES
    assert notes["summary"].endswith(".")
    assert notes["description"].endswith(".")
    assert address.startswith(base)
    assert (PLACE.parents[1] / address.removeprefix(base)).is_file()
    assert f"`{rule['alert']}`" in (PLACE / "README.md").read_text()
    assert any(
        f"alertname: {rule['alert']}" in text
        or f'alertname="{rule["alert"]}"' in text
        for tests in TESTS.values()
        for text in [(PLACE / "tests" / one).read_text() for one in tests]
    )


@pytest.mark.parametrize(
    "rule", RULES, ids=lambda rule: str(next(iter(rule.values())))
)
def test_each_rests_on_the_contract_alone(rule: dict[str, Any]) -> None:
    expression = rule["expr"]
    grouped = re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)
    labels = {name.strip() for by in grouped for name in by.split(",")}
    series = set(re.findall(r"(?<!:)\bfacefusion_\w+", expression))
    recorded = set(re.findall(r"target:facefusion_\w+:\w+", expression))
    families = {
        name.removesuffix("_bucket").removesuffix("_count") for name in series
    }

    assert labels <= OURS
    assert families <= set(FAMILIES)
    assert recorded <= {one.get("record") for one in RULES}
