"""A host without Python, looked at by one constant script."""

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from monitor.adapters.gate.plain import observe
from monitor.adapters.gate.plain.clock import read_clock
from monitor.adapters.gate.plain.machine import read_machine
from monitor.adapters.gate.plain.script import asking
from monitor.domain.errors import CannotReach
from monitor.ports import Ran
from tests.fakes.clock import FakeClock
from tests.fakes.shell import FakeShell, ran

SHELLS = ("dash", "bash", "busybox")
UNIT = """LoadState=loaded
ActiveState=failed
SubState=failed
Result=signal
MainPID={pid}
NRestarts=3
StateChangeTimestampMonotonic=5000000
ExecMainCode=2
ExecMainStatus=9
UnitFileState=enabled
Restart=no
Job={job}
ControlGroup={group}
"""


class LocalShell:
    """Runs scripts here, with a directory of tools before all others."""

    def __init__(self, argv: list[str], tools: Path) -> None:
        self.argv = argv
        self.tools = tools

    async def run(self, script: str, *, within: float) -> Ran:
        process = await asyncio.create_subprocess_exec(
            *self.argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={"PATH": f"{self.tools}:{os.environ['PATH']}"},
        )
        async with asyncio.timeout(within):
            stdout, _ = await process.communicate(script.encode())
        return Ran(
            code=process.returncode or 0,
            stdout=stdout,
            stderr=b"",
            duration=0.1,
        )

    def tool(self, name: str, says: str) -> None:
        file = self.tools / name
        file.write_text(f"#!/bin/sh\n{says}\n")
        file.chmod(0o755)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> LocalShell:
    path = shutil.which(request.param)
    if path is None:
        pytest.skip(f"{request.param} is not installed")
    argv = [path, "sh"] if request.param == "busybox" else [path]
    tools = tmp_path / "tools"
    tools.mkdir()
    return LocalShell(argv, tools)


async def _look(
    shell: LocalShell, **parts: dict[str, object]
) -> dict[str, Any]:
    return await observe(shell, "host 'gpu1'", parts, "no", within=20)


async def _service(shell: LocalShell, **asked: object) -> dict[str, Any]:
    body = await _look(shell, service=asked)
    service: dict[str, Any] = body["parts"]["service"]
    return service


async def test_a_machine_is_told_from_proc(shell: LocalShell) -> None:
    body = await _look(shell, machine={})

    parts = body["parts"]
    machine = parts["machine"]
    assert machine["cpus"] == os.cpu_count()
    assert len(machine["load"]) == 3
    assert 0 < machine["memory_available"] <= machine["memory_total"]
    assert machine["boot_time"] == machine["now"] - machine["uptime"]
    assert body["at"] == machine["now"]
    assert body["boot_id"] == machine["boot_id"]
    assert (machine["people"], machine["packages"]) == (None, None)
    assert [gap["what"] for gap in body["gaps"]] == [
        "people",
        "packages",
        "inhibitors",
    ]


async def test_an_nvidia_smi_that_runs_is_seen(shell: LocalShell) -> None:
    copy = shell.tools / "nvidia-smi"
    shutil.copy("/bin/sleep", copy)
    process = await asyncio.create_subprocess_exec(copy, "20")
    try:
        body = await _look(shell, machine={})
    finally:
        process.kill()
        await process.wait()

    parts = body["parts"]
    drivers = {one["pid"]: one for one in parts["machine"]["drivers"]}
    driver = drivers[process.pid]  # others may run one beside ours
    assert driver["name"] == "nvidia-smi"
    assert driver["state"] in "SRD"
    assert 0 <= driver["age"] < 20


async def test_gpus_that_another_driver_has_are_not_ours_to_miss(
    shell: LocalShell, tmp_path: Path
) -> None:
    for name, driver in (("01", "nvidia"), ("02", "vfio-pci"), ("03", "")):
        device = tmp_path / "devices" / f"0000:{name}:00.0"
        device.mkdir(parents=True)
        (device / "vendor").write_text("0x10de\n")
        (device / "class").write_text("0x030000\n")
        if driver:
            (device / "driver").symlink_to(f"../../drivers/{driver}")
    there = f"{tmp_path}/devices"
    script = asking([("machine", "")]).replace("/sys/bus/pci/devices", there)

    ran = await shell.run(script, within=20)

    found = [line for line in ran.stdout.split(b"\n") if b"gpu " in line]
    assert found == [b"gpu 0000:01:00.0", b"gpu 0000:03:00.0"]


