"""`FACEFUSION_URL=… facefusion-monitor run`, nothing else configured."""

import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from monitor.simulator.host import SimulatedHost
from tests.stories.daemon import Scrape, running

NAME = "facefusion"
DEFAULT_PORT = 10777


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[SimulatedHost]:
    async with SimulatedHost("only", workdir=tmp_path / "only") as host:
        yield host


def up(scrape: Scrape) -> bool:
    return (
        scrape.value("facefusion_up", target=NAME) == 1
        and scrape.health(NAME) == "healthy"
    )


@pytest.mark.timeout(120)
async def test_a_server_that_stops_is_unhealthy_within_ten_seconds(
    tmp_path: Path, server: SimulatedHost
) -> None:
    path = tmp_path / "facefusion-monitor.yml"
    path.write_text(
        "server: {listen: '127.0.0.1:0'}\n"
        "log: {format: json}\n"
        f"targets: [{{name: {NAME}, url: '${{FACEFUSION_URL}}'}}]\n"
    )
    environ = {"FACEFUSION_URL": server.url}

    async with running(cwd=tmp_path, environ=environ) as daemon:
        await daemon.until(up, within=10)
        await server.stop()
        await daemon.until(
            lambda s: s.value("facefusion_up", target=NAME) == 0, within=40
        )
        failed = time.monotonic()
        await daemon.until(lambda s: s.health(NAME) == "unhealthy", within=15)
        took = time.monotonic() - failed

    assert took < 10


@pytest.mark.timeout(60)
async def test_without_a_file_the_environment_names_the_one_target(
    tmp_path: Path, server: SimulatedHost
) -> None:
    _needs_default_port()
    environ = {"FACEFUSION_URL": server.url}

    async with running(cwd=tmp_path, environ=environ) as daemon:
        scrape = await daemon.until(up, within=10)

    assert (
        scrape.value("facefusion_target_info", target=NAME, url=server.url)
        == 1
    )


@pytest.mark.timeout(60)
async def test_with_tokens_configured_a_scrape_needs_one(
    tmp_path: Path, server: SimulatedHost
) -> None:
    token = tmp_path / "prometheus"
    token.write_text("s3cret\n")
    token.chmod(0o600)
    (tmp_path / "facefusion-monitor.yml").write_text(
        "server: {listen: '127.0.0.1:0'}\n"
        "access: {tokens: [{name: prometheus, token_file: prometheus,"
        " scopes: [metrics]}]}\n"
        f"targets: [{{name: {NAME}, url: '{server.url}'}}]\n"
    )

    async with (
        running(cwd=tmp_path) as daemon,
        httpx.AsyncClient(base_url=daemon.url) as client,
    ):
        without = await client.get("/metrics")
        headers = {"Authorization": "Bearer s3cret"}
        scraped = await client.get("/metrics", headers=headers)

    assert (without.status_code, scraped.status_code) == (401, 200)
    assert "s3cret" not in without.text + scraped.text


def _needs_default_port() -> None:
    """There is no setting without a file, so the port cannot be chosen."""
    with socket.socket() as sock:
        if sock.connect_ex(("127.0.0.1", DEFAULT_PORT)) == 0:
            pytest.skip(f"something else listens on port {DEFAULT_PORT}")
