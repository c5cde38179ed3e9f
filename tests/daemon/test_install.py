"""Settings become what is put on a host."""

from pathlib import Path
from typing import Any

import pytest

from monitor.config import Settings
from monitor.daemon.hands import hand
from monitor.daemon.install import plan_for
from monitor.domain.errors import ConfigurationError
from tests.fakes.clock import FakeClock
from tests.hosts.sshd import make_key


def settings(
    folder: Path, *targets: dict[str, Any], roles: tuple[str, ...] = ()
) -> Settings:
    make_key(folder / "observe")
    ssh = {
        "address": "10.0.0.1",
        "user": "ffmon",
        "key_file": str(folder / "observe"),
        "known_hosts_file": "known_hosts",
    }
    for role in roles:
        make_key(folder / role)
        ssh[f"{role}_key_file"] = str(folder / role)
    host = {"name": "gpu1", "ssh": ssh}
    return Settings.model_validate({"hosts": [host], "targets": targets})


def target(name: str, **more: object) -> dict[str, Any]:
    return {"name": name, "url": "http://10.0.0.1:9002", **more}


def test_the_logs_of_a_hosts_targets_may_be_read(tmp_path: Path) -> None:
    read = settings(
        tmp_path,
        target("a", host="gpu1", service={"log": "file:/var/log/a.log"}),
        target("b", host="gpu1", service={"log": "file:/var/log/b.log"}),
        target("c", host="gpu1", service={"log": "journal"}),
        target("d", service={"log": "file:/var/log/d.log"}),
        target("e", host="gpu1"),
    )

    plan = plan_for(read, read.hosts[0])

    assert plan.user == "ffmon"
    assert plan.key.startswith("ssh-ed25519 ")
    assert plan.logs == ("/var/log/a.log", "/var/log/b.log")


def test_canary_files_go_to_one_place(tmp_path: Path) -> None:
    there = {"host": "gpu1", "canary_files": {"directory": "/srv/canary"}}
    one = settings(tmp_path, target("a", **there), target("b"))

    plan = plan_for(one, one.hosts[0])

    assert plan.directory == "/srv/canary"


def test_two_places_on_a_host_are_an_error(tmp_path: Path) -> None:
    two = settings(
        tmp_path,
        target("a", host="gpu1", canary_files={"directory": "/srv/a"}),
        target("b", host="gpu1", canary_files={"directory": "/srv/b"}),
    )

    with pytest.raises(ConfigurationError, match="/srv/a, /srv/b"):
        plan_for(two, two.hosts[0])


def test_without_an_act_key_nobody_may_act(tmp_path: Path) -> None:
    read = settings(tmp_path, target("a", host="gpu1", service={}))

    assert plan_for(read, read.hosts[0]).acting is None


def test_the_services_of_a_host_may_be_acted_on(tmp_path: Path) -> None:
    bare = {"manager": "process", "directory": "/srv/ff"}
    docker = {"manager": "docker", "unit": "ff"}
    read = settings(
        tmp_path,
        target("a", host="gpu1", service={}),
        target("b", host="gpu1", service=bare),
        target("c", host="gpu1", service=docker),
        target("watched", host="gpu1"),
        target("elsewhere", service={}),
        roles=("act",),
    )

    acting = plan_for(read, read.hosts[0]).acting

    assert acting
    assert [(one.name, one.start) for one in acting.services] == [
        ("a", None),
        ("b", "/usr/local/libexec/facefusion-start-b"),
        ("c", None),
    ]
    assert {one.port for one in acting.services} == {9002}
    assert list(acting.keys) == ["act"]


def test_each_role_has_a_key_of_its_own(tmp_path: Path) -> None:
    read = settings(tmp_path, target("a"), roles=("act", "reboot"))

    plan = plan_for(read, read.hosts[0])

    assert plan.acting
    assert list(plan.acting.keys) == ["act", "reboot"]
    assert len(set(plan.keys)) == len(plan.lines) == 3


def test_a_host_without_an_act_key_has_no_hand(tmp_path: Path) -> None:
    without = settings(tmp_path, target("a"))
    (tmp_path / "observe").unlink()
    with_one = settings(tmp_path, target("a"), roles=("act",))

    assert hand(without.hosts[0], FakeClock()) is None
    assert hand(with_one.hosts[0], FakeClock()) is not None