@pytest.mark.parametrize(
    ("state", "wchan", "seen"),
    [("Z", "0", []), ("R", "0", [""]), ("D", "rpc_wait", ["rpc_wait"])],
)
def test_an_nvidia_smi_that_waits_is_told_as_the_gate_tells_it(
    state: str, wchan: str, seen: list[str]
) -> None:
    numbers = " ".join(["1"] * 22)
    section = [
        ("driver", "9"),
        ("stat", f"9 (nvidia-smi) {state} {numbers}"),
        ("wchan", wchan),
    ]
    clock = read_clock([("now", "100"), ("ticks", "100"), ("uptime", "50 1")])

    drivers = read_machine(section, clock)["drivers"]

    assert isinstance(drivers, list)
    assert [one["wchan"] for one in drivers] == seen


async def test_names_are_data_and_never_run(
    shell: LocalShell, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    evil = f"/'; touch {mark}; $(touch {mark}) `touch {mark}` \\047 %s"

    body = await _look(shell, disks={"paths": [evil, "/"]})

    assert not mark.exists()
    parts = body["parts"]
    assert [one["path"] for one in parts["disks"]["disks"]] == ["/"]
    (gap,) = body["gaps"]
    assert gap["what"] == evil


async def test_a_path_of_two_lines_is_not_asked_for(shell: LocalShell) -> None:
    body = await _look(shell, disks={"paths": ["/a\nclock", 7, "relative"]})

    assert len(body["gaps"]) == 3
    assert body["parts"] == {"disks": {"disks": []}}


async def test_a_disk_that_hangs_is_a_gap(shell: LocalShell) -> None:
    shell.tool("df", "exit 124")

    body = await _look(shell, disks={"paths": ["/"]})

    (gap,) = body["gaps"]
    assert gap["because"] == "cannot see its size: df hangs"


async def test_a_file_system_with_spaces_in_its_names(
    shell: LocalShell,
) -> None:
    shell.tool(
        "df",
        'echo "Filesystem 1024-blocks Used Available Capacity Mounted on"\n'
        'case "$*" in\n'
        '*-i*) echo "//nas/my disk 0 0 0 - /mnt/my 50% disk" ;;\n'
        '*) echo "//nas/my disk 1000 400 600 40% /mnt/my 50% disk" ;;\n'
        "esac",
    )

    body = await _look(shell, disks={"paths": ["/mnt/my 50% disk"]})

    parts = body["parts"]
    assert parts["disks"]["disks"] == [
        {
            "path": "/mnt/my 50% disk",
            "total": 1_024_000,
            "free": 614_400,
            "inodes_total": None,
            "inodes_free": None,
        }
    ]


async def test_a_unit_is_told_as_the_gate_tells_it(shell: LocalShell) -> None:
    text = UNIT.format(pid=0, job=77, group="")
    shell.tool(
        "systemctl",
        f'case $1 in\nshow) for last; do :; done\necho "asked $last" >&2\n'
        f"cat <<'END'\n{text}END\n;;\n"
        "list-jobs) echo '77 facefusion.service restart running' ;;\nesac",
    )

    service = await _service(
        shell, manager="systemd", unit="facefusion.service"
    )

    unit = service["unit"]
    assert unit.pop("since") > 1_000_000
    assert unit == {
        "kind": "systemd",
        "name": "facefusion.service",
        "load_state": "loaded",
        "active_state": "failed",
        "sub_state": "failed",
        "result": "signal",
        "main_pid": None,
        "restarts": 3,
        "exit_code": "killed",
        "exit_status": 9,
        "enabled": "enabled",
        "restart_policy": "no",
        "job": "restart",
    }
    assert service["processes"] == []


async def test_a_systemd_that_does_not_answer_is_a_gap(
    shell: LocalShell,
) -> None:
    shell.tool("systemctl", "exit 1")

    body = await _look(
        shell, service={"manager": "systemd", "unit": "facefusion.service"}
    )

    (gap,) = body["gaps"]
    assert gap["what"] == "unit"


@pytest.mark.parametrize(
    ("directory", "strays", "whats"),
    [(None, [], ["unit"]), ("/opt/facefusion", None, ["unit", "strays"])],
)
async def test_strays_are_not_looked_for_by_plain_commands(
    shell: LocalShell,
    directory: str | None,
    strays: object,
    whats: list[str],
) -> None:
    shell.tool("systemctl", "exit 1")
    asked: dict[str, object] = {"manager": "systemd", "unit": "ff.service"}

    body = await _look(shell, service={**asked, "directory": directory})

    assert body["parts"]["service"]["strays"] == strays
    assert [gap["what"] for gap in body["gaps"]] == whats


@pytest.mark.parametrize("unit", ["-x", "a b", "", None, "a\nb", "a*"])
async def test_what_is_no_unit_name_is_not_asked_for(
    shell: LocalShell, unit: object
) -> None:
    shell.tool("systemctl", "exit 1")

    body = await _look(shell, service={"manager": "systemd", "unit": unit})

    assert body["parts"] == {}
    (gap,) = body["gaps"]
    assert gap["because"].startswith("cannot look for it")


async def test_a_bare_process_and_its_listener_are_found(
    shell: LocalShell, tmp_path: Path
) -> None:
    home = tmp_path / "face fusion"
    home.mkdir()
    script = home / "facefusion.py"
    script.write_text(
        "import socket, time\n"
        "s = socket.create_server(('127.0.0.1', 0))\n"
        "print(s.getsockname()[1], flush=True)\n"
        "time.sleep(60)\n"
    )
    link = tmp_path / "current"
    link.symlink_to(home)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "facefusion.py", "run", "two\nlines", ""),
        cwd=home,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    port = int(await process.stdout.readline())
    try:
        service = await _service(
            shell, manager="process", directory=str(link), port=port
        )
    finally:
        process.kill()
        await process.wait()

    (found,) = service["processes"]
    assert found["pid"] == process.pid
    assert found["cmdline"] == [
        *(sys.executable, "facefusion.py", "run", "two lines", "")
    ]
    assert found["cwd"] == str(home)
    assert found["uid"] == os.geteuid()
    assert found["resident"] > 1 << 20
    assert found["is_server"]
    assert service["listeners"] == [
        {
            "address": "127.0.0.1",
            "port": port,
            "pid": process.pid,
            "uid": os.geteuid(),
            "in_container": False,
        }
    ]
    assert service["port_taken_by"] is None


