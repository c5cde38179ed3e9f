"""Whom we believe over https."""

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest
import trustme
from typing_extensions import override

from monitor.adapters.http.client import HttpClient
from monitor.adapters.http.line import TlsLine
from monitor.adapters.http.names import Resolve
from monitor.adapters.http.trust import trust
from monitor.domain.answer import Answer, NoAnswer
from monitor.domain.errors import ConfigurationError
from tests.servers.addresses import leads_to
from tests.servers.manners import answers, hangs, says, serving


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(ca: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    path.write_bytes(ca.cert_pem.bytes())
    return str(path)


def server_side(
    ca: trustme.CA, *names: str, not_after: dt.datetime | None = None
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names, not_after=not_after).configure_cert(context)
    return context


async def get(
    url: str, *, ca_file: str | None = None, resolve: Resolve | None = None
) -> Answer:
    client = HttpClient(ca_file=ca_file, resolve=resolve)
    return await client.get(url, within=5, limit=10_000)


async def failure_of(
    url: str, *, ca_file: str | None = None, resolve: Resolve | None = None
) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        await get(url, ca_file=ca_file, resolve=resolve)
    return caught.value


async def test_a_server_that_a_trusted_ca_vouches_for_is_believed(
    ca: trustme.CA, ca_file: str
) -> None:
    async with serving(
        answers(b"[1]"), tls=server_side(ca, "127.0.0.1")
    ) as served:
        answer = await get(served.url, ca_file=ca_file)

    assert answer.body == b"[1]"
    assert answer.phases.tls is not None
    assert answer.phases.tls > 0


async def test_a_server_is_believed_by_its_name(
    ca: trustme.CA, ca_file: str
) -> None:
    async with serving(
        answers(), tls=server_side(ca, "gpu1.example")
    ) as served:
        answer = await get(
            f"https://gpu1.example:{served.port}/",
            ca_file=ca_file,
            resolve=leads_to("127.0.0.1"),
        )

    assert answer.code == 200


async def test_a_self_signed_certificate_is_refused(ca: trustme.CA) -> None:
    async with serving(answers(), tls=server_side(ca, "127.0.0.1")) as served:
        failure = await failure_of(served.url)

    assert failure.reason == "tls"
    assert "the certificate is not trusted: " in str(failure)
    assert "or set the CA file that signed it" in str(failure)
    assert failure.phases.connect is not None
    assert failure.phases.tls is None
    assert served.requests in ([], [b""])


async def test_a_certificate_of_another_name_is_refused(
    ca: trustme.CA, ca_file: str
) -> None:
    async with serving(
        answers(), tls=server_side(ca, "other.example")
    ) as served:
        failure = await failure_of(
            f"https://gpu1.example:{served.port}/",
            ca_file=ca_file,
            resolve=leads_to("127.0.0.1"),
        )

    assert failure.reason == "tls"
    assert "gpu1.example" in str(failure)


async def test_an_expired_certificate_is_refused(
    ca: trustme.CA, ca_file: str
) -> None:
    past = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
    tls = server_side(ca, "127.0.0.1", not_after=past)
    async with serving(answers(), tls=tls) as served:
        failure = await failure_of(served.url, ca_file=ca_file)

    assert failure.reason == "tls"
    assert "expired" in str(failure)


async def test_https_to_a_port_that_speaks_http_says_so(ca_file: str) -> None:
    refusal = hangs(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    async with serving(refusal, speaks_first=True) as served:
        url = served.url.replace("http:", "https:")
        failure = await failure_of(url, ca_file=ca_file)

    assert failure.reason == "tls"
    assert "TLS failed: wrong version number" in str(failure)


async def test_a_handshake_that_never_comes_times_out(ca_file: str) -> None:
    async with serving(hangs()) as served:
        client = HttpClient(ca_file=ca_file)
        url = served.url.replace("http:", "https:")
        with pytest.raises(NoAnswer) as caught:
            await client.get(url, within=0.2, limit=1000)

    assert caught.value.reason == "timeout"
    assert "no TLS handshake within 0.2 s" in str(caught.value)
    assert caught.value.phases.connect is not None


async def test_a_hanging_answer_over_tls_times_out(
    ca: trustme.CA, ca_file: str
) -> None:
    async with serving(hangs(), tls=server_side(ca, "127.0.0.1")) as served:
        client = HttpClient(ca_file=ca_file)
        with pytest.raises(NoAnswer) as caught:
            await client.get(served.url, within=0.3, limit=1000)

    assert caught.value.reason == "timeout"
    assert "connected, but no answer" in str(caught.value)


async def test_a_connection_closed_early_over_tls_says_so(
    ca: trustme.CA, ca_file: str
) -> None:
    async with serving(says(), tls=server_side(ca, "127.0.0.1")) as served:
        failure = await failure_of(served.url, ca_file=ca_file)

    assert failure.reason == "reset"


class Stubborn(asyncio.Transport):
    """A transport whose polite close takes for ever."""

    aborted = False

    @override
    def abort(self) -> None:
        self.aborted = True

    @override
    def close(self) -> None:
        pass

    @override
    def is_closing(self) -> bool:
        return self.aborted


async def test_a_server_cannot_delay_the_end_of_a_connection() -> None:
    transport = Stubborn()
    reader = asyncio.StreamReader()
    writer = asyncio.StreamWriter(
        transport,
        asyncio.StreamReaderProtocol(reader),
        reader,
        asyncio.get_running_loop(),
    )

    TlsLine(reader, writer).hang_up()

    assert transport.aborted


def test_a_context_is_built_once_for_each_file(ca_file: str) -> None:
    assert trust(ca_file) is trust(ca_file)
    assert trust() is trust()
    assert trust() is not trust(ca_file)


def test_a_context_is_built_anew_when_its_file_changes(
    ca: trustme.CA, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(ca.cert_pem.bytes())
    before = trust(str(path))

    path.write_bytes(trustme.CA().cert_pem.bytes())

    assert trust(str(path)) is not before


def test_every_context_verifies(ca_file: str) -> None:
    for context in (trust(), trust(ca_file)):
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_ca_file_without_certificates_is_named(
    content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigurationError, match="cannot use the CA file"):
        HttpClient(ca_file=str(path))
