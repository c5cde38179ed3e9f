"""The probe of a machine, at a gate whose answers are written beforehand."""

import pytest

from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.machine.reading import MachineReading
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.probes.host import HostProbe
from monitor.probes.host_notes import OTHER, HostNotes
from tests.domain.machine_parts import GIB, disk, machine
from tests.fakes.clock import FakeClock
from tests.fakes.gate import FakeGate

KEY = CheckKey(kind=Kind.HOST, subject="gpu1", check="host")
XID = "NVRM: Xid (PCI:0000:01:00): 79, pid=812, name=python, GPU has fallen"


def lines(*texts: str, cursor: str | None = "c1") -> dict[str, object]:
    entries = [{"at": 999_990.0, "text": text} for text in texts]
    return {
        "source": "journal",
        "cursor": cursor,
        "entries": entries,
        "lost": False,
    }


class House:
    """A probe with its gate, its clock and its notes; all is well there."""

    def __init__(self, *disks: str) -> None:
        self.clock = FakeClock()
        self.gate = FakeGate(self.clock)
        self.notes = HostNotes()
        self.gate.will_observe(
            "machine", machine(now=self.clock.now(), drivers=[])
        )
        self.gate.will_observe("kernel", lines())
        self.gate.will_observe("disks", {"disks": [disk()]})
        self.probe = HostProbe(
            KEY, self.gate, self.clock, self.notes, disks=disks, within=8.0
        )


def reading(seen: Observation) -> MachineReading:
    assert isinstance(seen.reading, MachineReading)
    return seen.reading


async def test_a_machine_without_trouble_is_a_healthy_look() -> None:
    house = House("/")

    seen = await house.probe.look()

    assert (seen.key, seen.probe) == (KEY, "host")
    assert seen.at == 1_000_000.0
    assert seen.duration == pytest.approx(0.1)
    assert (seen.health, seen.reason) == (Health.HEALTHY, "")
    assert reading(seen).way == "stdin"
    assert reading(seen).gate_version == "0.1.0"
    assert reading(seen).python == "3.9.18"
    assert reading(seen).disks[0].free_bytes == 50 * GIB
    assert reading(seen).gaps == ()


async def test_everything_is_asked_for_at_once_and_within_its_time() -> None:
    house = House("/", "/data")

    await house.probe.look()

    assert house.gate.asked == [
        {
            "machine": {},
            "kernel": {"cursor": None, "limit": 500},
            "disks": {"paths": ["/", "/data"]},
        }
    ]
    assert house.gate.withins == [8.0]


async def test_without_disks_to_watch_none_are_asked_for() -> None:
    house = House()

    seen = await house.probe.look()

    assert "disks" not in house.gate.asked[0]
    assert reading(seen).disks == ()


async def test_a_full_disk_is_unhealthy() -> None:
    house = House("/")
    house.gate.will_observe("disks", {"disks": [disk(free=0)]})

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "disk_full")


async def test_the_kernels_log_is_read_on_and_each_event_counted_once() -> (
    None
):
    house = House()
    house.gate.will_observe("kernel", lines(XID))
    first = await house.probe.look()

    second = await house.probe.look()

    kernel = house.gate.asked[1]["kernel"]
    assert kernel == {"cursor": "c1", "limit": 500}
    for seen in (first, second):
        known = reading(seen).kernel
        assert known is not None
        assert [one.xid for one in known.xids] == [79]
        assert [count for _, _, count in known.counts] == [1]


async def test_a_long_log_is_read_all_the_same() -> None:
    house = House()
    house.gate.will_observe("kernel", lines(*[XID] * 201))

    known = reading(await house.probe.look()).kernel

    assert known is not None
    assert len(known.xids) == 1


async def test_a_log_that_cannot_be_read_for_once_stays_known() -> None:
    house = House()
    house.gate.will_observe("kernel", lines(XID))
    before = await house.probe.look()
    house.gate.will_observe("kernel", {"source": "journal", "entries": 3})

    seen = await house.probe.look()

    assert reading(seen).kernel == reading(before).kernel
    assert [gap.part for gap in reading(seen).gaps] == ["kernel"]
    assert seen.health is Health.HEALTHY
    assert house.notes.kernel == reading(before).kernel


async def test_a_log_that_nobody_ever_read_is_not_known() -> None:
    house = House()
    house.gate.forgets("kernel")
    house.gate.gap("kernel", "", "cannot read the journal: join its group")

    seen = await house.probe.look()

    assert reading(seen).kernel is None
    assert "cannot read the journal: join its group" in seen.because


