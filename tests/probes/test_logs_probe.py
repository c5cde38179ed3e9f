"""The look at a log, through a gate that answers what a test wrote."""

import pytest

from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.joblog.reading import LogReading
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.probes.logs import LIMIT, LogsProbe
from tests.fakes.clock import FakeClock
from tests.fakes.gate import FakeGate

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="logs")
NOW = 1_700_000_000.0
OOM = "CUDA failure 2: out of memory"


class House:
    """A probe with its gate, whose log a test writes."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOW)
        self.gate = FakeGate(self.clock)
        self.started: float | None = None
        self.probe = LogsProbe(
            KEY,
            self.gate,
            self.clock,
            source="file",
            unit="",
            path="/var/log/facefusion.log",
            within=8.0,
            directory="/opt/facefusion",
            server_started=lambda: self.started,
        )

    def says(self, *texts: str, cursor: str = "c1") -> None:
        lines = [{"at": None, "text": text} for text in texts]
        body = {"source": "file", "cursor": cursor, "lines": lines}
        self.gate.will_observe("log", body)

    async def look(self) -> Observation:
        self.clock.pass_time(30)
        return await self.probe.look()


def reading(seen: Observation) -> LogReading:
    assert isinstance(seen.reading, LogReading)
    return seen.reading


async def test_the_log_is_asked_for_from_where_it_was_read_to() -> None:
    house = House()
    house.says("hello", cursor="c7")

    first = await house.look()
    await house.look()

    asked = {
        "source": "file",
        "unit": "",
        "path": "/var/log/facefusion.log",
        "limit": LIMIT,
    }
    assert house.gate.asked == [
        {"log": {**asked, "cursor": None}},
        {"log": {**asked, "cursor": "c7"}},
    ]
    assert house.gate.withins == [8.0, 8.0]
    assert (first.probe, first.health, first.reason) == (
        "logs",
        Health.HEALTHY,
        "",
    )
    assert reading(first).source == "file"


async def test_a_bad_line_that_comes_is_degraded_for_five_minutes() -> None:
    house = House()
    house.says("hello", OOM)
    before = await house.look()
    house.says(f"{OOM}: /opt/facefusion/x.py /home/ann/a.png")

    seen = await house.look()
    house.says()
    house.clock.pass_time(300)
    after = await house.look()

    assert before.health is Health.HEALTHY
    assert (seen.health, seen.reason) == (Health.DEGRADED, "out_of_memory")
    (event,) = reading(seen).events
    assert event.evidence == f"{OOM}: /opt/facefusion/x.py ***.png"
    assert after.health is Health.HEALTHY


async def test_times_are_those_of_the_hosts_clock() -> None:
    house = House()
    house.gate.ahead = -86400 * 365
    house.says()
    await house.look()
    house.says(OOM)

    seen = await house.look()

    assert seen.health is Health.DEGRADED
    assert reading(seen).events[0].at < NOW - 86400 * 300


async def test_without_the_hosts_clock_ours_must_do() -> None:
    house = House()
    house.gate.ahead = -1e12
    house.says()
    await house.look()
    house.says(OOM)

    seen = await house.look()

    assert seen.health is Health.DEGRADED
    assert reading(seen).events[0].at == seen.at + seen.duration
    assert [gap.part for gap in reading(seen).gaps] == ["answer"]


async def test_a_restarted_server_has_said_nothing_yet() -> None:
    house = House()
    house.started = NOW - 600
    house.says()
    await house.look()
    house.says(OOM)
    bad = await house.look()

    house.says()
    house.started = NOW + 80
    seen = await house.look()

    assert bad.health is Health.DEGRADED
    assert seen.health is Health.HEALTHY


async def test_a_log_that_is_not_there_is_unknown_and_counts_stay() -> None:
    house = House()
    house.says()
    await house.look()
    house.says(OOM, cursor="c2")
    counted = reading(await house.look()).counts
    house.gate.forgets("log")
    house.gate.gap("log", "", "cannot open the file: no such file")

    seen = await house.look()
    house.says(cursor="c3")
    await house.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "log_missing")
    assert seen.because == "cannot open the file: no such file"
    assert (reading(seen).counts, reading(seen).cursor) == (counted, "c2")
    assert house.gate.asked[-1]["log"]["cursor"] == "c2"


@pytest.mark.parametrize(
    "body", [{}, {"lines": "x"}, {"lines": [], "cursor": 7}]
)
async def test_an_answer_that_is_none_is_unknown(
    body: dict[str, object],
) -> None:
    house = House()
    house.gate.will_observe("log", body)

    seen = await house.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "log_missing")
    assert seen.because.startswith("cannot read log.")


async def test_a_host_that_cannot_be_reached_is_unknown() -> None:
    house = House()
    house.gate.fails(CannotReach("cannot reach gpu1", reason="timeout"))

    seen = await house.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "timeout")
    assert (seen.because, seen.duration) == ("cannot reach gpu1", 8.0)


async def test_a_log_that_could_not_all_be_read_is_unknown() -> None:
    house = House()
    house.says()
    house.gate.gap("log", "journal", "cannot read all of the journal")

    seen = await house.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "log_missing")
    assert seen.because == "cannot read all of the journal"
    assert [gap.what for gap in reading(seen).gaps] == ["journal"]


async def test_a_long_log_is_read_as_a_short_one_is() -> None:
    house = House()
    house.says()
    await house.look()
    house.says(*[OOM] * 1000)

    seen = await house.look()

    assert reading(seen).lines == 1000
    assert dict(reading(seen).counts)["out_of_memory"] == 1000


async def test_without_more_settings_nothing_is_known_of_the_server() -> None:
    house = House()
    house.says(OOM)
    probe = LogsProbe(
        KEY,
        house.gate,
        house.clock,
        source="journal",
        unit="facefusion.service",
        path="",
        within=8.0,
    )

    seen = await probe.look()

    assert [event.kind for event in reading(seen).recent] == ["out_of_memory"]
