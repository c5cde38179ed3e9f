"""The event loop we run on, and how late it is."""

import asyncio
import sys
import time
from collections.abc import Callable

import pytest

from monitor.adapters.loop import LoopLag, loop_factory
from tests.hosts.waiting import until

Factory = Callable[[], asyncio.AbstractEventLoop]
FACTORIES = [asyncio.new_event_loop, loop_factory()]


@pytest.mark.parametrize("factory", FACTORIES, ids=["asyncio", "ours"])
def test_a_loop_that_was_held_is_as_late_as_that(factory: Factory) -> None:
    async def held() -> float:
        lag = LoopLag(look=0.01)
        lag.start()
        time.sleep(0.3)  # noqa: ASYNC251 - the fault under test
        while_held = lag.seconds()
        await asyncio.sleep(0.02)
        lag.stop()
        assert while_held > 0.25
        return lag.seconds()

    with asyncio.Runner(loop_factory=factory) as runner:
        late = runner.run(held())

    assert 0.25 < late < 0.5


async def test_a_loop_that_does_its_work_is_hardly_late() -> None:
    lag = LoopLag(look=0.001)

    lag.start()
    await asyncio.sleep(0.02)
    lag.stop()

    assert lag.seconds() < 1


async def test_an_old_lag_is_forgotten() -> None:
    lag = LoopLag(look=0.002, window=0.1)
    lag.start()
    time.sleep(0.5)  # noqa: ASYNC251 - the fault under test
    assert lag.seconds() > 0.4

    await until(lambda: lag.seconds() < 0.4)
    lag.stop()


async def test_nothing_is_measured_before_the_start_and_after_the_end() -> (
    None
):
    lag = LoopLag(look=0.001)
    before = lag.seconds()

    lag.start()
    lag.stop()
    lag.stop()
    measured = lag.seconds()
    time.sleep(0.02)  # noqa: ASYNC251 - nobody listens any more

    assert before == 0
    assert lag.seconds() == measured


def test_we_run_on_uvloop() -> None:
    pytest.importorskip("uvloop")

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        module = type(runner.get_loop()).__module__

    assert module.partition(".")[0] == "uvloop"


def test_we_run_on_asyncio_where_there_is_no_uvloop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)

    assert loop_factory() is asyncio.new_event_loop
