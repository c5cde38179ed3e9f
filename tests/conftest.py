"""What every test gets: loopback only where it is needed."""

import os
import shutil
import signal
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.machines.plugin"]
SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
_MAY_OPEN_LOOPBACK = {
    "adapters",
    "bench",
    "cli",
    "e2e",
    "hosts",
    "simulator",
    "stories",
}


# As under CI: a machine that does something else beside is no flaw of ours.
settings.register_profile("untimed", deadline=None)
if not os.environ.get("CI"):
    settings.load_profile("untimed")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell without job control starts its background jobs so, and every
    # program that a test starts and interrupts would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Open loopback for the rooms that talk to real sockets."""
    for item in items:
        room = item.path.relative_to(Path(__file__).parent).parts[0]
        if room in _MAY_OPEN_LOOPBACK:
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.0/8", "::1"]))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew, to be read in review."""
    parser.addoption("--update", action="store_true", help="rewrite goldens")


def component(name: str) -> str:
    """Return a real program's path; with CI=true a missing one fails."""
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None:
        text = f"{name} is not installed; `make debian` installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)
    return path


@pytest.fixture(scope="session")
def promtool() -> str:
    """Return Prometheus' own checker."""
    return component("promtool")


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return ../shared/samples; an absent one skips, also in CI."""
    if not SAMPLES.is_dir():
        pytest.skip("../shared/samples is not there")
    return SAMPLES
