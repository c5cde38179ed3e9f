"""What hosts report by themselves: the next look comes at once."""

from monitor.domain.fleet import Host, Target
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.service.happening import Happening
from monitor.engine.board import Board
from monitor.engine.events import Event, Reported
from monitor.engine.reported import Reports
from monitor.engine.schedule import Schedule
from monitor.engine.watch import Watch
from tests.fakes.clock import FakeClock
from tests.fakes.probe import FakeProbe, check_of
from tests.fakes.scheduler import FakeScheduler
from tests.fakes.store import FakeStore

EXIT = Happening(kind="exit", name="studio", because="process 7 has ended")
STUDIO = [
    CheckKey(kind=Kind.TARGET, subject="studio", check=name)
    for name in ("status", "process", "logs")
]
ANNEX = CheckKey(kind=Kind.TARGET, subject="annex", check="status")
GPU1 = [
    CheckKey(kind=Kind.HOST, subject="gpu1", check=name)
    for name in ("host", "gpu")
]


class Hall:
    """Two servers, one of them on gpu1; every check was looked at."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.scheduler = FakeScheduler(self.clock)
        self.probes = {
            key: FakeProbe(self.clock, key) for key in (*STUDIO, ANNEX, *GPU1)
        }
        checks = [check_of(p, interval=3600) for p in self.probes.values()]
        targets = [
            Target(name="studio", url="http://x", dialect="rest", host="gpu1"),
            Target(name="annex", url="http://y", dialect="rest"),
        ]
        self.board = Board(targets, [Host(name="gpu1")], checks)
        self.told: list[Event] = []
        watch = Watch(
            clock=self.clock,
            board=self.board,
            store=FakeStore(),
            tell=lambda _: None,
        )
        schedule = Schedule(self.scheduler, self.clock, watch)
        for check in checks:
            schedule.add(check)
        self.reports = Reports(schedule, self.board, self.told.append)

    async def settle(self) -> None:
        await self.scheduler.pass_time(10)
        for probe in self.probes.values():
            probe.looks = 0

    async def looked_at(self) -> set[str]:
        await self.scheduler.pass_time(0.1)
        return {k.label for k, probe in self.probes.items() if probe.looks}


async def test_an_end_is_looked_at_at_once_and_told() -> None:
    hall = Hall()
    await hall.settle()

    hall.reports.happened("gpu1", EXIT)

    assert await hall.looked_at() == {"studio/process", "studio/status"}
    assert hall.told == [
        Reported(
            host="gpu1",
            target="studio",
            kind="exit",
            because="process 7 has ended",
        )
    ]


async def test_a_report_about_another_hosts_server_is_not_heard() -> None:
    hall = Hall()
    await hall.settle()

    hall.reports.happened("gpu2", EXIT)
    hall.reports.happened(
        "gpu1", Happening(kind="exit", name="nobody", because="")
    )

    assert await hall.looked_at() == set()
    assert hall.told == []


async def test_a_lost_line_is_a_reason_to_look_at_all_of_a_machine() -> None:
    hall = Hall()
    await hall.settle()

    hall.reports.line_changed("gpu1")

    assert await hall.looked_at() == {
        "gpu1/host",
        "gpu1/gpu",
        "studio/process",
        "studio/status",
    }
