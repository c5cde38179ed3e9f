"""The routes lead where they should: Alertmanager's own amtool tries them."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import component
from tests.deploy.test_prometheus_rules import ALERTS

FILE = Path(__file__).parents[2] / "deploy/alertmanager/alertmanager.yml"
DOCUMENT: dict[str, Any] = yaml.safe_load(FILE.read_text())
PEOPLE = {"critical": "pager", "warning": "chat", "info": "mail"}


@pytest.fixture
def amtool() -> str:
    return component("amtool")


def said(amtool: str, *arguments: str) -> str:
    ran = subprocess.run(  # noqa: S603 - a fixed program
        [amtool, *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def routed(amtool: str, **labels: str) -> list[str]:
    told = said(
        amtool,
        *("config", "routes", "test", f"--config.file={FILE}"),
        *(f"{name}={value}" for name, value in labels.items()),
    )
    return told.strip().split(",")


def test_it_is_right_for_alertmanager(amtool: str) -> None:
    assert "SUCCESS" in said(amtool, "check-config", str(FILE))


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_of_ours_reaches_who_it_is_for(
    amtool: str, rule: dict[str, Any]
) -> None:
    name, severity = rule["alert"], rule["labels"]["severity"]
    to = routed(amtool, alertname=name, severity=severity, target="studio")

    if name == "FaceFusionWatchdog":
        assert to == ["watchdog"]
    elif name.startswith("FaceFusionPage"):
        assert to == ["facefusion-monitor", PEOPLE[severity]]
    else:
        assert to == [PEOPLE[severity]]


def test_a_site_may_have_its_own_route(amtool: str) -> None:
    page = {"alertname": "FaceFusionPageCritical", "severity": "critical"}

    assert routed(amtool, **page, site="lab")[-1] == "chat"
    assert routed(amtool, **page, site="north")[-1] == "pager"


def test_a_machine_s_trouble_is_one_page() -> None:
    (people,) = (
        one
        for one in DOCUMENT["route"]["routes"]
        if one["receiver"] == "pager"
    )

    assert people["group_by"] == ["alertname", "host", "cause"]


def test_what_is_not_ours_reaches_people_only(amtool: str) -> None:
    assert routed(amtool, alertname="DiskFull", severity="page") == ["chat"]


def test_the_monitor_is_sent_one_server_at_a_time_and_whole_groups() -> None:
    (ours,) = (
        one
        for one in DOCUMENT["route"]["routes"]
        if one["receiver"] == "facefusion-monitor"
    )
    (receiver,) = (
        one
        for one in DOCUMENT["receivers"]
        if one["name"] == "facefusion-monitor"
    )
    (webhook,) = receiver["webhook_configs"]

    assert ours["group_by"] == ["alertname", "target"]
    assert ours["continue"] is True
    assert webhook["max_alerts"] == 0
    assert webhook["http_config"]["follow_redirects"] is False
    assert webhook["url"].endswith("/api/v1/alerts")


def test_no_secret_stands_in_the_file() -> None:
    text = FILE.read_text()
    keys = ("routing_key:", "service_key:", "api_url:", "password:")

    assert not [key for key in keys if key in text]
    assert "credentials:" not in text
