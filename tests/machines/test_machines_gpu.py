"""The stand-in nvidia-smi replays, loses a GPU and cannot be ended."""

import pytest

from tests.machines.host import DATA, SystemdHost
from tests.machines.waiting import until

pytestmark = [pytest.mark.machines, pytest.mark.slow]


def test_it_prints_the_recording_and_the_real_pid(host: SystemdHost) -> None:
    host.nvidia_smi.used_by_server(0)

    said = host.as_user("nvidia-smi -q -x")

    assert said.count("<gpu id=") == 2
    assert f"<pid>{host.facefusion_pid()}</pid>" in said
    assert host.nvidia_smi.runs() == 1


def test_a_process_that_has_ended_holds_no_memory(host: SystemdHost) -> None:
    host.nvidia_smi.used_by_server(1)
    pid = host.facefusion_pid()
    host.kill_facefusion()

    assert f"<pid>{pid}</pid>" not in host.as_user("nvidia-smi -q -x")


def test_of_two_gpus_one_is_lost_and_one_stays(host: SystemdHost) -> None:
    host.nvidia_smi.lose_gpu(0)

    said = host.as_user("nvidia-smi -q -x; echo code $?")

    assert "GPU0: 0000:0A:00.0: GPU is lost." in said
    assert said.count("<gpu id=") == 1
    assert said.endswith("code 15")


def test_a_wedged_driver_holds_a_process_that_nobody_can_end(
    host: SystemdHost,
) -> None:
    host.nvidia_smi.freeze()

    host.as_user("timeout -k 0.2 0.2 nvidia-smi -q -x >/dev/null 2>&1 &")
    stuck = until(
        lambda: host.processes_named("nvidia-smi"),
        lambda found: [one.state for one in found] == ["D"],
    )
    host.run(f"kill -9 {stuck[0].pid}")

    assert host.processes_named("nvidia-smi") == stuck
    host.nvidia_smi.thaw()
    until(lambda: host.processes_named("nvidia-smi"), lambda f: not f)


def test_a_disk_can_be_filled_and_emptied(host: SystemdHost) -> None:
    host.fill_disk()
    full = host.run(f"df --output=avail {DATA} | tail -1")

    host.empty_disk()

    assert full == "0"
    assert host.run(f"df --output=avail {DATA} | tail -1") != "0"
