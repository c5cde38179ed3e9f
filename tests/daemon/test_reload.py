"""A new configuration: what did not change goes on as if nothing was."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from typing_extensions import override

from monitor.config import Settings
from monitor.daemon.configuration import Configuration
from monitor.daemon.following import follow
from monitor.daemon.house import House, Leaving
from monitor.daemon.reload import (
    InForce,
    Prepare,
    Reload,
    Remind,
    close_when_idle,
    nothing_known,
)
from monitor.daemon.wiring import Parts
from monitor.domain.errors import CannotStore, ConfigurationError, MonitorError
from monitor.domain.health import Health
from monitor.domain.history import Kept
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.check import Check
from monitor.engine.events import Event, Rewired
from monitor.engine.schedule import Schedule
from monitor.engine.watch import Watch
from monitor.ports import Due
from tests.fakes.clock import FakeClock
from tests.fakes.probe import seen
from tests.fakes.scheduler import FakeScheduler
from tests.fakes.store import FakeStore

DUE = Due(at=0.0)


def target(number: int, **more: object) -> dict[str, object]:
    url = f"http://127.0.0.1:{20000 + number}"
    return {"name": f"t{number}", "url": url, **more}


class Site:
    """A house that follows a file, with a scheduler that does not run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.house = House()
        self.scheduler = FakeScheduler(FakeClock())
        self.events: list[Event] = []
        self.put: list[Settings] = []
        self.refuses = False
        watch = Watch(
            clock=self.house.clock,
            board=self.house.board,
            store=FakeStore(),
            tell=self.events.append,
        )
        self.schedule = Schedule(self.scheduler, self.house.clock, watch)
        self.reload = Reload(
            configuration=Configuration(None, {}, folder),
            house=self.house,
            schedule=self.schedule,
            public_url=lambda _: "http://127.0.0.1:1",
            prepare=[self._prepare()],
            tell=self.events.append,
        )

    def write(self, *targets: dict[str, object], **more: object) -> None:
        text = yaml.safe_dump({"targets": list(targets), **more})
        (self.folder / "facefusion-monitor.yml").write_text(text)

    def key(self, number: int, check: str = "status") -> CheckKey:
        return CheckKey(kind=Kind.TARGET, subject=f"t{number}", check=check)

    def look_at(self, number: int, health: Health) -> None:
        entry = self.house.board.entry(self.key(number))
        shown = seen(health, key=entry.check.key, at=self.house.clock.now())
        self.house.board.post(entry.check, shown, Track(health=health))

    def rewired(self) -> Rewired:
        return [e for e in self.events if isinstance(e, Rewired)][-1]

    def _prepare(self) -> Prepare:
        def ready(settings: Settings) -> Callable[[], Sequence[str]]:
            if self.refuses:
                raise ConfigurationError("cannot read the tokens")

            def put() -> Sequence[str]:
                self.put.append(settings)
                return ["a warning"]

            return put

        return ready


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path)
    yield site
    await site.reload.close(1)
    await site.house.close()


async def test_one_changed_target_of_five_hundred_leaves_the_others(
    site: Site,
) -> None:
    site.write(*map(target, range(500)))
    await site.reload.from_file()
    for number in range(500):
        site.look_at(number, Health.DEGRADED)
    before = {e.check.key: e for e in site.house.board.entries()}
    jobs = dict(site.scheduler.jobs)

    fleet = [target(n) for n in range(500)]
    fleet[7] = target(7, status={"interval": "10s"})
    site.write(*fleet)
    done = await site.reload.from_file()

    changed = {key for key in before if key.subject == "t7"}
    after = {e.check.key: e for e in site.house.board.entries()}
    assert (done.added, done.changed, done.removed) == ((), ("t7",), ())
    assert set(site.rewired().checks) == changed
    assert after.keys() == before.keys()
    assert all(after[k] is before[k] for k in before if k not in changed)
    assert site.scheduler.jobs.keys() >= {key.label for key in after}
    kept = [k.label for k in before if k not in changed]
    assert all(site.scheduler.jobs[n] is jobs[n] for n in kept)
    again = site.house.board.entry(site.key(7))
    assert again.check.interval == 10
    assert again.track.health is Health.DEGRADED


