"""Runs the tests marked `machines` in a place of their own.

A test process cannot leave its network in the middle. So the marked tests
of a module run in a pytest inside `land.command`, one a module, and their
reports come back through a pipe and count as this process' own.
"""

import os

import pytest

from tests.machines import land
from tests.machines.land import MARK
from tests.machines.relay import REPORTS, Relay, Sender

_HOSTS = ["127.0.0.0/8", "::1", "10.77.0.0/24"]
_relays = pytest.StashKey[dict[str, Relay]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"{MARK}: runs beside hosts with a real systemd"
    )
    config.stash[_relays] = {}
    if land.inside() and REPORTS in os.environ:
        config.pluginmanager.register(Sender(config))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let marked tests talk to machines, and skip where there are none."""
    marked = [item for item in items if item.get_closest_marker(MARK)]
    flaw = land.flaw() if marked and not land.inside() else ""
    for item in marked:
        hosts = pytest.mark.allow_hosts(_HOSTS)
        item.add_marker(hosts, append=False)
        if flaw and os.environ.get("CI") != "true":
            item.add_marker(pytest.mark.skip(reason=flaw))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> bool | None:
    """Relay a marked test's reports instead of running it here."""
    if not _is_elsewhere(item):
        return None
    item.ihook.pytest_runtest_logstart(
        nodeid=item.nodeid, location=item.location
    )
    for report in _relay(item).reports(item, _within(item)):
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(
        nodeid=item.nodeid, location=item.location
    )
    # What runtestprotocol would have done: leave the rooms we go out of.
    item.session._setupstate.teardown_exact(nextitem)  # noqa: SLF001
    return True


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_timeout_set_timer(item: pytest.Item) -> bool | None:
    """Leave a relayed test's time to the pytest that runs it."""
    return True if _is_elsewhere(item) else None


def pytest_sessionfinish(session: pytest.Session) -> None:
    for relay in session.config.stash[_relays].values():
        relay.close()


def _is_elsewhere(item: pytest.Item) -> bool:
    return (
        item.get_closest_marker(MARK) is not None
        and item.get_closest_marker("skip") is None
        and not land.inside()
    )


def _relay(item: pytest.Item) -> Relay:
    """Return the relay of a test's module; the first test starts it."""
    relays = item.session.config.stash[_relays]
    module = str(item.path)
    if module not in relays:
        for finished in relays.values():
            finished.close()
        relays.clear()
        tests = [
            other.nodeid
            for other in item.session.items
            if other.path == item.path and _is_elsewhere(other)
        ]
        relays[module] = Relay(item.config, tests)
    return relays[module]


def _within(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    if marker is not None and marker.args:
        return float(marker.args[0])
    return float(item.config.getini("timeout") or 0)


@pytest.fixture(scope="session")
def place() -> None:
    """Settle the place that the tests marked `machines` run in."""
    land.settle()
