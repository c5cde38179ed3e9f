"""Docker is asked for what we need, and never for its secrets."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.gate.docker import (
    container_seen,
    inspect_container,
    is_container_name,
    nanoseconds,
    read_inspected,
)
from monitor.gate.gaps import Gaps
from tests.gate.fake_host import FakeHost

STATE = {
    "Status": "running",
    "Running": True,
    "Pid": 4711,
    "ExitCode": 0,
    "OOMKilled": False,
    "StartedAt": "2026-11-22T12:00:00.5Z",
    "FinishedAt": "0001-01-01T00:00:00Z",
    "Health": {"Status": "healthy"},
}
INSPECTED = {
    "id": "0123abcd",
    "state": STATE,
    "restarts": 3,
    "policy": {"Name": "unless-stopped", "MaximumRetryCount": 0},
    "ports": {
        "7860/tcp": [{"HostIp": "0.0.0.0", "HostPort": "7870"}],  # noqa: S104
        "7861/tcp": [{"HostIp": "", "HostPort": "7871"}, "odd", {}],
        "7862/tcp": None,
        "53/udp": [{"HostIp": "", "HostPort": "53"}],
        "x/tcp": [{"HostPort": "1"}],
    },
}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    return FakeHost(tmp_path, monkeypatch)


def test_a_running_container_is_told_in_our_words(host: FakeHost) -> None:
    host.tool("docker", f"cat <<'.'\n{json.dumps(INSPECTED)}\n.")
    gaps = Gaps("service")

    seen = inspect_container("ff", gaps, 5.0)

    assert seen
    assert seen.main_pid == 4711
    assert seen.published == (
        ("0.0.0.0", 7870, 7860),  # noqa: S104
        ("0.0.0.0", 7871, 7861),  # noqa: S104
    )
    assert seen.answer == {
        "kind": "docker",
        "name": "ff",
        "id": "0123abcd",
        "state": "running",
        "main_pid": 4711,
        "restarts": 3,
        "since": 1795348800.5,
        "exit_status": None,
        "oom_killed": False,
        "health": "healthy",
        "restart_policy": "unless-stopped",
    }
    assert gaps.entries == []
    (call,) = host.calls("docker")
    assert call.endswith("-- ff")
    assert "Env" not in call


def test_an_ended_container_says_how_and_since_when() -> None:
    state = {
        **STATE,
        "Running": False,
        "Status": "exited",
        "Pid": 0,
        "ExitCode": 137,
        "OOMKilled": True,
        "FinishedAt": "2026-11-22T13:00:00+01:00",
    }

    seen = container_seen("ff", {"id": 7, "state": state, "restarts": True})

    assert seen.main_pid is None
    assert seen.answer["exit_status"] == 137
    assert seen.answer["oom_killed"] is True
    assert seen.answer["since"] == 1795348800.0
    assert seen.answer["id"] is None
    assert seen.answer["restarts"] is None
    assert seen.published == ()


def test_a_container_never_started_has_no_since() -> None:
    state = {**STATE, "StartedAt": "0001-01-01T00:00:00Z", "ExitCode": -1}

    assert container_seen("ff", {"state": state}).answer["since"] is None
    assert container_seen("ff", {"state": {}}).answer["since"] is None


@pytest.mark.parametrize(
    "said",
    [
        "Error: No such container: ff",
        "Error response from daemon: No such container: ff",
    ],
)
def test_a_container_that_does_not_exist_is_not_found(
    host: FakeHost, said: str
) -> None:
    host.tool("docker", f"echo '{said}' >&2; exit 1")
    gaps = Gaps("service")

    seen = inspect_container("ff", gaps, 5.0)

    assert seen
    assert seen.answer["state"] == "not-found"
    assert gaps.entries == []


@pytest.mark.parametrize(
    ("script", "because"),
    [
        (
            "echo 'permission denied while trying to connect' >&2; exit 1",
            "group docker",
        ),
        ("echo 'Cannot connect to the Docker daemon' >&2; exit 1", "Cannot"),
        ("echo '{'", "makes no sense"),
        ("echo '[]'", "makes no sense"),
        ("""echo '{"state": 1}'""", "makes no sense"),
        ("exec sleep 60", "did not answer in time"),
    ],
)
def test_a_docker_that_does_not_answer_is_a_gap(
    host: FakeHost, script: str, because: str
) -> None:
    host.tool("docker", script)
    gaps = Gaps("service")

    assert inspect_container("ff", gaps, 0.3) is None
    assert because in gaps.entries[0]["because"]


@pytest.mark.parametrize("name", ["", "-f", "a b", "../x", None, ".x", "a\n"])
def test_what_is_no_container_is_refused(name: object) -> None:
    assert not is_container_name(name)
    assert is_container_name("face_fusion-1.2")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:01.000000001Z", 1_000_000_001),
        ("1970-01-01T00:00:01.5Z", 1_500_000_000),
        ("1970-01-01T01:00:00.1234567891+01:00", 123_456_789),
        ("1970-13-01T00:00:00Z", None),
        ("1970-01-01 00:00:00Z", None),
        ("", None),
    ],
)
def test_moments_are_read_to_the_nanosecond(text: str, at: int | None) -> None:
    assert nanoseconds(text) == at


@given(st.binary())
def test_any_answer_is_read_or_none(text: bytes) -> None:
    found = read_inspected(text)

    assert found is None or container_seen("x", found).answer["kind"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["id", "restarts", "policy", "ports"]), JSON
    ),
    st.dictionaries(st.sampled_from(list(STATE)), JSON),
)
def test_any_json_is_a_container_in_our_words(
    found: dict[str, object], state: dict[str, object]
) -> None:
    seen = container_seen("x", {**found, "state": state})

    assert seen.answer["main_pid"] is None or seen.main_pid
