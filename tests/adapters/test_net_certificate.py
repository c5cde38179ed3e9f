"""Certificates as servers present them, good and bad."""

import datetime as dt
import ssl
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.net.certificate import read_certificate
from monitor.adapters.net.system import SystemNet
from monitor.domain.certificate import Certificate, judge_certificate
from monitor.domain.errors import CannotReach, Unreadable
from tests.servers.addresses import leads_to
from tests.servers.manners import (
    Manner,
    answers,
    hangs,
    resets,
    says,
    serving,
)

DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
"""The time at which certificates are judged here."""


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(ca: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    path.write_bytes(ca.cert_pem.bytes())
    return str(path)


def issued(
    ca: trustme.CA,
    *names: str,
    not_before: dt.datetime | None = None,
    not_after: dt.datetime | None = None,
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(
        *names, not_before=not_before, not_after=not_after
    ).configure_cert(context)
    return context


async def presented(
    tls: ssl.SSLContext,
    ca_file: str | None,
    *,
    host: str = "127.0.0.1",
) -> Certificate:
    net = SystemNet(ca_file=ca_file, resolve=leads_to("127.0.0.1"))
    async with serving(answers(), tls=tls) as served:
        return await net.certificate(host, served.port, within=5.0)


def reason_now(certificate: Certificate, host: str = "127.0.0.1") -> str:
    return judge_certificate(certificate, host, NOW.timestamp()).reason


async def test_a_good_certificate_has_names_times_and_no_flaw(
    ca: trustme.CA, ca_file: str
) -> None:
    begins = dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    ends = dt.datetime(2035, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    tls = issued(
        ca, "127.0.0.1", "gpu1.example", not_before=begins, not_after=ends
    )

    certificate = await presented(tls, ca_file)

    assert certificate == Certificate(
        not_before=begins.timestamp(),
        not_after=ends.timestamp(),
        names=("gpu1.example",),
        addresses=("127.0.0.1",),
    )
    assert reason_now(certificate) == ""


async def test_a_name_is_asked_for_by_its_name(
    ca: trustme.CA, ca_file: str
) -> None:
    tls = issued(ca, "gpu1.example")
    asked: list[str | None] = []
    tls.sni_callback = lambda _, name, __: asked.append(name)

    certificate = await presented(tls, ca_file, host="gpu1.example")

    assert asked == ["gpu1.example"]
    assert reason_now(certificate, "gpu1.example") == ""


async def test_another_name_is_a_finding_and_no_failure(
    ca: trustme.CA, ca_file: str
) -> None:
    certificate = await presented(issued(ca, "other.example"), ca_file)

    assert certificate.flaw == ""
    assert reason_now(certificate) == "tls_name"


async def test_an_expired_certificate_is_read_all_the_same(
    ca: trustme.CA, ca_file: str
) -> None:
    ends = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
    begins = ends - 90 * DAY
    tls = issued(ca, "127.0.0.1", not_before=begins, not_after=ends)

    certificate = await presented(tls, ca_file)

    assert certificate.not_after == ends.timestamp()
    assert reason_now(certificate) == "tls_expired"


async def test_a_certificate_of_the_future_is_read_all_the_same(
    ca: trustme.CA, ca_file: str
) -> None:
    begins = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)
    tls = issued(
        ca, "127.0.0.1", not_before=begins, not_after=begins + 90 * DAY
    )

    certificate = await presented(tls, ca_file)

    assert reason_now(certificate) == "tls_not_yet_valid"


async def test_a_ca_that_nobody_knows_is_a_flaw(ca: trustme.CA) -> None:
    certificate = await presented(issued(ca, "127.0.0.1"), None)

    assert certificate.addresses == ("127.0.0.1",)
    assert "issuer certificate" in certificate.flaw
    assert reason_now(certificate) == "tls_untrusted"


def self_signed(
    path: Path, names: Sequence[str] | None, cn: str = "gpu1.example"
) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, cn)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - 2000 * DAY)
        .not_valid_after(NOW + 3650 * DAY)
    )
    if names is not None:
        entries = x509.SubjectAlternativeName([*map(x509.DNSName, names)])
        made = made.add_extension(entries, critical=False)
    pem = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    pem += key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def test_a_self_signed_certificate_says_so(tmp_path: Path) -> None:
    tls = self_signed(tmp_path / "own.pem", ["gpu1.example"])

    certificate = await presented(tls, None, host="gpu1.example")

    assert certificate.flaw.startswith("self-signed certificate")
    assert reason_now(certificate, "gpu1.example") == "tls_untrusted"


async def test_a_common_name_alone_names_nobody(tmp_path: Path) -> None:
    tls = self_signed(tmp_path / "own.pem", None)

    certificate = await presented(tls, None, host="gpu1.example")

    assert certificate.names == ()
    assert reason_now(certificate, "gpu1.example") == "tls_name"


async def failure_of(port: int, within: float = 5.0) -> CannotReach:
    with pytest.raises(CannotReach) as caught:
        await SystemNet().certificate("127.0.0.1", port, within=within)
    return caught.value


async def test_a_port_that_speaks_http_presents_nothing() -> None:
    refusal = hangs(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    async with serving(refusal, speaks_first=True) as served:
        error = await failure_of(served.port)

    assert error.reason == "tls"
    assert "wrong version number" in str(error)


async def test_a_server_that_says_nothing_times_out_in_time() -> None:
    begun = time.monotonic()
    async with serving(hangs(), speaks_first=True) as served:
        error = await failure_of(served.port, within=0.3)

    assert error.reason == "timeout"
    assert "no TLS handshake" in str(error)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    "manner", [says(), resets()], ids=["closes", "resets"]
)
async def test_a_server_that_hangs_up_is_a_reset(manner: Manner) -> None:
    async with serving(manner, speaks_first=True) as served:
        error = await failure_of(served.port)

    assert error.reason == "reset"


async def test_a_handshake_does_not_wait_for_a_polite_close(
    ca: trustme.CA, ca_file: str
) -> None:
    net = SystemNet(ca_file=ca_file)
    tls = issued(ca, "127.0.0.1")
    async with serving(hangs(), tls=tls) as served:
        begun = time.monotonic()
        await net.certificate("127.0.0.1", served.port, within=5.0)
        took = time.monotonic() - begun

    assert took < 2


@given(der=st.binary(max_size=400))
def test_any_bytes_are_refused_with_a_reason(der: bytes) -> None:
    with pytest.raises(Unreadable, match="cannot read the server's cert"):
        read_certificate(der)


_GOOD = ssl.PEM_cert_to_DER_cert(
    trustme.CA().issue_cert("gpu1.example").cert_chain_pems[0].bytes().decode()
)


@given(
    at=st.integers(min_value=0, max_value=len(_GOOD) - 1),
    byte=st.integers(min_value=0, max_value=255),
)
def test_a_damaged_certificate_is_read_or_refused(at: int, byte: int) -> None:
    damaged = _GOOD[:at] + bytes([byte]) + _GOOD[at + 1 :]

    try:
        read = read_certificate(damaged)
    except Unreadable:
        return
    assert judge_certificate(read, "gpu1.example", 1.8e9).because
