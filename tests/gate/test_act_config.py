"""What root lets us act on, and where; everything else is refused."""

import contextlib
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate import act_trust
from monitor.gate.act_asked import read_act
from monitor.gate.act_config import config_object, read_act_config
from monitor.gate.act_start import check_start
from monitor.gate.act_trust import check_platform, distrusted, own_folder
from monitor.gate.protocol import Refused
from tests.gate.act_machine import (
    US,
    Machine,
    Message,
    machine,
    reason,
    sentence,
)

__all__ = ["machine"]

FILE = "etc/facefusion-monitor-gate.json"


def refused(machine: Machine) -> str:
    """Return why no request is served; it must be the file."""
    answer = machine.asks("prepare")
    assert reason(answer) == "forbidden"
    assert "/etc/facefusion-monitor-gate.json" in sentence(answer)
    return sentence(answer)


def body(**more: object) -> Message:
    one = {"manager": "systemd", "unit": "ff.service", **more}
    return {"v": 1, "services": {"studio": one}}


def test_the_file_is_read(machine: Machine) -> None:
    machine.config(port=9002)

    config = read_act_config(US)

    studio = config.service("studio")
    assert config.contained
    assert studio.asked.manager == "process"
    assert studio.asked.port == 9002
    assert studio.start == "/usr/libexec/start"
    assert studio.question["directory"] == str(machine.folder)


def test_a_file_may_leave_out_what_it_does_not_need(machine: Machine) -> None:
    machine.write(FILE, json.dumps(body()))

    config = read_act_config(US)

    assert not config.contained
    assert config.service("studio").start is None


@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602])
def test_a_file_that_others_may_write_is_refused(
    mode: int, machine: Machine
) -> None:
    (machine.root / FILE).chmod(mode)

    assert "chmod go-w" in refused(machine)


def test_a_folder_that_others_may_write_is_refused(machine: Machine) -> None:
    (machine.root / "etc").chmod(0o777)

    assert "/etc may be written" in refused(machine)


@pytest.mark.skipif(US != 0, reason="only root gives files away")
def test_a_file_of_somebody_elses_is_refused(machine: Machine) -> None:
    os.chown(machine.root / FILE, 1234, -1)

    assert "belongs to user 1234" in refused(machine)


def test_a_link_is_refused(machine: Machine) -> None:
    (machine.root / FILE).rename(machine.root / "etc/other.json")
    (machine.root / FILE).symlink_to("other.json")

    assert "symbolic link" in refused(machine)


def test_a_missing_file_is_refused(machine: Machine) -> None:
    (machine.root / FILE).unlink()

    assert "cannot be seen" in refused(machine)


@pytest.mark.parametrize("kind", ["folder", "large"])
def test_what_is_no_small_file_is_refused(kind: str, machine: Machine) -> None:
    (machine.root / FILE).unlink()
    if kind == "folder":
        (machine.root / FILE).mkdir(mode=0o700)
    else:
        machine.write(FILE, " " * 65537)

    assert "64 kB" in refused(machine)


def test_a_file_that_cannot_be_read_is_refused(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    del machine

    def broken(*_words: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("monitor.gate.act_config.read_whole", broken)

    with pytest.raises(Refused, match="Input/output"):
        read_act_config(US)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "\udcff",
        "[" * 100_000,
        "{}",
        '{"v": 1}',
        '{"v": 2, "services": {}}',
        '{"v": true, "services": {}}',
        '{"v": 1, "services": {}, "more": 1}',
        '{"v": 1, "services": {}, "services": {}}',
        '{"v": 1, "services": {}, "contained": 1}',
        '{"v": 1, "services": []}',
        '{"v": 1, "services": {"a b": {}}}',
        '{"v": 1, "services": {"a": []}}',
    ],
)
def test_a_file_that_is_not_ours_is_refused(
    text: str, machine: Machine
) -> None:
    file = machine.root / FILE
    file.write_bytes(text.encode("utf-8", "surrogateescape"))

    refused(machine)


