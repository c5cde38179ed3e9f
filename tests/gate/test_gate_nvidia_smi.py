"""nvidia-smi through the gate: one at a time, and never waited for."""

import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from monitor.gate.commands import Ended, _stopped, run_command
from monitor.gate.gaps import Gaps
from monitor.gate.nvidia_smi import cut_for_answer, observe_gpu
from monitor.gate.pmon import observe_pmon
from monitor.gate.smilock import lock_path, open_lock, take_lock
from monitor.probes.gpu_script import script
from tests.gate.conftest import Programs, Tree

XML = """<nvidia_smi_log>
	<gpu>
		<supported_clocks>
			<value>1</value>
		</supported_clocks>
		<uuid>GPU-1</uuid>
	</gpu>
</nvidia_smi_log>"""


def gpu(**question: object) -> tuple[dict[str, object], list[str]]:
    gaps = Gaps("gpu")
    answer = observe_gpu({"within": 5, **question}, gaps)
    return answer, [gap["what"] for gap in gaps.entries]


def test_output_and_code_are_told_without_long_lists(
    programs: Programs,
) -> None:
    (programs.folder / "xml").write_text(XML)
    programs.has(
        "nvidia-smi",
        f"""[ "$*" = "-q -x" ] || exit 2
        echo sorry >&2; /bin/cat {programs.folder}/xml; exit 15""",
    )

    answer, gaps = gpu()

    duration = answer.pop("duration")
    assert isinstance(duration, float)
    assert 0 < duration < 5
    assert answer == {
        "code": 15,
        "stdout": "<nvidia_smi_log>\n\t<gpu>\n\t\t<uuid>GPU-1</uuid>\n"
        "\t</gpu>\n</nvidia_smi_log>",
        "stderr": "sorry\n",
    }
    assert gaps == []


@pytest.mark.usefixtures("programs")
def test_without_nvidia_smi_the_code_is_that_of_a_shell() -> None:
    answer, _ = gpu()

    assert (answer["code"], answer["stdout"]) == (127, "")


def test_one_that_may_not_be_run_has_a_code_of_its_own(
    programs: Programs,
) -> None:
    (programs.folder / "nvidia-smi").write_text("")

    answer, _ = gpu()

    assert answer["code"] == 126


def test_a_slow_one_is_ended(programs: Programs) -> None:
    programs.has("nvidia-smi", "echo begun; exec /bin/sleep 60")

    answer, _ = gpu(within=3)

    assert (answer["code"], answer["stdout"]) == (124, "begun\n")


def test_one_that_a_signal_ended_has_the_code_of_a_shell(
    programs: Programs,
) -> None:
    programs.has("nvidia-smi", "kill -SEGV $$")

    answer, _ = gpu()

    assert answer["code"] == 139


def test_a_lock_that_somebody_holds_is_75(programs: Programs) -> None:
    programs.has("nvidia-smi", "echo asked")
    lock = open_lock(lock_path())
    assert lock is not None
    assert take_lock(lock)

    answer, _ = gpu()

    assert (answer["code"], answer["stdout"]) == (75, "")
    os.close(lock)
    assert gpu()[0]["code"] == 0


