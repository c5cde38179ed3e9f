"""The alerts do what they say: Prometheus' own promtool tries them."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.outputs.metrics.families import FAMILIES

PLACE = Path(__file__).parents[2] / "deploy" / "prometheus"
RULES = PLACE / "rules" / "facefusion-pages.yml"
TESTS = sorted((PLACE / "tests").glob("*.yml"))
DOCUMENT = yaml.safe_load(RULES.read_text())
ALERTS: list[dict[str, Any]] = [
    rule for group in DOCUMENT["groups"] for rule in group["rules"]
]
OURS = {"target", "cause", "severity", "host", "site"}
"""Labels of the contract (DESIGN §3.4): anything else is a scrape's."""
NOTES = {"summary", "description", "runbook_url", "dashboard_url"}
BOARDS = {
    "facefusion-server",
    "facefusion-canaries",
    "facefusion-gpu",
    "facefusion-recovery",
    "facefusion-monitor",
}
"""The dashboards' uids."""
ONE_PLACE = (
    "count by (target) (group by (target, host, site)"
    " (facefusion_target_info)) == 1"
)
"""How the rules ask whether all monitors name one machine."""
HARM = {
    "the critical page has another severity": (
        'facefusion_page{severity="critical"}',
        "facefusion_page",
    ),
    "the warning has no severity": (
        'facefusion_page{severity="warning"}',
        "facefusion_page",
    ),
    "an instance is a page of its own": (
        "max by (target, cause, severity)",
        "max by (target, cause, severity, instance)",
    ),
    "a scrape is a page of its own": (
        "max by (target, cause, severity)",
        "max by (target, cause, severity, job)",
    ),
    "a cause is no page of its own": (
        "max by (target, cause, severity)",
        "max by (target, severity)",
    ),
    "a restart resolves": ("    keep_firing_for: 2m\n", ""),
    "a restart resolves after a minute": (
        "keep_firing_for: 2m",
        "keep_firing_for: 1m",
    ),
    "a page never resolves": ("keep_firing_for: 2m", "keep_firing_for: 2h"),
    "a page waits": (
        "== 1\n        # A restart",
        "== 1\n        for: 1m\n        # A restart",
    ),
    "a page does not say where it is": (
        "group_left (host, site)",
        "group_left ()",
    ),
    "a page does not say its site": (
        "group_left (host, site)",
        "group_left (host)",
    ),
    "monitors that disagree cost the page": (
        f"            and on (target) {ONE_PLACE}\n",
        "",
    ),
    "a page needs to know where": (
        f"          unless on (target) {ONE_PLACE}\n",
        f"          and on (target) {ONE_PLACE}\n",
    ),
    "each page is there twice": (
        f"          unless on (target) {ONE_PLACE}\n",
        "",
    ),
    "any 0 is blind": ("max(facefusion_monitor_blind) == 1", "vector(1)"),
    "each scrape is blind": (
        "max(facefusion_monitor_blind) == 1",
        "facefusion_monitor_blind == 1",
    ),
    "a moment is blind": ("for: 1m\n", "for: 0s\n"),
    "a failed scrape is not missed": (
        "absent(facefusion_monitor_build_info)",
        "facefusion_monitor_build_info == 0",
    ),
    "a job that is gone is not missed": (
        "absent(facefusion_monitor_build_info)",
        "max(up) == 0",
    ),
    "a moment is missed": ("for: 2m\n", "for: 15s\n"),
    "a server that was taken out is missed": (
        "            and on (job, instance) up == 0\n",
        "",
    ),
    "a server that another one watches is missed": (
        "          unless max by (target) (facefusion_target_info)\n",
        "",
    ),
    "servers are missed beside their only monitor": (
        "          and on () group (facefusion_monitor_build_info)\n",
        "",
    ),
    "the watchdog sleeps": ("vector(1)", "vector(1) > 1"),
}
"""What could be wrong with the rules: what stands there, and instead."""