@pytest.mark.parametrize(
    "more",
    [
        {"manager": "init"},
        {"unit": "ff; reboot"},
        {"unit": "$(reboot)"},
        {"unit": "--force"},
        {"unit": "a\nb"},
        {"unit": None},
        {"manager": "docker", "unit": "a b"},
        {"manager": "docker", "unit": "-v"},
        {"manager": "process", "directory": None},
        {"manager": "process", "directory": "relative"},
        {"manager": "process", "directory": "/a/../b"},
        {"port": 0},
        {"port": True},
        {"start": "/usr/bin/start"},
        {"manager": "process", "directory": "/a", "start": "start"},
        {"manager": "process", "directory": "/a", "start": "/a/../b"},
        {"manager": "process", "directory": "/a", "start": ["/a"]},
        {"user": "root"},
    ],
)
def test_a_service_that_makes_no_sense_is_refused(
    more: Message, machine: Machine
) -> None:
    machine.write(FILE, json.dumps(body(**more)))

    assert "studio" in refused(machine)


def test_another_service_than_root_named_is_unknown(machine: Machine) -> None:
    answer = machine.asks("prepare", service="other")

    assert reason(answer) == "unknown_service"
    assert "host install" in sentence(answer)


@given(text=st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Refused):
        assert isinstance(config_object(text.encode()), dict)


def test_a_program_of_roots_may_start_it(machine: Machine) -> None:
    machine.starts()

    check_start("/usr/libexec/start", US)


@pytest.mark.parametrize(
    "flaw", ["mode", "not executable", "link", "folder", "missing", "above"]
)
def test_a_program_that_others_could_change_is_refused(
    flaw: str, machine: Machine
) -> None:
    machine.starts()
    start = machine.root / "usr/libexec/start"
    if flaw == "mode":
        start.chmod(0o775)
    elif flaw == "not executable":
        start.chmod(0o644)
    elif flaw == "above":
        (machine.root / "usr/libexec").chmod(0o1777)
    else:
        start.unlink()
    if flaw == "link":
        start.symlink_to("/bin/true")
    if flaw == "folder":
        start.mkdir(mode=0o755)

    answer = machine.restarts(machine.prepared())

    assert reason(answer) == "forbidden"
    assert sentence(answer).startswith("cannot use start: ")


@pytest.mark.skipif(US != 0, reason="only root gives files away")
def test_a_program_of_its_users_is_refused(machine: Machine) -> None:
    machine.starts()
    os.chown(machine.root / "usr/libexec/start", 1234, -1)

    with pytest.raises(Refused, match="belongs to user 1234"):
        check_start("/usr/libexec/start", US)


def test_the_root_itself_must_be_trusted(machine: Machine) -> None:
    machine.root.chmod(0o777)

    assert distrusted("/etc", US).startswith("/ may be written")


@pytest.mark.parametrize("flaw", ["mode", "file", "no parent"])
def test_a_folder_that_is_not_only_ours_is_refused(
    flaw: str, machine: Machine
) -> None:
    folder = machine.root / "run/facefusion-monitor-gate"
    if flaw == "mode":
        folder.mkdir()
        folder.chmod(0o777)
    elif flaw == "file":
        folder.write_text("")
    else:
        (machine.root / "run").rmdir()

    with pytest.raises(Refused) as caught:
        own_folder(US, "run", "facefusion-monitor-gate")

    assert caught.value.reason == "forbidden"


class Trusted:
    """What the platform looks like, to be made worse."""

    def __init__(self, machine: Machine) -> None:
        (machine.root / "proc").unlink()
        folder = machine.root / "proc/self/ns"
        folder.mkdir(parents=True)
        (folder / "pid").symlink_to("pid:[4026531836]")
        self.namespace = folder / "pid"


def test_in_the_first_namespace_of_a_new_machine_we_act(
    machine: Machine,
) -> None:
    Trusted(machine)

    check_platform(US, contained=False)


