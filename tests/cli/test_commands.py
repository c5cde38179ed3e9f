"""The command line, in a process of its own, as a person meets it."""

import asyncio
import json
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from monitor.simulator.configuration import write_configuration
from monitor.simulator.host import SimulatedHost

DURATIONS = {"gfpgan_1.4": 1.2, "swap": 0.4}
A_BUSY_MACHINE_TAKES = 30.0
"""Seconds: a canary is timed for real, here beside many other processes."""


class Said(NamedTuple):
    code: int | None
    out: str
    err: str


async def say(cwd: Path, *arguments: str) -> Said:
    """Run a command to its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "monitor",
        *arguments,
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(40):
        out, err = await process.communicate()
    return Said(process.returncode, out.decode(), err.decode())


class House:
    def __init__(self, host: SimulatedHost, folder: Path) -> None:
        self.host = host
        self.folder = folder
        self.path = write_configuration([host], folder, listen="127.0.0.1:0")

    async def say(self, *arguments: str) -> Said:
        return await say(self.folder, *arguments)

    def change(self, **target: object) -> None:
        """Replace settings of the one target."""
        settings = yaml.safe_load(self.path.read_text())
        settings["targets"][0] |= target
        self.path.write_text(yaml.safe_dump(settings))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    host = SimulatedHost(
        "studio", workdir=tmp_path / "studio", durations=DURATIONS
    )
    async with host:
        yield House(host, tmp_path)


async def test_check_shows_server_and_gpus_and_exits_0_when_healthy(
    house: House,
) -> None:
    said = await house.say("check")

    assert (said.code, said.err) == (0, "")
    assert re.search(r"studio +status +healthy", said.out)
    assert re.search(r"studio-gpu +gpu +healthy", said.out)


async def test_check_exits_2_when_the_server_is_down(house: House) -> None:
    house.host.faults.switch_on("bad_gateway")

    said = await house.say("check", "studio", "--format", "json")

    looks = {look["check"]: look for look in json.loads(said.out)}
    assert said.code == 2
    assert looks["status"]["health"] == "unhealthy"
    assert "502 Bad Gateway" in looks["status"]["because"]
    assert looks["gpu"]["health"] == "healthy"


async def test_check_of_a_stranger_names_the_known_ones(
    house: House,
) -> None:
    said = await house.say("check", "stranger")

    assert said.code == 64
    assert said.err == ("cannot find target 'stranger'; configured: studio\n")


async def test_a_canary_of_1_2_seconds_has_its_ratio_to_the_benchmark(
    house: House,
) -> None:
    said = await house.say(
        *("canary", "studio", "--name", "enhance-gfpgan_1.4"),
        *("--format", "json"),
    )

    run = json.loads(said.out)[0]["canary"]
    assert said.code == 0
    assert run["result"] == "ok"
    assert run["output_valid"] is True
    took = run["duration_seconds"]
    assert 1.2 <= took < A_BUSY_MACHINE_TAKES
    assert run["benchmark_ratio"] == pytest.approx(took / 2.0)


async def test_canaries_show_what_they_do_and_the_benchmark(
    house: House,
) -> None:
    said = await house.say("canary", "studio")

    assert said.code == 0
    assert "uploading" in said.err
    assert "comparing" in said.err
    assert re.search(r"enhance-gfpgan_1.4 +ok +1\.\d\d +1-2 +0\.\d", said.out)
    assert re.search(r"swap-inswapper_128 +ok", said.out)


async def test_a_canary_leaves_nothing_on_the_server(house: House) -> None:
    await house.say("canary", "studio")

    assert list(house.host.canary_directory.iterdir()) == []


@pytest.mark.parametrize(
    "fault", ["null_result", "unchanged_image", "blank_image", "error_500"]
)
async def test_a_canary_without_a_true_output_is_never_ok(
    house: House, fault: str
) -> None:
    house.host.faults.switch_on(fault)

    said = await house.say("canary", "studio", "--format", "json")

    results = {look["canary"]["result"] for look in json.loads(said.out)}
    assert said.code == 2
    assert results <= {"error", "invalid_output"}


async def test_a_canary_of_4_5_seconds_is_slow(house: House) -> None:
    house.host.faults.switch_on("slow", 4.5 / 1.2)

    said = await house.say(
        *("canary", "studio", "--name", "enhance-gfpgan_1.4"),
        *("--format", "json"),
    )

    run = json.loads(said.out)[0]["canary"]
    assert (said.code, run["result"]) == (1, "slow")
    assert 4.5 <= run["duration_seconds"] < A_BUSY_MACHINE_TAKES


async def test_canary_files_can_go_by_url_without_ssh(house: House) -> None:
    house.change(host=None, canary_files={"via": "url"})

    said = await house.say("canary", "studio", "--format", "json")

    results = [look["canary"]["result"] for look in json.loads(said.out)]
    assert (said.code, results) == (0, ["ok", "ok"])


async def test_gpu_shows_every_card(house: House) -> None:
    said = await house.say("gpu", "studio-gpu")

    assert said.code == 0
    assert said.out.count("RTX 3090") == 2


async def test_gpu_shows_the_healthy_card_when_one_is_lost(
    house: House,
) -> None:
    house.host.faults.switch_on("gpu_lost")

    said = await house.say("gpu", "studio-gpu")

    assert said.code in {1, 2}
    assert "RTX 3090" in said.out
    assert "lost" in said.out + said.err


async def test_gpu_of_a_host_that_is_down_is_an_error_not_a_traceback(
    house: House,
) -> None:
    house.host.faults.switch_on("ssh_down")

    said = await house.say("gpu", "studio-gpu")

    assert said.code == 2
    assert "cannot" in said.err
    assert "Traceback" not in said.err


async def test_a_port_in_use_is_named(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        write_configuration(
            [house.host], house.folder, listen=f"127.0.0.1:{port}"
        )

        said = await house.say("run")

    assert said.code == 1
    assert said.err.startswith(f"cannot listen on 127.0.0.1:{port}: ")
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("chek",),
        ("check", "--nope"),
        ("canary",),
        ("demo", "--port", "many"),
        ("gpu", "a", "b"),
    ],
)
async def test_bad_usage_exits_64_with_one_line(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    said = await say(tmp_path, *arguments)

    assert said.code == 64
    assert said.err.startswith("cannot understand the command: ")
    assert said.err.count("\n") == 1


async def test_a_bad_file_exits_78_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "facefusion-monitor.yml").write_text("targtes: []\n")

    said = await say(tmp_path, "run")

    assert said.code == 78
    assert ":1: targtes" in said.err
    assert "targets" in said.err


async def test_a_folder_with_other_files_is_left_alone(
    tmp_path: Path,
) -> None:
    (tmp_path / "observe").write_text("my own key")

    said = await say(tmp_path, "simulate", "--port", "0", "--directory", ".")

    assert said.code == 1
    assert said.err.startswith("cannot write ")
    assert (tmp_path / "observe").read_text() == "my own key"


async def test_a_path_that_is_no_folder_is_an_error_and_no_traceback(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("")

    said = await say(
        tmp_path, "simulate", "--port", "0", "--directory", "file"
    )

    assert said.code == 1
    assert said.err.startswith("cannot ")
    assert "Traceback" not in said.err


async def test_no_command_shows_the_help(tmp_path: Path) -> None:
    said = await say(tmp_path)

    assert said.code == 0
    assert "facefusion-monitor" in said.out
