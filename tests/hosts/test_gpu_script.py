"""The remote script in real shells, with an nvidia-smi of our own."""

import asyncio
import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.probes.gpu_script import script

SYSTEM = ":/usr/local/bin:/usr/bin:/bin:/usr/lib/wsl/lib"
TOOLS = ("cat", "flock", "sed", "sleep", "timeout")
SHORT = 4.0
"""Leaves nvidia-smi one second."""

SHELLS = [
    pytest.param(
        command,
        id=command[0],
        marks=pytest.mark.skipif(
            shutil.which(command[0]) is None, reason=f"no {command[0]} here"
        ),
    )
    for command in (["dash"], ["bash", "--posix"], ["busybox", "sh"])
]


@dataclass(frozen=True)
class Machine:
    """A directory that plays a GPU host."""

    directory: Path
    shell: list[str]

    def has(self, name: str, body: str) -> None:
        program = self.directory / "bin" / name
        program.unlink(missing_ok=True)
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)

    def lacks(self, name: str) -> None:
        (self.directory / "bin" / name).unlink()

    @property
    def lock(self) -> Path:
        name = f"facefusion-monitor-nvidia-smi.{os.getuid()}.lock"
        return self.directory / "tmp" / name

    async def start(
        self, text: str, stderr: int = asyncio.subprocess.PIPE
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(shutil.which(self.shell[0]) or "", *self.shell[1:], "-c", text),
            env={
                "PATH": str(self.directory / "bin"),
                "TMPDIR": str(self.directory / "tmp"),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )

    async def runs(
        self, within: float, stderr: int = asyncio.subprocess.PIPE
    ) -> tuple[int | None, str, str]:
        """Return the exit code and both streams, read to their ends."""
        process = await self.start(closed(script(within)), stderr)
        out, err = await asyncio.wait_for(process.communicate(), 20)
        return process.returncode, out.decode(), (err or b"").decode()


def closed(text: str) -> str:
    """Return the script without this machine's own directories."""
    assert SYSTEM in text
    return text.replace(SYSTEM, "")


@pytest.fixture(params=SHELLS)
def machine(tmp_path: Path, request: pytest.FixtureRequest) -> Machine:
    (tmp_path / "bin").mkdir()
    (tmp_path / "tmp").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    return Machine(directory=tmp_path, shell=request.param)


@pytest.mark.parametrize("code", [0, 2, 6, 9, 14, 15, 18, 255])
async def test_the_exit_code_and_both_streams_are_nvidia_smis(
    machine: Machine, code: int
) -> None:
    machine.has("nvidia-smi", f"echo out $*; echo err >&2; exit {code}")

    answer = await machine.runs(10)

    assert answer == (code, "out -q -x\n", "err\n")


async def test_supported_clocks_are_cut_out_and_nothing_else(
    machine: Machine,
) -> None:
    machine.has(
        "nvidia-smi",
        """cat <<'END'
<gpu id="1">
  <supported_clocks>N/A</supported_clocks>
  <name>one</name>
  <supported_clocks>
    <supported_mem_clock>
      <value>9751 MHz</value>
    </supported_mem_clock>
  </supported_clocks>
  <fan_speed>0 %</fan_speed>
</gpu>
<gpu id="2">
  <name>a \\ b & c</name>
</gpu>
END""",
    )

    _, out, _ = await machine.runs(10)

    assert [line.strip() for line in out.splitlines()] == [
        '<gpu id="1">',
        "<name>one</name>",
        "<fan_speed>0 %</fan_speed>",
        "</gpu>",
        '<gpu id="2">',
        "<name>a \\ b & c</name>",
        "</gpu>",
    ]


async def test_bytes_that_are_no_utf_8_pass_untouched(
    machine: Machine,
) -> None:
    machine.has("nvidia-smi", r"printf '<a>\377\001</a>\n'")
    process = await machine.start(closed(script(10)))

    out, _ = await asyncio.wait_for(process.communicate(), 20)

    assert out == b"<a>\xff\x01</a>\n"


async def test_a_host_without_nvidia_smi_gives_127(machine: Machine) -> None:
    code, out, err = await machine.runs(10)

    assert code == 127
    assert out == ""
    assert "nvidia-smi" in err


async def test_a_hanging_nvidia_smi_is_ended_with_124(
    machine: Machine,
) -> None:
    machine.has("nvidia-smi", "echo half; exec sleep 30")

    code, out, _ = await machine.runs(SHORT)

    assert code == 124
    assert out == "half\n"


async def test_one_that_ignores_sigterm_is_killed_with_137(
    machine: Machine,
) -> None:
    machine.has("nvidia-smi", "trap '' TERM; exec sleep 30")

    code, _, _ = await machine.runs(SHORT)

    assert code == 137


async def test_a_second_look_while_the_first_hangs_gives_75(
    machine: Machine,
) -> None:
    machine.has("nvidia-smi", "echo started >&2; exec sleep 30")
    first = await machine.start(closed(script(SHORT)))
    assert first.stderr
    assert await first.stderr.readline() == b"started\n"

    second = await machine.runs(SHORT)

    assert second == (75, "", "")
    await first.communicate()
    assert first.returncode == 124


async def test_the_lock_is_free_after_a_look(machine: Machine) -> None:
    machine.has("nvidia-smi", "echo fine")
    await machine.runs(10)

    again = await machine.runs(10)

    assert again == (0, "fine\n", "")
    assert machine.lock.is_file()


async def test_one_that_cannot_be_killed_holds_the_lock_but_not_us(
    machine: Machine,
) -> None:
    """A D-state process, played by one in a session of its own.

    Its `timeout` waits for it for ever, as the real one would. Standard
    error stays in its hands, so nobody waits for the end of that.
    """
    pid_file = machine.directory / "stuck"
    setsid = shutil.which("setsid")
    real = shutil.which("timeout")
    machine.has("nvidia-smi", f"echo $$ >{pid_file}; exec sleep 30")
    machine.has(
        "timeout",
        f'[ "$4" = nvidia-smi ] || exec {real} "$@";'
        f' trap "" TERM; {setsid} -w nvidia-smi',
    )

    nowhere = asyncio.subprocess.DEVNULL
    first, *_ = await machine.runs(SHORT, nowhere)
    second, *_ = await machine.runs(SHORT, nowhere)

    stuck = int(pid_file.read_text())
    os.kill(stuck, 0)
    os.kill(stuck, 9)
    assert first in {124, 137}
    assert second == 75


async def test_a_helper_left_behind_by_nvidia_smi_does_not_hold_us(
    machine: Machine,
) -> None:
    pid_file = machine.directory / "helper"
    machine.has(
        "nvidia-smi",
        f"sleep 30 </dev/null >/dev/null 2>&1 &\necho $! >{pid_file}",
    )

    code, *_ = await machine.runs(SHORT)

    os.kill(int(pid_file.read_text()), 9)
    assert code == 0


@pytest.mark.parametrize("tool", ["flock", "timeout"])
async def test_it_works_without_flock_or_timeout(
    machine: Machine, tool: str
) -> None:
    machine.has("nvidia-smi", "echo fine; exit 14")
    machine.lacks(tool)

    answer = await machine.runs(10)

    assert answer == (14, "fine\n", "")


async def test_a_lock_planted_as_a_link_is_neither_followed_nor_used(
    machine: Machine,
) -> None:
    victim = machine.directory / "victim"
    victim.write_text("precious")
    machine.lock.symlink_to(victim)
    machine.has("nvidia-smi", "echo fine")

    with victim.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        answer = await machine.runs(10)

    assert answer == (0, "fine\n", "")
    assert victim.read_text() == "precious"


async def test_a_dangling_link_as_lock_creates_nothing(
    machine: Machine,
) -> None:
    machine.lock.symlink_to(machine.directory / "new")
    machine.has("nvidia-smi", "echo fine")

    answer = await machine.runs(10)

    assert answer == (0, "fine\n", "")
    assert not (machine.directory / "new").exists()


@pytest.mark.parametrize(
    ("within", "limit", "guard"),
    [(0.5, 1, 3), (4, 1, 3), (10, 7, 9), (30.9, 27, 29)],
)
def test_the_limits_fit_into_the_deadline(
    within: float, limit: int, guard: int
) -> None:
    text = script(within)

    assert f'limit="timeout -k 1 {limit}"' in text
    assert f'guard="timeout -k 1 {guard}"' in text
    assert "@" not in text.replace('"$@"', "")
