"""The client on real sockets: TLS, proxies, and nobody there."""

import contextlib
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme

from monitor.client import Client, NoDaemon
from monitor.domain.errors import ConfigurationError
from tests.fakes.daemon_api import FakeDaemon, serving
from tests.fakes.daemon_documents import target


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return file


@pytest.fixture
def over_tls(authority: trustme.CA) -> Iterator[str]:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(trust)
    with serving(FakeDaemon(target()), trust) as url:
        yield url


async def test_a_certificate_of_a_named_authority_is_believed(
    over_tls: str, ca_file: Path
) -> None:
    async with Client(over_tls, ca_file=ca_file) as client:
        told = await client.targets()

    assert over_tls.startswith("https:")
    assert [one.name for one in told.targets] == ["studio"]


async def test_the_environment_may_name_the_authority(
    over_tls: str, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))

    async with Client(over_tls) as client:
        assert (await client.targets()).targets


async def test_a_strangers_certificate_is_refused(over_tls: str) -> None:
    async with Client(over_tls) as client:
        with pytest.raises(NoDaemon, match=r"certificate.*--ca-file"):
            await client.targets()


async def test_http_to_a_port_that_speaks_tls_is_told_to_be_https(
    over_tls: str,
) -> None:
    plain = over_tls.replace("https:", "http:")

    async with Client(plain) as client:
        with pytest.raises(NoDaemon) as caught:
            await client.targets()

    assert f"if it serves TLS, write {over_tls} as --url" in str(caught.value)
    assert "bytearray" not in str(caught.value)


async def test_a_tls_alert_over_http_is_told_to_be_https() -> None:
    """What OpenSSL answers to a request without TLS."""
    with answering(b"\x15\x03\x03\x00\x02\x02\x46") as url:
        async with Client(url) as client:
            with pytest.raises(NoDaemon, match="if it serves TLS") as caught:
                await client.targets()

    assert "bytearray" not in str(caught.value)


def test_a_file_that_holds_no_certificate_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("none")

    with pytest.raises(ConfigurationError, match=f"the CA file {file}: "):
        Client("https://127.0.0.1", ca_file=file)


async def test_a_token_goes_past_every_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    daemon = FakeDaemon(target())

    with serving(daemon) as url:
        async with Client(url, token="word") as client:  # noqa: S106 - of a test
            await client.targets()

    assert daemon.asked[0].headers["authorization"] == "Bearer word"


async def test_what_is_no_http_is_told_with_what_helps() -> None:
    with hanging_up() as url:
        async with Client(url) as client:
            with pytest.raises(NoDaemon, match=f"the daemon at {url}: "):
                await client.targets()


def hanging_up() -> contextlib.AbstractContextManager[str]:
    """Serve somebody who closes every connection without a word."""
    return answering(b"")


@contextlib.contextmanager
def answering(words: bytes) -> Iterator[str]:
    """Serve somebody who answers this once and hangs up."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(words)
            self.close_connection = True

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        thread.join(10)
