"""Without a file and a variable an address is assumed, and said so."""

from pathlib import Path

import pytest
import structlog

from monitor.cli.app import run
from monitor.daemon import serve
from monitor.daemon.configuration import Configuration

NOTE = (
    "note: no configuration file and no FACEFUSION_URL;"
    " http://localhost:7870 is assumed\n"
)


@pytest.fixture(autouse=True)
def _nothing_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FACEFUSION_URL", raising=False)


@pytest.mark.parametrize(
    "arguments",
    [("check", "stranger"), ("canary", "facefusion"), ("gpu", "stranger")],
)
@pytest.mark.parametrize("url", [None, ""])
def test_commands_that_look_say_what_they_assume(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    url: str | None,
) -> None:
    if url is not None:
        monkeypatch.setenv("FACEFUSION_URL", url)

    code = run(arguments)

    assert code == 64
    assert capsys.readouterr().err.startswith(f"{NOTE}cannot ")


def test_who_named_an_address_is_told_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEFUSION_URL", "http://127.0.0.1:1")

    run(["check", "stranger"])

    assert "note" not in capsys.readouterr().err


@pytest.mark.parametrize(("url", "warned"), [("", True), ("http://x", False)])
def test_the_daemon_warns_of_it(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    *,
    warned: bool,
) -> None:
    monkeypatch.setenv("FACEFUSION_URL", url)
    served: list[Configuration] = []
    monkeypatch.setattr(serve, "run", served.append)

    code = run(["run"])
    structlog.reset_defaults()

    said = capsys.readouterr().err
    assert (code, len(served)) == (0, 1)
    assert ("http://localhost:7870 is assumed" in said) is warned
    assert ("warning" in said) is warned