async def test_targets_come_and_go(site: Site) -> None:
    site.write(target(1), target(2))
    await site.reload.from_file()

    site.write(target(2), target(3))
    done = await site.reload.from_file()

    assert (done.added, done.removed) == (("t3",), ("t1",))
    assert set(site.house.board.targets) == {"t2", "t3"}
    assert "t1/status" not in site.scheduler.jobs
    assert "t3/status" in site.scheduler.jobs


@pytest.mark.parametrize("text", ["targets: []", "{", "targets: [{name: X}]"])
async def test_a_bad_file_changes_nothing(site: Site, text: str) -> None:
    site.write(target(1))
    await site.reload.from_file()
    before = list(site.house.board.entries())
    (site.folder / "facefusion-monitor.yml").write_text(text)

    with pytest.raises(ConfigurationError):
        await site.reload.from_file()

    assert list(site.house.board.entries()) == before
    assert not site.reload.last.successful
    assert len(site.put) == 1


async def test_tokens_that_cannot_be_read_change_nothing(site: Site) -> None:
    site.write(target(1))
    await site.reload.from_file()
    site.write(target(2))
    site.refuses = True

    with pytest.raises(ConfigurationError, match="tokens"):
        await site.reload.from_file()

    assert set(site.house.board.targets) == {"t1"}


async def test_a_good_file_after_a_bad_one_counts(site: Site) -> None:
    site.write(target(1))
    await site.reload.from_file()
    site.write()
    with pytest.raises(ConfigurationError):
        await site.reload.from_file()

    site.write(target(2))
    done = await site.reload.from_file()

    assert site.reload.last.successful
    assert site.reload.last.succeeded_at == pytest.approx(done.at, abs=1)
    assert done.warnings == ("a warning",)


async def test_a_new_key_in_the_same_file_is_a_new_connection(
    site: Site,
) -> None:
    for name in ("key", "known"):
        (site.folder / name).touch(0o600)
    ssh = {
        "address": "127.0.0.1",
        "key_file": "key",
        "known_hosts_file": "known",
    }
    hosts = [{"name": "gpu1", "ssh": ssh}]
    site.write(target(1, host="gpu1"), target(2), hosts=hosts)
    await site.reload.from_file()
    [first] = site.house.hosts
    unchanged = await site.reload.from_file()

    (site.folder / "key").write_text("another")
    done = await site.reload.from_file()

    assert unchanged.changed == ()
    assert done.changed == ("gpu1", "t1")
    assert site.house.hosts[0] is not first


async def test_lists_are_followed_and_the_file_is_left_as_it_was_read(
    site: Site,
) -> None:
    site.write(target(1), targets_from=[{"file": "fleet/*.yml"}])
    (site.folder / "fleet").mkdir()
    (site.folder / "fleet/a.yml").write_text("- targets: ['10.0.0.2:9002']")
    await site.reload.from_file()
    site.write(target(9))
    heard: list[InForce | MonitorError] = []
    follow(site.reload, site.scheduler, first=0, changed=heard.append)

    await site.scheduler.jobs["targets_from"].turn(DUE)
    (site.folder / "fleet/a.yml").write_text("- targets: ['10.0.0.3:9002']")
    await site.scheduler.jobs["targets_from"].turn(DUE)

    [done] = heard
    assert isinstance(done, InForce)
    assert done.added == ("10.0.0.3-9002",)
    assert done.removed == ("10.0.0.2-9002",)
    assert set(site.house.board.targets) == {"t1", "10.0.0.3-9002"}


async def test_a_list_that_shrinks_to_nothing_is_told_once_and_kept(
    site: Site,
) -> None:
    site.write(target(1), targets_from=[{"file": "a.yml"}])
    (site.folder / "a.yml").write_text("- targets: ['10.0.0.2:9002']")
    await site.reload.from_file()
    heard: list[InForce | MonitorError] = []
    follow(site.reload, site.scheduler, first=0, changed=heard.append)

    (site.folder / "a.yml").write_text("[]")
    for _ in range(3):
        await site.scheduler.jobs["targets_from"].turn(DUE)

    [done] = heard
    assert isinstance(done, InForce)
    assert done.removed == ()
    assert "names nothing any more" in done.warnings[0]
    assert not site.reload.last.successful
    assert "10.0.0.2-9002" in site.house.board.targets


