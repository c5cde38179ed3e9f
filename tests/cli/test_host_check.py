"""`host check` tells what is seen of a machine, and what its key may do."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.cli.app import run
from monitor.simulator.configuration import write_configuration
from monitor.simulator.host import SimulatedHost
from tests.cli.asking import Said
from tests.cli.host_desk import Desk
from tests.hosts.gates import install
from tests.hosts.hands import bind, odd_hand
from tests.hosts.sshd import Sshd, make_key, sshd

Check = Callable[..., Said]
HOST = "studio-gpu"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    with sshd(tmp_path / "sshd") as running:
        yield running


@pytest.fixture
def desk(
    server: Sshd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Desk:
    return Desk(tmp_path, server.settings, capsys)


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[SimulatedHost]:
    yield from _started(SimulatedHost("studio", workdir=tmp_path / "studio"))


@pytest.fixture
def without_python(tmp_path: Path) -> Iterator[SimulatedHost]:
    workdir = tmp_path / "studio"
    yield from _started(SimulatedHost("studio", workdir=workdir, gate=False))


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    def checked(host: SimulatedHost, *arguments: str) -> Said:
        config = write_configuration([host], tmp_path, listen="127.0.0.1:0")
        capsys.readouterr()
        words = ["host", "check", HOST, "--config", str(config), *arguments]
        code = run(words)
        return Said(code, *capsys.readouterr())

    return checked


def _started(host: SimulatedHost) -> Iterator[SimulatedHost]:
    asyncio.run(host.start())
    yield host
    asyncio.run(host.stop())


def test_a_machine_of_which_all_is_seen_exits_0(
    simulated: SimulatedHost, check: Check
) -> None:
    said = check(simulated)

    looked_at = {tuple(words[:2]) for words in said.lines[3:]}
    assert said.code == 0, said
    assert said.lines[0][:4] == [HOST, "is", "observed:", "the"]
    assert {(HOST, "host"), (HOST, "gpu")} <= looked_at
    assert {("studio", one) for one in ("process", "logs", "jobs")} <= (
        looked_at
    )


def test_a_sick_machine_of_which_all_is_seen_exits_0(
    simulated: SimulatedHost, check: Check
) -> None:
    simulated.faults.switch_on("gpu_lost")

    said = check(simulated, "--format", "json")

    healths = {one["check"]: one["health"] for one in _checks(said)}
    assert said.code == 0
    assert healths["gpu"] == "degraded"


def test_json_says_the_same(simulated: SimulatedHost, check: Check) -> None:
    said = check(simulated, "--format", "json")

    told = json.loads(said.out)
    assert told["host"] == HOST
    assert told["way"] == "installed"
    assert told["is_restricted"] is True
    assert told["user"] == "ffmon"
    assert {"observe", "watch", "files"} <= set(told["verbs"])
    assert told["gaps"] == []
    assert told["because"] == ""


def test_without_python_the_gaps_are_named(
    without_python: SimulatedHost, check: Check
) -> None:
    said = check(without_python)

    assert said.code == 1
    assert "by plain commands: Python 3.8 or newer is missing" in said.out
    assert "install Python 3.8 there, then `facefusion-monitor host" in (
        said.out
    )
    assert "missing for studio/process (unit): cannot ask" in said.out
    assert "missing for studio/jobs: cannot observe jobs there" in said.out


def test_without_python_json_names_the_gaps(
    without_python: SimulatedHost, check: Check
) -> None:
    said = check(without_python, "--format", "json")

    told = json.loads(said.out)
    gaps = {(gap["check"], gap["part"]) for gap in told["gaps"]}
    assert said.code == 1
    assert told["way"] == "plain"
    assert told["is_restricted"] is False
    assert {("studio/jobs", "jobs"), ("studio/logs", "log")} <= gaps
    assert all(one["because"].startswith("cannot") for one in told["gaps"])


def test_a_key_that_may_do_everything_is_told(desk: Desk) -> None:
    said = desk.says("check")

    user = desk.ssh["user"]
    assert f"its key may do everything that {user} may" in said.out
    assert "`facefusion-monitor host install gpu1`" in said.out


def test_a_key_with_an_installed_gate_is_told(
    desk: Desk, server: Sshd
) -> None:
    install(server)

    said = desk.says("check")
    told = json.loads(desk.says("check", "--format", "json").out)

    user = desk.ssh["user"]
    assert "gpu1 is observed: the gate is installed there (Python 3." in (
        said.out
    )
    assert f"its key may observe as {user}, and nothing else" in said.out
    assert "host install" not in said.out
    assert told["is_restricted"] is True
    assert "files" not in told["verbs"]


def test_a_gate_with_a_canary_directory_may_place_files(
    desk: Desk, server: Sshd, tmp_path: Path
) -> None:
    install(server, role=f"observe --directory {tmp_path}/canary")

    said = desk.says("check")

    assert "its key may observe and place canary files as" in said.out


def test_a_machine_without_nvidia_smi_is_not_seen_whole(
    desk: Desk, server: Sshd
) -> None:
    install(server, before="env PATH=/nowhere")

    said = desk.says("check")

    assert said.code == 1
    assert "nvidia-smi" in said.out


@pytest.mark.parametrize(("role", "code"), [("reboot", 0), ("observe", 1)])
def test_a_reboot_key_that_opens_no_gate_for_it_is_told(
    desk: Desk, server: Sshd, tmp_path: Path, role: str, code: int
) -> None:
    install(server)
    desk.ssh["act_key_file"] = str(bind(server, odd_hand("act", "studio")))
    desk.targets = [_served("studio")]
    key = tmp_path / "reboot_key"
    with (server.directory / "authorized_keys").open("a") as file:
        file.write(f'restrict,command="{odd_hand(role)}" {make_key(key)}')
    desk.ssh["reboot_key_file"] = str(key)

    said = desk.says("check")
    told = json.loads(desk.says("check", "--format", "json").out)

    flaw = "it may not be rebooted: cannot act on host 'gpu1'"
    assert (flaw in said.out) is bool(code)
    assert bool(told["acting"]["reboot"]) is bool(code)


def test_without_an_act_key_nothing_is_said_of_acting(desk: Desk) -> None:
    said = desk.says("check")
    told = json.loads(desk.says("check", "--format", "json").out)

    assert "acted on" not in said.out
    assert told["acting"] is None


def test_what_may_be_acted_on_is_told(desk: Desk, server: Sshd) -> None:
    install(server)
    key = bind(server, odd_hand("act", "studio", "attic=forbidden"))
    desk.ssh["act_key_file"] = str(key)
    desk.targets = [_served(name) for name in ("studio", "attic", "new")]

    said = desk.says("check")
    told = json.loads(desk.says("check", "--format", "json").out)

    assert said.code == 1
    assert (
        "gpu1 may be acted on: its act key opens gate 0.1.0 (Python 3.9.18)"
        in said.out
    )
    assert "- studio: may be restarted" in said.out
    assert "does not start again after a crash (Restart=no)" in said.out
    assert "- attic: cannot act on host 'gpu1'" in said.out
    assert "- new: cannot act on host 'gpu1'" in said.out
    assert "install again after a target was added" in said.out
    may = {one["target"]: one["may"] for one in told["acting"]["services"]}
    assert may == {"studio": True, "attic": False, "new": False}


def test_an_act_key_that_does_not_act_is_told(
    desk: Desk, server: Sshd
) -> None:
    install(server)
    desk.ssh["act_key_file"] = str(bind(server, odd_hand("observe")))

    said = desk.says("check")
    told = json.loads(desk.says("check", "--format", "json").out)

    assert said.code == 1
    assert "nothing may be acted on: cannot act on host 'gpu1'" in said.out
    assert "opens the role observe" in told["acting"]["because"]
    assert told["acting"]["gate"] is None


def _served(name: str) -> dict[str, object]:
    return {
        "name": name,
        "url": "http://127.0.0.1:7860",
        "host": "gpu1",
        "service": {"manager": "systemd"},
    }


def test_a_machine_that_is_away_exits_1(desk: Desk) -> None:
    desk.ssh["port"] = 1

    said = desk.says("check")
    told = json.loads(desk.says("check", "--format", "json").out)

    assert said.code == 1
    assert said.out == ""
    assert said.err.startswith("cannot")
    assert "host 'gpu1'" in said.err
    assert told["way"] is None
    assert told["is_restricted"] is None
    assert f"{told['because']}\n" == said.err


def test_a_host_that_nobody_configured_is_bad_usage(desk: Desk) -> None:
    said = desk.says("check", host="gpu2")

    assert said.code == 64
    assert said.err == "cannot find host 'gpu2'; configured: gpu1\n"


def _checks(said: Said) -> list[dict[str, str]]:
    checks: list[dict[str, str]] = json.loads(said.out)["checks"]
    return checks
