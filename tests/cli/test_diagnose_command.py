"""`diagnose` goes through the whole checklist and names one cause."""

import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.cli.app import run
from monitor.simulator.configuration import write_configuration
from monitor.simulator.host import SimulatedHost
from tests.cli.asking import Said

DURATIONS = {"gfpgan_1.4": 0.6, "swap": 0.4}
LAYERS = [
    "network",
    "api",
    "browser",
    "backend",
    "machine",
    "process",
    "log",
    "jobs",
    "gpu",
    "cuda",
    "canary",
]
Document = dict[str, Any]


class Bedside:
    """One simulated server, and somebody who asks what it has."""

    def __init__(
        self,
        host: SimulatedHost,
        folder: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.host = host
        self.path = write_configuration([host], folder, listen="127.0.0.1:0")
        self._capsys = capsys

    def change(self, **target: object) -> None:
        """Replace settings of the one target; None takes one away."""
        settings = yaml.safe_load(self.path.read_text())
        settings["targets"][0] |= target
        held = settings["targets"][0]
        settings["targets"][0] = {k: v for k, v in held.items() if v}
        self.path.write_text(yaml.safe_dump(settings))

    def asks(self, *arguments: str) -> Said:
        self._capsys.readouterr()
        words = ["diagnose", "studio", "--config", str(self.path), *arguments]
        code = run(words)
        return Said(code, *self._capsys.readouterr())

    def sees(self, *arguments: str) -> tuple[int, Document]:
        said = self.asks(*arguments, "--format", "json")
        return said.code, json.loads(said.out)


def started(host: SimulatedHost) -> Iterator[SimulatedHost]:
    asyncio.run(host.start())
    yield host
    asyncio.run(host.stop())


@pytest.fixture
def host(tmp_path: Path) -> Iterator[SimulatedHost]:
    workdir = tmp_path / "studio"
    yield from started(
        SimulatedHost("studio", workdir=workdir, durations=DURATIONS)
    )


@pytest.fixture
def bedside(
    host: SimulatedHost, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Bedside:
    return Bedside(host, tmp_path, capsys)


@pytest.fixture
def without_python(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Bedside]:
    workdir = tmp_path / "studio"
    host = SimulatedHost("studio", workdir=workdir, gate=False)
    for one in started(host):
        yield Bedside(one, tmp_path, capsys)


def checks(document: Document) -> dict[str, Document]:
    return {
        check["check"]: check
        for layer in document["layers"]
        if layer["name"] != "again"
        for check in layer["checks"]
    }


def test_a_healthy_server_is_told_layer_by_layer(bedside: Bedside) -> None:
    said = bedside.asks()

    lines = said.out.splitlines()
    titles = [one for one in lines if one and not one.startswith(" ")]
    assert said.code == 0, said
    assert titles == [*LAYERS, "diagnosis: none (healthy, info)"]
    assert "  healthy    status       answered 200 in" in said.out
    assert (
        "  -          backend      not configured: set targets[]" in said.out
    )
    assert "onnxruntime-gpu 1.24.4" in said.out
    assert "| Started simulated FaceFusion." in said.out
    assert "GPU 0 memory is held by studio" in said.out
    assert "enhance gfpgan_1.4 took 0.6" in said.out
    assert "runbook" not in said.out


def test_the_canary_leaves_nothing_behind(bedside: Bedside) -> None:
    bedside.asks()

    assert list(bedside.host.canary_directory.iterdir()) == []


def test_json_is_one_stable_document(bedside: Bedside) -> None:
    code, told = bedside.sees()

    found = checks(told)
    assert code == 0
    assert list(told) == ["target", "url", "at", "layers", "diagnosis"]
    assert (told["target"], told["url"]) == ("studio", bedside.host.url)
    assert told["at"].endswith("Z")
    assert [layer["name"] for layer in told["layers"]] == LAYERS
    assert {name: one["health"] for name, one in found.items()} == {
        "ping": found["ping"]["health"],
        "port": "healthy",
        "status": "healthy",
        "browser": "healthy",
        "backend": "unknown",
        "ssh": "healthy",
        "host": "healthy",
        "process": "healthy",
        "logs": "healthy",
        "jobs": "healthy",
        "gpu": "healthy",
        "cuda": "healthy",
        "canary.enhance-gfpgan_1.4": "healthy",
    }
    for one in found.values():
        assert list(one) == [
            "check",
            "health",
            "because",
            "reason",
            "seconds",
            "facts",
        ]
    assert told["diagnosis"]["cause"] == "none"
    assert told["diagnosis"]["remedies"] == []


@pytest.mark.parametrize(
    ("fault", "code", "cause", "remedies"),
    [
        ("refused", 2, "process_down", ["restart"]),
        ("error_500", 2, "server_error", ["restart"]),
        ("gpu_lost", 2, "gpu_lost", ["reboot"]),
        ("thermal_throttle", 1, "thermal_throttling", []),
        ("ssh_down", 1, "ssh_unavailable", []),
        ("cors", 1, "cors_blocked", []),
        ("cpu_fallback", 1, "cpu_fallback", ["restart"]),
        ("operator_stop", 2, "stopped_by_operator", []),
        ("port_drift", 2, "port_drift", ["restart"]),
        (
            "out_of_memory",
            2,
            "gpu_memory_exhausted",
            ["restart", "free-gpu-memory"],
        ),
    ],
)
def test_one_cause_is_named_with_its_evidence(
    bedside: Bedside, fault: str, code: int, cause: str, remedies: list[str]
) -> None:
    values = {"thermal_throttle": 8.0}
    bedside.host.faults.switch_on(
        fault, *([values[fault]] if fault in values else [])
    )

    exited, told = bedside.sees()

    found = told["diagnosis"]
    assert found["cause"] == cause, found
    assert (exited, found["remedies"]) == (code, remedies)
    assert found["evidence"]
    assert found["runbook"] == f"deploy/runbooks/{cause}.md"
    assert found["advice"]


def test_a_build_without_cuda_shows_beside_the_cpu_fallback(
    bedside: Bedside,
) -> None:
    bedside.host.faults.switch_on("cpu_fallback")

    _, told = bedside.sees("--no-canary")

    assert checks(told)["cuda"]["reason"] == "no_gpu_build"


def test_a_server_that_hangs_is_looked_at_until_that_is_certain(
    bedside: Bedside,
) -> None:
    bedside.host.faults.switch_on("hang")

    said = bedside.asks()

    assert said.code == 2
    assert "diagnosis: hung (unhealthy, critical)" in said.out
    assert "hung? looking at status, process again" in said.err
    assert "not run: the server gives no answer to its status" in said.out
    assert "\nagain\n" in said.out
    assert "what may help: restart\n" in said.out
    assert 'plan restart studio --reason "…" (where its recovery' in said.out
    assert "runbook: deploy/runbooks/hung.md" in said.out


def test_a_start_is_followed_until_it_is_over(bedside: Bedside) -> None:
    faults = bedside.host.faults
    faults.switch_on("restart")
    over = threading.Timer(4.0, faults.switch_off, ["restart"])
    over.start()

    said = bedside.asks()

    over.join()
    assert said.code == 0, said
    assert "starting? looking at status, process, logs again" in said.err
    assert "diagnosis: none (healthy, info)" in said.out


def test_a_canary_that_fails_is_looked_into(bedside: Bedside) -> None:
    bedside.host.faults.switch_on("null_result")

    code, told = bedside.sees()

    again = told["layers"][-1]
    assert code == 2
    assert told["diagnosis"]["cause"] == "processing_failed"
    assert again["name"] == "again"
    assert {"status", "process", "logs"} <= {
        one["check"] for one in again["checks"]
    }


def test_the_canary_can_be_left_out(bedside: Bedside) -> None:
    code, told = bedside.sees("--no-canary")

    assert code == 0
    assert checks(told)["canary"]["because"] == "left out (--no-canary)"
    assert "canary" not in str(told["diagnosis"]["unknown"])


def test_without_an_enhance_canary_the_first_one_runs(
    bedside: Bedside,
) -> None:
    bedside.change(canaries=[{"operation": "swap", "model": "inswapper_128"}])

    _, told = bedside.sees()

    assert checks(told)["canary.swap-inswapper_128"]["health"] == "healthy"


def test_without_a_canary_it_says_how_to_have_one(bedside: Bedside) -> None:
    bedside.change(canaries=None)

    code, told = bedside.sees()

    line = checks(told)["canary"]
    assert (code, line["reason"]) == (0, "not_configured")
    assert "{operation: enhance, model: gfpgan_1.4}" in line["because"]


def test_without_a_host_what_is_not_known_is_said(bedside: Bedside) -> None:
    bedside.change(host=None, service=None, canary_files={"via": "url"})

    code, told = bedside.sees()

    found = checks(told)
    assert code == 0
    for name in ("ssh", "process", "logs", "jobs", "gpu", "cuda"):
        assert found[name]["reason"] == "not_configured"
    assert found["canary.enhance-gfpgan_1.4"]["health"] == "healthy"
    assert "no host is configured" in told["diagnosis"]["unknown"][0]


def test_without_python_there_cuda_says_what_it_needs(
    without_python: Bedside,
) -> None:
    _, told = without_python.sees("--no-canary")

    line = checks(told)["cuda"]
    assert (line["health"], line["reason"]) == ("unknown", "unseen")
    assert "it needs Python 3.8 or newer on the host" in line["because"]


def test_a_dialect_that_is_not_spoken_is_unknown(bedside: Bedside) -> None:
    bedside.change(dialect="gradio", canaries=None, browser=None)

    _, told = bedside.sees()

    assert checks(told)["status"]["reason"] == "dialect"


def test_a_stranger_is_bad_usage_and_the_known_are_named(
    bedside: Bedside, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["diagnose", "stranger", "--config", str(bedside.path)])

    assert code == 64
    assert capsys.readouterr().err == (
        "cannot find target 'stranger'; configured: studio\n"
    )


async def test_an_interrupt_cleans_up_and_leaves_no_traceback(
    tmp_path: Path,
) -> None:
    durations = {"gfpgan_1.4": 30.0}
    workdir = tmp_path / "studio"
    host = SimulatedHost("studio", workdir=workdir, durations=durations)
    async with host:
        path = write_configuration([host], tmp_path, listen="127.0.0.1:0")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "monitor"),
            *("diagnose", "studio", "--config", str(path)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr is not None
        async with asyncio.timeout(40):
            while await process.stderr.readline() != b"enhance gfpgan_1.4\n":
                pass
            placed = list(host.canary_directory.iterdir())
            process.send_signal(signal.SIGINT)
            out, err = await process.communicate()

        assert process.returncode == 130
        assert b"Traceback" not in err
        assert placed
        assert not any(one.exists() for one in placed)
        assert b"\ncuda\n" in out


async def test_a_reader_that_leaves_ends_it_without_a_traceback(
    tmp_path: Path,
) -> None:
    async with SimulatedHost("studio", workdir=tmp_path / "studio") as host:
        path = write_configuration([host], tmp_path, listen="127.0.0.1:0")
        reading, writing = os.pipe()
        os.close(reading)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "monitor"),
            *("diagnose", "studio", "--config", str(path)),
            stdout=writing,
            stderr=asyncio.subprocess.PIPE,
        )
        os.close(writing)
        async with asyncio.timeout(40):
            _, err = await process.communicate()

    assert b"Traceback" not in err
