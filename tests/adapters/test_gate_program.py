"""The gate's program is made once, however many machines ask for it."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for

import pytest

from monitor.adapters.gate import bundle


@pytest.fixture
def nothing_made() -> Iterator[None]:
    bundle._made.cache_clear()  # noqa: SLF001 - as at a start
    yield
    bundle._made.cache_clear()  # noqa: SLF001


@pytest.mark.usefixtures("nothing_made")
def test_two_machines_that_are_reached_at_once_make_it_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []
    others: list[Future[bytes]] = []

    with ThreadPoolExecutor() as threads:

        def bundled(_modules: dict[str, str], version: str) -> str:
            made.append(version)
            if len(made) == 1:
                others.append(threads.submit(bundle.program))
                wait_for(others, timeout=0.2)
            return f"program {len(made)}"

        monkeypatch.setattr(bundle, "bundled", bundled)

        first = bundle.program()
        second = others[0].result()

    assert (first, second) == (b"program 1", b"program 1")
    assert len(made) == 1
