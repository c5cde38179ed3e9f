"""Lines of the kernel's log: an event or nothing, never an exception."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.kernel.event import KernelLine, OomKill, XidEvent
from monitor.domain.kernel.lines import event_of, events
from monitor.domain.kernel.slot import slot

PREFIXES = [
    "",
    "[ 5107.644336] ",
    "[Sun Feb 23 16:24:18 2025] ",
    "[...] ",
    "<4>[  12.300000] ",
    "kernel: ",
    "  ",
]
FELL_OFF = "GPU has fallen off the bus."


def of(text: str) -> XidEvent | OomKill | None:
    return event_of(KernelLine(at=5.0, text=text), "boot")


def xid(text: str) -> tuple[str, int, int | None, str]:
    event = of(text)
    assert isinstance(event, XidEvent)
    assert (event.boot_id, event.at) == ("boot", 5.0)
    return event.pci_bus_id, event.xid, event.pid, event.process


def told(*texts: str) -> list[XidEvent | OomKill]:
    lines = [KernelLine(at=float(at), text=t) for at, t in enumerate(texts)]
    return list(events(lines, "boot"))


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    ("line", "seen"),
    [
        (
            (
                "NVRM: Xid (PCI:0000:9b:00): 119, pid=2024380,"
                " name=nvidia-smi, Timeout after 6s of waiting for RPC!"
            ),
            ("0000:9b:00", 119, 2024380, "nvidia-smi"),
        ),
        (
            (
                "NVRM: Xid (PCI:0000:3b:00): 120, pid='<unknown>',"
                " name=<unknown>, GSP Error: Task 1 raised error code 0x5"
            ),
            ("0000:3b:00", 120, None, ""),
        ),
        (
            f"NVRM: Xid (PCI:0000:03:00): 79, {FELL_OFF})",
            ("0000:03:00", 79, None, ""),
        ),
        (
            "NVRM: Xid (0000:03:00): 14, Channel 00000001",
            ("0000:03:00", 14, None, ""),
        ),
        (
            "NVRM: Xid (PCI:0018:01:00): 149, NETIR_LINK_EVT Fatal XC0 i0",
            ("0018:01:00", 149, None, ""),
        ),
        (
            "NVRM: Xid (PCI:0000:01:00 GPU-I:05): 13, pid=7, name=a b, Gr",
            ("0000:01:00", 13, 7, "a b"),
        ),
        (
            f"NVRM: GPU 0000:18:00.0: {FELL_OFF}",
            ("0000:18:00.0", 79, None, ""),
        ),
        (
            (
                "NVRM: The NVIDIA GPU 0000:18:00.0 (PCI ID: 10de:2204)"
                " installed in this system has fallen off the bus and is"
                " not responding to commands."
            ),
            ("0000:18:00.0", 79, None, ""),
        ),
    ],
)
def test_every_form_of_a_gpu_error_is_read(
    prefix: str, line: str, seen: tuple[str, int, int | None, str]
) -> None:
    assert xid(prefix + line) == seen


def test_the_message_of_three_lines_is_one_event() -> None:
    found = told(
        "NVRM: The NVIDIA GPU 0000:18:00.0",
        "NVRM: (PCI ID: 10de:2204) installed in this system has",
        "NVRM: fallen off the bus and is not responding to commands.",
        "NVRM: Xid (PCI:0000:19:00): 13, pid=7, name=x",
    )

    assert [
        (one.pci_bus_id, one.xid) for one in found if isinstance(one, XidEvent)
    ] == [("0000:18:00.0", 79), ("0000:19:00", 13)]
    assert found[0].at == 0.0


def test_the_message_is_one_event_where_it_came_as_one_text() -> None:
    (found,) = told(
        "NVRM: The NVIDIA GPU 0000:18:00.0\n"
        "NVRM: (PCI ID: 10de:2204) installed in this system has\n"
        "NVRM: fallen off the bus and is not responding to commands."
    )

    assert isinstance(found, XidEvent)
    assert found.text == (
        "NVRM: The NVIDIA GPU 0000:18:00.0 NVRM: (PCI ID: 10de:2204)"
        " installed in this system has NVRM: fallen off the bus and is not"
        " responding to commands."
    )


def test_a_line_after_the_whole_message_is_not_swallowed() -> None:
    found = told(
        "NVRM: The NVIDIA GPU 0000:18:00.0 has fallen off the bus and is not"
        " responding to commands.",
        "NVRM: Xid (PCI:0000:18:00): 79, pid=7, name=x",
    )

    assert len(found) == 2


def test_a_gpu_that_is_not_supported_has_not_fallen_off() -> None:
    found = told(
        "NVRM: The NVIDIA GPU 0000:18:00.0 (PCI ID: 10de:2204)",
        "NVRM: installed in this system is not supported by the driver",
        "usb 1-1: new device",
        "NVRM: a",
        "NVRM: b",
        "NVRM: fallen off the bus and is not responding to commands.",
    )

    assert found == []


@pytest.mark.parametrize(
    ("line", "pid", "process", "cgroup"),
    [
        (
            (
                "Out of memory: Killed process 4242 (python3) total-vm:9kB,"
                " anon-rss:8kB, UID:1000 pgtables:1kB oom_score_adj:0"
            ),
            4242,
            "python3",
            "",
        ),
        (
            "Memory cgroup out of memory: Killed process 17 (python) total-vm",
            17,
            "python",
            "",
        ),
        ("Killed process 17 (a (b) c), UID 1", 17, "a (b) c", ""),
        (
            "Killed process 17, UID 1000, (python) total-vm:1kB",
            17,
            "python",
            "",
        ),
        (
            (
                "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,"
                "mems_allowed=0,oom_memcg=/s,task_memcg=/s/facefusion.service,"
                "task=python3,pid=4242,uid=1000"
            ),
            4242,
            "python3",
            "/s/facefusion.service",
        ),
        ("oom-kill:constraint=X,task=x,pid=9,uid=0", 9, "x", ""),
    ],
)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_kill_for_memory_is_read(
    prefix: str, line: str, pid: int, process: str, cgroup: str
) -> None:
    event = of(prefix + line)

    assert event == OomKill(
        boot_id="boot", at=5.0, pid=pid, process=process, cgroup=cgroup
    )


def test_a_process_cannot_name_another_victim() -> None:
    event = of(
        "oom-kill:constraint=X,task_memcg=/a,task=,pid=1,uid=0,pid=4242,uid=9"
    )

    assert isinstance(event, OomKill)
    assert event.pid == 4242


@pytest.mark.parametrize(
    "line",
    [
        "",
        "NVRM: GPU at PCI:0000:9b:00: GPU-509665ad-b600",
        "NVRM: GPU Board Serial Number: 1650124014249",
        "NVRM: Xid (PCI:0000:9b:00): 12345, pid=1",
        "NVRM: Xid (PCI:zzzz:9b:00): 79",
        "audit: NVRM: Xid (PCI:0000:9b:00): 79, pid=1",
        "Out of memory: Kill process 1 (a) score 9 or sacrifice child",
        "oom_reaper: reaped process 1 (a), now anon-rss:0kB",
        "systemd[1]: x.service: Killed process 1 (a) with signal SIGKILL.",
        "python invoked oom-killer: gfp_mask=0x0, order=0",
    ],
)
def test_other_lines_tell_nothing(line: str) -> None:
    assert of(line) is None


def test_what_a_terminal_would_obey_is_not_kept() -> None:
    event = of("NVRM: Xid (PCI:0000:9b:00): 13, pid=1, name=a\x1b[2Jb, x")

    assert isinstance(event, XidEvent)
    assert event.process == "a [2Jb"
    assert "\x1b" not in event.text


def test_each_recorded_line_is_read(samples: Path) -> None:
    text = (samples / "nvidia_smi" / "xid_lines.txt").read_text()
    lines = [line for line in text.splitlines() if line[0] != "#"]

    found = [of(line) for line in lines]

    assert [
        (slot(event.pci_bus_id), event.xid, event.pid)
        for event in found
        if isinstance(event, XidEvent)
    ] == [
        ("00000000:9B:00.0", 119, 2024380),
        ("00000000:61:00.0", 45, 1496200),
        ("00000000:3B:00.0", 120, None),
        ("00000000:3B:00.0", 119, None),
        ("00000000:03:00.0", 79, None),
        ("00000000:03:00.0", 14, None),
        ("00000000:18:00.0", 79, None),
        ("00000018:01:00.0", 149, None),
        ("00000000:05:00.0", 79, None),
    ]
    assert len(lines) == len(found)


def test_only_the_xid_lines_of_a_recorded_log_are_events(
    samples: Path,
) -> None:
    log = samples / "nvidia_smi" / "gpud__dmesg-with-xid-119.log"

    found = told(*log.read_text(errors="replace").splitlines())

    assert [one.xid for one in found if isinstance(one, XidEvent)] == [119] * 5


SCRAPS = st.sampled_from(
    [
        "NVRM: ",
        "Xid (PCI:0000:9b:00): ",
        "79, ",
        "pid=",
        "'<unknown>'",
        "name=",
        "The NVIDIA GPU 0000:18:00.0",
        "fallen off the bus and is not responding",
        "Killed process ",
        "oom-kill:constraint=",
        ",task=",
        ",pid=",
        ",uid=",
        "9" * 30,
        "٣",
        "(",
        ")",
        "\n",
        "[ 1.0] ",
        "<6>",
        " " * 3000,
        "\x00",
        "\ud800",
    ]
)
TEXTS = st.text() | st.lists(SCRAPS, max_size=12).map("".join)


@given(st.lists(TEXTS, max_size=6))
def test_any_text_is_an_event_or_nothing(texts: list[str]) -> None:
    for event in told(*texts):
        assert isinstance(event, XidEvent | OomKill)
        text = event.text if isinstance(event, XidEvent) else event.process
        assert len(text) <= 300


@given(
    st.integers(0, 0xFFFF),
    st.integers(0, 255),
    st.integers(1, 999),
    st.none() | st.integers(1, 4_194_304),
    st.sampled_from(PREFIXES),
)
def test_what_the_driver_prints_is_what_is_read(
    domain: int, bus: int, number: int, pid: int | None, prefix: str
) -> None:
    who = "pid='<unknown>'" if pid is None else f"pid={pid}"
    line = f"NVRM: Xid (PCI:{domain:04x}:{bus:02x}:00): {number}, {who}, x"

    assert xid(prefix + line) == (
        f"{domain:04x}:{bus:02x}:00",
        number,
        pid,
        "",
    )
