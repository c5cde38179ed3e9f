"""What every test gets: loopback only where it is needed."""

from pathlib import Path

import pytest
import pytest_socket

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


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Open loopback for the rooms that talk to real sockets."""
    room = item.path.relative_to(Path(__file__).parent).parts[0]
    if room in _MAY_OPEN_LOOPBACK:
        pytest_socket.enable_socket()
        pytest_socket.socket_allow_hosts(
            ["127.0.0.1", "::1", "localhost"], allow_unix_socket=True
        )


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return ../shared/samples; an absent one skips, also in CI."""
    if not SAMPLES.is_dir():
        pytest.skip("../shared/samples is not there")
    return SAMPLES