async def test_what_needs_the_gate_is_a_gap_each(shell: LocalShell) -> None:
    body = await _look(
        shell,
        kernel={},
        log={},
        jobs={},
        gpu={},
        service={"manager": "docker", "unit": "facefusion"},
    )

    assert body["parts"] == {}
    gaps = body["gaps"]
    assert {gap["part"] for gap in gaps} == {
        *("kernel", "log", "jobs", "gpu", "service")
    }
    assert all("Python 3.8" in gap["because"] for gap in gaps)


@pytest.mark.parametrize(
    "stdout",
    [
        b"",
        b"@ 0\nnow 5\nuptime 3 4\n",
        b"@ 0\nnow 5\n@ end\n",
        b"@ 0\nnow x\nuptime 3\n@ end\n",
        b"@ end\n",
        b"\xff\n@ 1\n@ end\n",
    ],
)
async def test_half_an_answer_is_refused(stdout: bytes) -> None:
    shell = FakeShell(FakeClock(), ran(stdout))

    with pytest.raises(CannotReach) as caught:
        await observe(shell, "host 'gpu1'", {}, "no", within=5)

    assert caught.value.reason == "unreadable"


def test_no_character_of_a_name_reaches_the_shell() -> None:
    script = asking([("disk", "/ü'\"$`")])

    data, _, constant = script.partition(" | {\n")

    assert set(data) <= set("printf %b '\\01234567")
    assert constant == asking([]).partition(" | {\n")[2]


@pytest.mark.parametrize("name", ["a\nb", "a\0b"])
def test_a_name_of_more_than_one_line_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="more than one line"):
        asking([("disk", name)])