async def test_a_missing_machine_is_unknown_with_all_else_that_is_there() -> (
    None
):
    house = House("/")
    house.gate.forgets("machine")

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "unseen")
    assert reading(seen).disks[0].path == "/"
    assert house.notes.drivers is None


async def test_the_others_who_look_are_left_notes() -> None:
    house = House()
    house.gate.will_observe("kernel", lines(XID))
    stuck = {"pid": 7, "name": "nvidia-smi", "state": "D", "age": 99.0}
    house.gate.will_observe("machine", machine(drivers=[stuck]))

    seen = await house.probe.look()

    assert seen.reason == "wedged_driver"
    assert house.notes.drivers == reading(seen).drivers
    assert house.notes.drivers_at == 1_000_000.0
    assert house.notes.gpus_on_bus == ("0000:01:00.0",)
    assert house.notes.kernel == reading(seen).kernel


async def test_a_reboot_is_told_once_and_the_old_boots_memory_is_gone() -> (
    None
):
    house = House()
    house.gate.will_observe("kernel", lines(XID))
    await house.probe.look()
    house.notes.own("studio", [812], house.clock.now())
    house.gate.boot_id = "another"
    house.gate.will_observe("kernel", lines(cursor=None))
    house.gate.will_observe("machine", machine(uptime=60.0, now=None))

    seen = await house.probe.look()
    again = await house.probe.look()

    known = reading(seen).kernel
    assert known is not None
    assert (known.boot_id, known.xids) == ("another", ())
    assert [count for _, _, count in known.counts] == [1]
    assert seen.because.startswith("booted again at 1970-01-12 13:45:40 UTC;")
    assert "booted again" not in again.because
    assert house.notes.owner(812, house.clock.now(), 60.0) == OTHER
    assert house.gate.asked[2]["kernel"]["cursor"] is None


async def test_after_a_reboot_nothing_is_known_of_a_log_unread() -> None:
    house = House()
    house.gate.will_observe("kernel", lines(XID))
    await house.probe.look()
    house.gate.boot_id = "another"
    house.gate.forgets("kernel")

    seen = await house.probe.look()
    await house.probe.look()

    assert reading(seen).kernel is None
    assert house.notes.kernel is None
    assert house.gate.asked[2]["kernel"]["cursor"] is None


async def test_a_clock_a_year_off_is_told() -> None:
    house = House()
    house.clock.time = 1_800_000_000.0
    house.gate.ahead = -365 * 86400.0

    seen = await house.probe.look()

    assert seen.health is Health.HEALTHY
    assert "its clock is 365 d 0 h behind ours" in seen.because
    assert reading(seen).clock_offset == pytest.approx(-365 * 86400.0)
    assert reading(seen).boot_time == pytest.approx(1_800_000_000.1 - 5000)


@pytest.mark.parametrize("reason", ["auth", "host_key", "refused", "closed"])
async def test_a_machine_that_cannot_be_reached_is_unhealthy(
    reason: str,
) -> None:
    house = House()
    house.gate.fails(CannotReach("cannot reach gpu1: no", reason=reason))

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, reason)
    assert seen.because == "cannot reach gpu1: no"
    assert seen.reading is None


@pytest.mark.parametrize(
    "reason", ["failed", "gate_missing", "gate_refused", "gate_version"]
)
async def test_a_gate_that_does_not_answer_says_nothing_of_the_machine(
    reason: str,
) -> None:
    house = House()
    house.gate.fails(CannotReach("cannot use the gate", reason=reason))

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, reason)


async def test_a_silent_machine_takes_the_whole_time() -> None:
    house = House()
    house.gate.fails(CannotReach("cannot reach gpu1", reason="timeout"))

    seen = await house.probe.look()

    assert (seen.reason, seen.duration) == ("timeout", 8.0)


async def test_a_failed_look_forgets_nothing() -> None:
    house = House()
    house.gate.will_observe("kernel", lines(XID))
    await house.probe.look()
    house.gate.fails(CannotReach("cannot reach gpu1", reason="timeout"))
    await house.probe.look()
    house.gate.works()

    seen = await house.probe.look()

    known = reading(seen).kernel
    assert known is not None
    assert [count for _, _, count in known.counts] == [1]
    assert "booted again" not in seen.because


async def test_a_plain_way_is_no_fault() -> None:
    house = House()
    house.gate.way = "plain"

    seen = await house.probe.look()

    assert seen.health is Health.HEALTHY
    assert (reading(seen).way, reading(seen).python) == ("plain", "")