async def test_lists_that_are_refused_show_in_the_metrics(
    site: Site,
) -> None:
    site.write(target(1), targets_from=[{"file": "a.yml"}])
    (site.folder / "a.yml").write_text("- targets: ['10.0.0.2:9002']")
    await site.reload.from_file()
    site.refuses = True
    (site.folder / "a.yml").write_text("- targets: ['10.0.0.3:9002']")

    with pytest.raises(ConfigurationError):
        await site.reload.from_lists()

    assert not site.reload.last.successful


async def test_lists_are_not_looked_at_while_a_reload_is_under_way(
    site: Site,
) -> None:
    site.write(target(1), targets_from=[{"file": "a.yml"}])
    (site.folder / "a.yml").write_text("- targets: ['10.0.0.2:9002']")
    await site.reload.from_file()
    (site.folder / "a.yml").write_text("- targets: ['10.0.0.3:9002']")

    both = await asyncio.gather(
        site.reload.from_file(), site.reload.from_lists()
    )

    assert both[0].added == ("10.0.0.3-9002",)
    assert both[1] is None


async def test_what_was_known_of_a_target_comes_back_with_it(
    site: Site,
) -> None:
    asked: list[tuple[str, str]] = []

    async def recall(
        checks: Sequence[Check], urls: Mapping[str, str]
    ) -> Remind:
        asked.extend((c.key.label, urls[c.key.subject]) for c in checks)
        bad = Track(health=Health.UNHEALTHY)

        def remind() -> None:
            for check in checks:
                site.house.board.restore(
                    Kept(
                        key=check.key,
                        track=bad,
                        told_at=site.house.clock.now(),
                        url=urls[check.key.subject],
                    )
                )

        return remind

    site.write(target(1))
    await site.reload.from_file()
    site.look_at(1, Health.HEALTHY)
    site.reload.recall = recall

    site.write(target(1), target(2))
    await site.reload.from_file()

    now = site.house.clock.now()
    assert site.house.board.health("t1", now) is Health.HEALTHY
    assert site.house.board.health("t2", now) is Health.UNHEALTHY
    assert {label for label, _ in asked} == {"t2/status", "t2/network"}
    assert {url for _, url in asked} == {"http://127.0.0.1:20002"}


async def test_a_store_that_fails_stops_a_start_and_no_reload(
    site: Site,
) -> None:
    async def broken(_: Sequence[Check], __: Mapping[str, str]) -> Remind:
        raise CannotStore("cannot read the state database")

    site.write(target(1))
    site.reload.recall = broken
    with pytest.raises(CannotStore):
        await site.reload.from_file()
    site.reload.recall = nothing_known
    await site.reload.from_file()
    site.reload.recall = broken

    site.write(target(2))
    done = await site.reload.from_file()

    assert done.added == ("t2",)
    assert "cannot read the state database" in done.warnings


async def test_another_interval_of_a_machine_keeps_its_connection(
    site: Site,
) -> None:
    for name in ("key", "known"):
        (site.folder / name).touch(0o600)
    ssh = {
        "address": "127.0.0.1",
        "key_file": "key",
        "known_hosts_file": "known",
    }
    host = {"name": "gpu1", "ssh": ssh}
    site.write(target(1, host="gpu1"), hosts=[host])
    await site.reload.from_file()
    [shell] = site.house.hosts

    site.write(
        target(1, host="gpu1"), hosts=[{**host, "gpu": {"interval": "7s"}}]
    )
    done = await site.reload.from_file()

    assert done.changed == ("gpu1",)
    assert list(site.house.hosts) == [shell]


async def test_another_address_of_ours_wires_canaries_by_url_anew(
    site: Site,
) -> None:
    site.write(target(1))
    await site.reload.from_file()
    site.reload.public_url = lambda _: "http://127.0.0.1:2"

    done = await site.reload.from_file()

    assert done.changed == ("t1",)


class _Closing(Leaving):
    def __init__(self) -> None:
        super().__init__(Parts(), Parts())
        self.closed = asyncio.Event()

    @override
    async def close(self) -> None:
        self.closed.set()


async def test_what_leaves_is_closed_when_its_last_look_ended() -> None:
    leaving, end = _Closing(), asyncio.Event()
    look = asyncio.create_task(_until(end))
    closing = asyncio.create_task(close_when_idle(leaving, [look]))
    await asyncio.wait({look, closing}, timeout=0.01)
    early = leaving.closed.is_set()

    end.set()
    await closing

    assert not early
    assert leaving.closed.is_set()


async def _until(event: asyncio.Event) -> None:
    await event.wait()
