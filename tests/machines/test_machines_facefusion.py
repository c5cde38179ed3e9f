"""The stand-in for FaceFusion is started, stopped and killed as the real."""

import json
import signal

import httpx
import pytest

from tests.machines.host import DIRECTORY, PORT, SystemdHost
from tests.machines.waiting import until

pytestmark = [pytest.mark.machines, pytest.mark.slow]
JPEG = b"\xff\xd8\xff a portrait"


def shown(host: SystemdHost, name: str) -> str:
    return host.systemctl(f"show -p {name} --value")


def queued(host: SystemdHost) -> list[dict[str, object]]:
    folder = host.path(f"{DIRECTORY}/.jobs/queued")
    return [json.loads(file.read_text()) for file in folder.glob("*.json")]


def test_killed_it_stays_down_and_systemd_says_why(host: SystemdHost) -> None:
    host.kill_facefusion()

    until(lambda: shown(host, "ActiveState"), lambda s: s == "failed")
    assert shown(host, "Result") == "signal"
    assert shown(host, "MainPID") == "0"
    assert not host.listens(PORT)


@pytest.mark.usefixtures("place")
def test_killed_it_comes_back_where_the_unit_says_so() -> None:
    with SystemdHost(restart="on-failure") as host:
        before = host.facefusion_pid()
        host.kill_facefusion()

        until(host.facefusion_pid, lambda pid: pid not in {0, before})
        host.await_listening()

        assert shown(host, "NRestarts") == "1"


def test_sigint_ends_it_well_in_a_second_or_two(host: SystemdHost) -> None:
    host.kill_facefusion(signal.SIGINT)

    until(lambda: shown(host, "ActiveState"), lambda s: s == "inactive")
    assert shown(host, "Result") == "success"
    assert shown(host, "ExecMainStatus") == "0"


def test_sigterm_ends_it_at_once(host: SystemdHost) -> None:
    host.kill_facefusion(signal.SIGTERM)

    until(lambda: shown(host, "MainPID"), lambda pid: pid == "0", within=0.5)
    assert shown(host, "ExecMainStatus") == str(int(signal.SIGTERM))


def test_a_second_one_drifts_to_the_next_port(host: SystemdHost) -> None:
    host.start_bare()

    until(lambda: host.listens(PORT + 1), bool)


def test_a_job_of_the_guide_writes_an_image_and_a_job_file(
    host: SystemdHost,
) -> None:
    host.path("/data/in.jpg").write_bytes(JPEG)
    words = {"source_path": "/data/in.jpg"}

    status = httpx.get(f"{host.url}/api/v1/status")
    answer = httpx.post(f"{host.url}/api/v1/enhance-face", json=words)

    output = host.path(answer.json()["output_path"])
    done = host.path(f"{DIRECTORY}/.jobs/completed")
    (job,) = [json.loads(file.read_text()) for file in done.iterdir()]
    assert status.json()["status"] == "online"
    assert output.read_bytes() == JPEG
    assert job["steps"][0]["status"] == "completed"
    assert queued(host) == []


def test_a_job_that_was_killed_stays_started(host: SystemdHost) -> None:
    host.turn(job=True)
    until(lambda: queued(host), bool)

    host.kill_facefusion()

    (job,) = queued(host)
    assert job["steps"] == [
        {"args": {"target_path": "/data/ann.jpg"}, "status": "started"}
    ]


def test_hung_it_accepts_and_never_answers(host: SystemdHost) -> None:
    host.turn(hang=True)
    until(lambda: _answers(host), lambda answers: not answers)

    assert host.listens(PORT)
    assert shown(host, "ActiveState") == "active"


def test_busy_it_uses_a_core_and_has_children(host: SystemdHost) -> None:
    host.turn(busy=True, children=2)
    pid = host.facefusion_pid()

    until(
        lambda: host.run(f"ps --ppid {pid} -o pid= | wc -l"),
        lambda count: count == "2",
    )
    stat = host.path(f"/proc/{pid}/stat")
    until(lambda: int(stat.read_text().split()[13]), lambda used: used > 30)


def _answers(host: SystemdHost) -> bool:
    try:
        return httpx.get(f"{host.url}/api/v1/status", timeout=0.3).is_success
    except httpx.TimeoutException:
        return False
