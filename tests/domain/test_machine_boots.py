"""A reboot is told once, and a boot time does not tremble."""

import pytest

from monitor.domain.machine.boots import Boot, follow
from monitor.domain.machine.clocks import stamp
from monitor.domain.machine.reading import MachineReading

AT = 1_763_830_000.0


def seen(boot_id: str, at: float | None = AT) -> MachineReading:
    return MachineReading(way="stdin", boot_id=boot_id, boot_time=at)


def test_the_first_boot_is_no_news() -> None:
    boot, reading, news = follow(Boot(), seen("one"))

    assert (boot, news) == (Boot(boot_id="one", at=AT), "")
    assert reading == seen("one")


def test_another_boot_is_told_once() -> None:
    boot, _, _ = follow(Boot(), seen("one"))

    boot, reading, news = follow(boot, seen("two", AT + 500))
    _, _, again = follow(boot, seen("two", AT + 500))

    assert news == "booted again at 2025-11-22 16:55:00 UTC"
    assert reading.boot_time == AT + 500
    assert again == ""


def test_another_boot_at_a_time_that_is_not_known_is_told_too() -> None:
    boot = Boot(boot_id="one", at=AT)

    after, _, news = follow(boot, seen("two", None))

    assert (after, news) == (Boot(boot_id="two"), "booted again")


@pytest.mark.parametrize(
    ("moved", "told"), [(2.0, 0.0), (-2.0, 0.0), (2.1, 2.1)]
)
def test_a_boot_time_keeps_still_within_one_boot(
    moved: float, told: float
) -> None:
    boot = Boot(boot_id="one", at=AT)

    after, reading, news = follow(boot, seen("one", AT + moved))

    assert reading.boot_time == AT + told
    assert after.at == AT + told
    assert news == ""


def test_a_boot_that_is_not_known_changes_nothing() -> None:
    boot = Boot(boot_id="one", at=AT)

    after, reading, news = follow(boot, seen("", AT + 9))

    assert (after, news) == (boot, "")
    assert reading.boot_time == AT + 9


def test_a_boot_time_that_is_not_known_for_once_is_kept_for_later() -> None:
    boot = Boot(boot_id="one", at=AT)

    boot, reading, _ = follow(boot, seen("one", None))
    _, later, _ = follow(boot, seen("one", AT + 1))

    assert reading.boot_time is None
    assert later.boot_time == AT


def test_a_time_that_no_calendar_has_stays_a_number() -> None:
    assert stamp(1e15) == "1000000000000000"
