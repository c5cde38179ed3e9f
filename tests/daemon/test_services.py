"""Settings become looks at a server's process, log and jobs."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from monitor.config import Settings
from monitor.daemon.house import House, build
from monitor.daemon.pushing import services_of
from monitor.daemon.services import is_loopback, port_of
from monitor.domain.judgement import Patience

SERVICE = {"manager": "systemd", "unit": "ff.service", "directory": "/opt/ff"}
HOST = {
    "name": "gpu1",
    "ssh": {
        "address": "127.0.0.1",
        "key_file": "secrets/observe",
        "known_hosts_file": "known_hosts",
    },
    "host": {"interval": "20s"},
}


def settings(*targets: dict[str, Any]) -> Settings:
    return Settings.model_validate({"hosts": [HOST], "targets": targets})


def target(name: str = "studio", **more: object) -> dict[str, Any]:
    return {"name": name, "url": "http://10.0.0.1:9002", **more}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    built = build(
        settings(
            target(host="gpu1", service=SERVICE),
            target("annex", host="gpu1"),
            target("alone", service=SERVICE),
        )
    )
    yield built
    await built.close()


def test_a_host_is_looked_at_beside_its_gpus(house: House) -> None:
    checks = {check.key.label: check for check in house.checks}

    assert checks["gpu1/gpu"].interval == 15
    assert checks["gpu1/host"].interval == 20
    assert checks["gpu1/host"].timeout < checks["gpu1/host"].deadline


def test_a_service_on_a_host_has_three_looks(house: House) -> None:
    looks = {
        check.key.label: check.interval
        for check in house.checks
        if check.kind in {"process", "logs", "jobs"}
    }

    assert looks == {
        "studio/process": 20,
        "studio/logs": 20,
        "studio/jobs": 20,
    }


def test_an_end_is_believed_after_two_looks_a_second_apart(
    house: House,
) -> None:
    [check] = [one for one in house.checks if one.kind == "process"]

    assert check.patience == Patience(failures=2, confirm_interval=1.0)


def test_a_host_is_asked_to_watch_the_services_on_it(house: House) -> None:
    assert services_of(house.parts) == {
        "gpu1": (
            {
                "name": "studio",
                "manager": "systemd",
                "unit": "ff.service",
                "directory": "/opt/ff",
                "port": 9002,
            },
        )
    }


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://gpu1:9002", 9002),
        ("http://gpu1/a", 80),
        ("https://gpu1", 443),
        ("http://[::1]:7870", 7870),
    ],
)
def test_a_url_names_a_port(url: str, port: int) -> None:
    assert port_of(url) == port


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
        ("http://localhost", True),
        ("http://a.localhost", True),
        ("http://10.0.0.1", False),
        ("http://gpu1.example", False),
    ],
)
def test_a_url_to_ourselves_is_known(url: str, *, loopback: bool) -> None:
    assert is_loopback(url) is loopback