def test_the_lock_lasts_as_long_as_the_process_that_is_stuck(
    programs: Programs, tmp_path: Path
) -> None:
    # What ends the first is not what holds the lock: the second has it on.
    programs.has(
        "nvidia-smi",
        f"""/bin/sleep 30 >/dev/null 2>&1 &
        echo $! >{tmp_path}/stuck""",
    )

    assert gpu()[0]["code"] == 0
    assert gpu()[0]["code"] == 75

    stuck = int((tmp_path / "stuck").read_text())
    os.kill(stuck, signal.SIGKILL)
    lock = os.open(lock_path(), os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # waits for the kernel to let go
    os.close(lock)


def test_it_is_the_lock_of_the_shell_script(
    programs: Programs, tmp_path: Path
) -> None:
    programs.has("nvidia-smi", "echo asked")
    programs.has("flock", 'exec /usr/bin/flock "$@"')
    programs.has("sed", 'exec /bin/sed "$@"')
    lock = open_lock(lock_path())
    assert lock is not None
    assert take_lock(lock)
    environment = {"PATH": str(programs.folder), "TMPDIR": str(tmp_path)}

    ran = subprocess.run(  # noqa: S603 - words of our own
        ["/bin/sh", "-c", script(5)],
        env=environment,
        check=False,
        timeout=20,
        capture_output=True,
    )

    assert ran.returncode == 75
    os.close(lock)


def test_a_lock_that_somebody_else_put_there_is_not_used(
    programs: Programs, tmp_path: Path
) -> None:
    programs.has("nvidia-smi", "echo asked")
    held = open_lock(str(tmp_path / "elsewhere"))
    assert held is not None
    assert take_lock(held)
    Path(lock_path()).symlink_to(tmp_path / "elsewhere")

    answer, _ = gpu()

    assert answer["stdout"] == "asked\n"
    os.close(held)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_lock_of_another_user_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text("")
    os.chown(path, 65534, 65534)

    assert open_lock(str(path)) is None


def test_a_lock_that_is_no_file_is_not_used(programs: Programs) -> None:
    programs.has("nvidia-smi", "echo asked")
    os.mkfifo(lock_path())

    answer, _ = gpu()

    assert answer["stdout"] == "asked\n"
    assert open_lock(lock_path()) is None


@pytest.mark.parametrize(("state", "code"), [("D", 75), ("S", 0)])
def test_without_a_lock_none_is_started_beside_one_that_is_stuck(
    state: str, code: int, programs: Programs, tree: Tree
) -> None:
    programs.has("nvidia-smi", "echo asked")
    os.mkfifo(lock_path())
    tree.write("proc/9/comm", "nvidia-smi\n")
    numbers = " ".join(["1"] * 22)
    tree.write("proc/9/stat", f"9 (nvidia-smi) {state} {numbers}\n")

    assert gpu()[0]["code"] == code


def test_where_nothing_can_be_locked_it_goes_without() -> None:
    listening, telling = os.pipe()
    os.close(telling)
    os.close(listening)

    assert take_lock(listening)


def test_a_long_output_is_cut_and_a_gap(programs: Programs) -> None:
    programs.has(
        "nvidia-smi",
        """i=0
        while [ $i -lt 100000 ]; do
          echo '<a b="c">1234567890</a>'; i=$((i+1))
        done""",
    )

    answer, gaps = gpu()

    assert gaps == ["stdout"]
    assert answer["code"] == 0
    assert isinstance(answer["stdout"], str)
    assert len(answer["stdout"]) == 450_000


def test_what_fits_is_not_cut() -> None:
    assert cut_for_answer("a\n", 3) == "a\n"
    assert cut_for_answer('a"\n', 4) == 'a"'


def test_pmon_is_told_under_the_same_lock(programs: Programs) -> None:
    programs.has("nvidia-smi", 'echo "$@"')
    gaps = Gaps("pmon")

    answer = observe_pmon({}, gaps)

    assert answer == {"code": 0, "stdout": "pmon -c 1\n"}
    assert gaps.entries == []
    assert Path(lock_path()).exists()


def test_a_pmon_without_end_is_cut(programs: Programs) -> None:
    programs.has("nvidia-smi", "while :; do echo 0 1 C - - - - x; done")
    gaps = Gaps("pmon")

    answer = observe_pmon({}, gaps)

    assert answer["code"] in {141, 143}  # it wrote on, or was told to end
    assert [gap["what"] for gap in gaps.entries] == ["stdout"]


class Stuck:
    """A process in the kernel's hands: it takes signals and stays."""

    def __init__(self) -> None:
        self.signals: list[str] = []

    def terminate(self) -> None:
        self.signals.append("TERM")

    def kill(self) -> None:
        self.signals.append("KILL")

    def wait(self, within: float) -> int:
        raise subprocess.TimeoutExpired("stuck", within)


def test_a_process_in_the_kernels_hands_is_left_behind() -> None:
    stuck, ended = Stuck(), Ended()

    code = _stopped(stuck, ended, time.monotonic())  # type: ignore[arg-type]

    assert code is None
    assert ended.late
    assert stuck.signals == ["TERM", "KILL"]


def test_one_that_does_not_listen_to_term_is_killed(
    programs: Programs,
) -> None:
    programs.has(
        "deaf", "trap '' TERM; echo ready; while :; do /bin/sleep 0.1; done"
    )

    ended = run_command(("deaf",), 1.0)

    assert (ended.code, ended.late) == (-9, True)
    assert ended.stdout == b"ready\n"


def test_one_that_closes_its_output_and_stays_is_ended_too(
    programs: Programs,
) -> None:
    programs.has("quiet", "exec >&- 2>&-; exec /bin/sleep 60")

    ended = run_command(("quiet",), 0.3)

    assert (ended.code, ended.late) == (-15, True)


def test_input_is_empty_and_the_language_is_c(programs: Programs) -> None:
    programs.has("tell", 'read -r x; echo "$?$x $LC_ALL"')

    listening, telling = os.pipe()
    os.write(telling, b"a request that is none of its business\n")
    before = os.dup(0)
    os.dup2(listening, 0)

    ended = run_command(("tell",), 5)

    os.dup2(before, 0)
    for one in (listening, telling, before):
        os.close(one)
    assert ended.stdout == b"1 C\n"
