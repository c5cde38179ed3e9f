"""What hosts report by themselves is followed, one task a host."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Mapping,
    Sequence,
)
from typing import Any

import pytest
from typing_extensions import override

from monitor.config import Settings
from monitor.daemon.house import House, build
from monitor.daemon.pushing import (
    HOPELESS,
    PAUSE,
    WITHOUT_PYTHON,
    Followers,
    Pauses,
    follow_host,
)
from monitor.daemon.wiring import Parts
from monitor.domain.errors import CannotReach
from monitor.domain.service.happening import Happening
from tests.fakes.clock import FakeClock
from tests.fakes.gate import FakeGate

LOST = CannotReach("cannot use host: closed", reason="closed")
SERVICES = ({"name": "studio", "port": 9002},)
SERVICE = {"manager": "systemd", "unit": "ff.service", "directory": "/opt/ff"}


def _settings(service: dict[str, str], interval: str = "20s") -> Settings:
    """Return one server on one host, at an address that nobody has."""
    ssh = {
        "address": "127.0.0.1",
        "port": 1,
        "key_file": "absent",
        "known_hosts_file": "absent",
    }
    host = {"name": "gpu1", "ssh": ssh, "host": {"interval": interval}}
    target: dict[str, Any] = {
        "name": "studio",
        "url": "http://127.0.0.1:1",
        "host": "gpu1",
        "service": service,
    }
    return Settings.model_validate({"hosts": [host], "targets": [target]})


@pytest.fixture
async def house() -> AsyncIterator[House]:
    built = build(_settings(SERVICE))
    yield built
    await built.close()


def _followers() -> set[asyncio.Task[Any]]:
    """Return the tasks that follow a host."""
    return {
        task
        for task in asyncio.all_tasks()
        if "follow_host" in str(task.get_coro()) and not task.cancelling()
    }


class Heard:
    """Reports as they come in, and the pauses that were taken."""

    def __init__(self, most: int = 1) -> None:
        self.most = most
        self.breaks = False
        self.happenings: list[tuple[str, Happening]] = []
        self.lines: list[str] = []
        self.pauses: list[float] = []
        self.paused = asyncio.Event()
        self.then: Callable[[], object] = bool

    def happened(self, host: str, happening: Happening) -> None:
        if self.breaks:
            raise ZeroDivisionError
        self.happenings.append((host, happening))

    def line_changed(self, host: str) -> None:
        self.lines.append(host)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.then()
        if len(self.pauses) < self.most:
            return
        self.paused.set()
        await asyncio.Event().wait()


class Closing(FakeGate):
    """A gate that notices when somebody stops watching."""

    is_watched = False

    @override
    async def watch(
        self, services: Sequence[Mapping[str, object]]
    ) -> AsyncGenerator[Mapping[str, object], None]:
        self.is_watched = True
        try:
            async for event in super().watch(services):
                yield event
        finally:
            self.is_watched = False


async def _follow(gate: FakeGate, heard: Heard) -> None:
    """Follow a host until its line was lost often enough."""
    task = asyncio.create_task(
        follow_host(
            "gpu1",
            gate,
            SERVICES,
            heard,
            Pauses(chance=lambda: 1.0),
            heard.pause,
        )
    )
    try:
        async with asyncio.timeout(5):
            await heard.paused.wait()
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_what_happens_on_a_host_is_reported() -> None:
    gate, heard = FakeGate(FakeClock()), Heard()
    gate.push({"event": "alive", "at": 1.0})
    gate.push({"event": "exit", "name": "studio", "pid": 7})
    gate.lose(LOST)

    await _follow(gate, heard)

    [(host, happening)] = heard.happenings
    assert (host, happening.kind, happening.name) == ("gpu1", "exit", "studio")
    assert gate.watched == [SERVICES]


async def test_a_lost_line_is_a_reason_to_look_once() -> None:
    gate, heard = FakeGate(FakeClock()), Heard(most=3)
    gate.fails(LOST)

    await _follow(gate, heard)

    assert heard.lines == ["gpu1"]


async def test_a_line_is_there_again_though_nothing_happens() -> None:
    """A quiet host reports nothing, and the next loss is a reason again."""
    gate, heard = FakeGate(FakeClock()), Heard(most=2)
    gate.lose(LOST)
    gate.lose(LOST)

    await _follow(gate, heard)

    assert heard.lines == ["gpu1", "gpu1", "gpu1"]
    assert heard.pauses == [1.0, 1.0]


async def test_a_line_is_there_again_when_the_host_answers() -> None:
    gate, heard = FakeGate(FakeClock()), Heard(most=2)
    gate.fails(LOST)
    heard.then = gate.works
    gate.lose(LOST)

    await _follow(gate, heard)

    assert heard.lines == ["gpu1", "gpu1", "gpu1"]


async def test_a_host_that_lost_its_python_is_not_back() -> None:
    gate, heard = FakeGate(FakeClock()), Heard(most=3)
    gate.way = "plain"

    await _follow(gate, heard)

    assert heard.lines == []
    assert heard.pauses == [WITHOUT_PYTHON] * 3


async def test_a_watch_is_closed_when_a_fault_of_ours_ends_it() -> None:
    gate, heard = Closing(FakeClock()), Heard()
    gate.push({"event": "exit", "name": "studio", "pid": 7})
    heard.breaks = True
    watched: list[bool] = []
    heard.then = lambda: watched.append(gate.is_watched)

    await _follow(gate, heard)

    assert watched == [False]


async def test_nobody_is_followed_after_the_end(house: House) -> None:
    followers = Followers(Heard())

    await followers.close()
    followers.put(house.parts)

    assert [task.get_name() for task in _followers()] == []


async def test_every_host_with_a_service_is_followed_once(
    house: House,
) -> None:
    followers = Followers(Heard())

    followers.put(house.parts)
    begun = _followers()
    followers.put(house.parts)
    again = _followers()
    await followers.close()

    assert len(begun) == 1
    assert again == begun
    assert _followers() == set()


async def test_a_host_that_left_is_not_followed(house: House) -> None:
    followers = Followers(Heard())
    followers.put(house.parts)
    [task] = _followers()

    followers.put(Parts())
    await asyncio.wait({task})

    assert task.cancelled()
    await followers.close()


async def test_other_settings_for_a_service_begin_another_watch(
    house: House,
) -> None:
    followers = Followers(Heard())
    followers.put(house.parts)
    [task] = _followers()
    unit = {**SERVICE, "unit": "other.service"}

    house.put(house.plan(_settings(unit), public_url=""))
    followers.put(house.parts)
    await asyncio.wait({task})

    assert task.cancelled()
    assert len(_followers()) == 1
    await followers.close()


async def test_another_interval_of_a_host_leaves_its_watch_alone(
    house: House,
) -> None:
    followers = Followers(Heard())
    followers.put(house.parts)
    begun, before = _followers(), house.parts.machines["gpu1"]

    house.put(house.plan(_settings(SERVICE, "40s"), public_url=""))
    followers.put(house.parts)

    after = house.parts.machines["gpu1"]
    assert after is not before
    assert after.gate is before.gate
    assert _followers() == begun
    await followers.close()


async def test_a_host_without_python_gives_no_reason_to_look() -> None:
    gate, heard = FakeGate(FakeClock()), Heard()
    gate.way = "plain"

    await _follow(gate, heard)

    assert heard.lines == []
    assert heard.pauses == [WITHOUT_PYTHON]


async def test_a_fault_of_ours_does_not_end_the_following() -> None:
    gate, heard = FakeGate(FakeClock()), Heard(most=2)
    gate.push({"event": "exit", "name": "studio", "pid": 7})
    gate.lose(LOST)
    heard.breaks = True

    await _follow(gate, heard)

    assert heard.pauses == [PAUSE[1], 1.0]


def test_pauses_double_up_to_a_minute_and_begin_anew() -> None:
    pauses = Pauses(chance=lambda: 1.0)

    taken = [pauses.after(LOST) for _ in range(8)]
    pauses.worked()

    assert taken == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    assert pauses.after(LOST) == PAUSE[0]


def test_pauses_differ_so_that_not_all_come_back_at_once() -> None:
    assert Pauses(chance=lambda: 0.0).after(LOST) == PAUSE[0] / 2


def test_a_host_that_cannot_report_is_asked_rarely() -> None:
    pauses = Pauses()

    for reason in HOPELESS:
        error = CannotReach("cannot", reason=reason)
        assert pauses.after(error) == WITHOUT_PYTHON