def tried(promtool: str, *tests: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own files
        [promtool, "test", "rules", *map(str, tests)],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_promtool_reads_the_rules(promtool: str) -> None:
    """Debian 12's 2.42 is the oldest that knows keep_firing_for."""
    done = subprocess.run(  # noqa: S603 - our own file
        [promtool, "check", "rules", str(RULES)],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(ALERTS)} rules found" in done.stdout


@pytest.mark.parametrize("test", TESTS, ids=lambda path: path.stem)
def test_alerts_fire_and_resolve_as_written_down(
    promtool: str, test: Path
) -> None:
    done = tried(promtool, test)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("harm", HARM)
def test_a_rule_that_is_wrong_fails_them(
    promtool: str, tmp_path: Path, harm: str
) -> None:
    right, wrong = HARM[harm]
    rules = RULES.read_text()
    assert right in rules, f"cannot try {harm!r}: {right!r} is not there"
    copies = [tmp_path / "tests" / test.name for test in TESTS]
    for copy, test in zip(copies, TESTS, strict=True):
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(test.read_text())
    harmed = tmp_path / "rules" / RULES.name
    harmed.parent.mkdir()
    harmed.write_text(rules.replace(right, wrong))

    done = tried(promtool, *copies)

    assert "FAILED" in done.stdout + done.stderr
    assert done.returncode != 0


def test_one_alert_a_severity_speaks_of_pages() -> None:
    pages = [rule for rule in ALERTS if "facefusion_page" in rule["expr"]]

    assert {rule["alert"]: rule["labels"]["severity"] for rule in pages} == {
        "FaceFusionPageCritical": "critical",
        "FaceFusionPageWarning": "warning",
    }
    for rule in pages:
        assert rule["keep_firing_for"] == "2m"
        assert "for" not in rule


def test_only_pages_and_the_monitor_itself_wake_anybody() -> None:
    """For servers only facefusion_page may raise a critical alert."""
    critical = [r for r in ALERTS if r["labels"]["severity"] == "critical"]

    assert {rule["alert"] for rule in critical} == {
        "FaceFusionPageCritical",
        "FaceFusionMonitorDown",
        "FaceFusionTargetUnwatched",
        "FaceFusionMonitorBlind",
    }


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_what_a_pager_needs(rule: dict[str, Any]) -> None:
    notes = rule["annotations"]
    readme = (PLACE / "README.md").read_text()

    assert re.fullmatch(r"FaceFusion([A-Z][a-z]+)+", rule["alert"])
    assert set(rule["labels"]) == {"severity"}
    assert set(notes) == NOTES
    assert notes["summary"].endswith(".")
    assert notes["description"].endswith(".")
    assert f"`{rule['alert']}`" in readme


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_an_alert_rests_on_the_contract_alone(rule: dict[str, Any]) -> None:
    expression = rule["expr"]
    grouped = re.findall(r"\b(?:by|left) \(([^)]*)\)", expression)
    labels = {name.strip() for by in grouped for name in by.split(",")}

    assert labels <= OURS
    assert set(re.findall(r"\bfacefusion_\w+", expression)) <= set(FAMILIES)


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_an_alert_leads_to_a_page_that_is_there(rule: dict[str, Any]) -> None:
    address: str = rule["annotations"]["runbook_url"]
    base = "{{ $externalLabels.facefusion_runbooks }}"
    path = address.removeprefix(base).replace(
        "{{ $labels.cause }}", "process_down"
    )

    assert address.startswith(base)
    assert (PLACE.parents[1] / path).is_file()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_an_alert_leads_to_a_dashboard(rule: dict[str, Any]) -> None:
    address: str = rule["annotations"]["dashboard_url"]
    base = "{{ $externalLabels.facefusion_dashboards }}d/"

    assert address.startswith(base)
    assert re.split(r"[?]", address.removeprefix(base))[0] in BOARDS