@pytest.mark.parametrize("namespace", ["pid:[4026532999]", None])
def test_in_a_container_we_act_only_when_root_says_so(
    namespace: str | None, machine: Machine
) -> None:
    trusted = Trusted(machine)
    trusted.namespace.unlink()
    if namespace:
        trusted.namespace.symlink_to(namespace)

    with pytest.raises(Refused, match="contained") as caught:
        check_platform(US, contained=False)

    assert caught.value.reason == "unsupported"
    check_platform(US, contained=True)


def test_who_is_not_root_does_not_act() -> None:
    with pytest.raises(Refused, match="as root"):
        check_platform(US + 1, contained=True)


def test_a_kernel_without_pidfd_does_not_act(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(_pid: int) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", missing)

    with pytest.raises(Refused, match=r"Linux 5\.3"):
        check_platform(US, contained=True)


def test_an_old_python_does_not_act(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(act_trust, "_OLDEST", (99, 0))

    with pytest.raises(Refused, match="older") as caught:
        check_platform(US, contained=True)

    assert caught.value.reason == "unsupported"


def test_a_machine_without_a_boot_id_does_not_act(machine: Machine) -> None:
    Trusted(machine)

    answer = machine.asks("prepare")

    assert reason(answer) == "unsupported"
    assert "boot id" in sentence(answer)


ONE: Message = {
    "pid": 42,
    "start_ticks": 5,
    "uid": 0,
    "cmdline": ["python"],
    "cwd": "",
    "cgroup": "/",
}
RESTART: Message = {
    "do": "restart",
    "service": "studio",
    "change": "c-1",
    "token": 1,
    "nonce": "n",
    "boot_id": "b",
    "processes": [ONE],
}


def test_a_restart_is_read() -> None:
    asked = read_act(RESTART)

    assert (asked.do, asked.change, asked.within) == ("restart", "c-1", 120)
    [one] = asked.named
    assert (one.cwd, one.is_server) == (None, None)
    assert read_act({**RESTART, "within": 900}).within == 300


@pytest.mark.parametrize(
    "wrong",
    [
        {"do": "all"},
        {"do": None},
        {"service": ""},
        {"service": "*"},
        {"service": None},
        {"service": "a;b"},
        {"change": ""},
        {"change": "x" * 65},
        {"change": "a/b"},
        {"change": 5},
        {"token": 0},
        {"token": True},
        {"token": "7"},
        {"token": 1 << 62},
        {"within": -1},
        {"nonce": ""},
        {"nonce": None},
        {"boot_id": 5},
        {"boot_id": "x" * 65},
        {"processes": None},
        {"processes": {}},
        {"processes": [ONE, ONE]},
        {"processes": [{**ONE, "pid": at} for at in range(1, 514)]},
        {"processes": [5]},
        {"processes": [{**ONE, "pid": 0}]},
        {"processes": [{**ONE, "start_ticks": -1}]},
        {"processes": [{**ONE, "uid": None}]},
        {"processes": [{**ONE, "cmdline": "python"}]},
        {"processes": [{**ONE, "cmdline": [5]}]},
        {"processes": [{**ONE, "cwd": 5}]},
        {"processes": [{**ONE, "cgroup": None}]},
        {"processes": [{**ONE, "is_server": 1}]},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(wrong: Message) -> None:
    with pytest.raises(Refused) as caught:
        read_act({**RESTART, **wrong})

    assert caught.value.reason == "bad_request"
    assert caught.value.because.startswith("cannot use ")


def test_a_key_that_acts_does_not_reboot() -> None:
    with pytest.raises(Refused) as caught:
        read_act({**RESTART, "do": "reboot"})

    assert caught.value.reason == "forbidden"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(ONE)), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(key=st.sampled_from(sorted(RESTART)), value=VALUES)
def test_any_request_is_read_or_refused(key: str, value: object) -> None:
    with contextlib.suppress(Refused):
        asked = read_act({**RESTART, key: value})
        assert all(one.pid > 0 for one in asked.named)
