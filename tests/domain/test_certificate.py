"""What clients think of a certificate."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.domain.certificate import (
    DAY,
    Certificate,
    Finding,
    judge_certificate,
    names_host,
)
from monitor.domain.health import Health

NOW = 1_800_000_000.0
HOST = "gpu1.example.com"
TIMES = st.floats(min_value=-1e12, max_value=1e12)
TEXTS = st.text(max_size=40)


def certificate(
    *names: str,
    left: float = 60 * DAY,
    lifetime: float = 90 * DAY,
    flaw: str = "",
    addresses: tuple[str, ...] = (),
) -> Certificate:
    return Certificate(
        not_before=NOW + left - lifetime,
        not_after=NOW + left,
        names=names or (HOST,),
        addresses=addresses,
        flaw=flaw,
    )


def found(seen: Certificate, host: str = HOST) -> Finding:
    return judge_certificate(seen, host, NOW)


def test_a_good_certificate_is_healthy_and_says_how_long() -> None:
    assert found(certificate()) == Finding(
        health=Health.HEALTHY,
        reason="",
        because="the certificate is valid for 60 days",
    )


@pytest.mark.parametrize(
    ("seen", "reason", "words"),
    [
        (certificate(left=-3 * DAY), "tls_expired", "expired 3 days ago"),
        (
            certificate(left=90 * DAY + 7200),
            "tls_not_yet_valid",
            "only valid in 2 h: check the clocks",
        ),
        (
            certificate("a.example.com", "b.example.com"),
            "tls_name",
            "is for a.example.com, b.example.com, not for gpu1.example.com",
        ),
        (
            certificate(flaw="self-signed certificate"),
            "tls_untrusted",
            "is not trusted: self-signed certificate",
        ),
    ],
)
def test_what_clients_refuse_is_unhealthy(
    seen: Certificate, reason: str, words: str
) -> None:
    finding = found(seen)

    assert (finding.health, finding.reason) == (Health.UNHEALTHY, reason)
    assert words in finding.because


@pytest.mark.parametrize(
    ("left", "lifetime", "reason"),
    [
        (0.0, 90 * DAY, "tls_expiring"),
        (14 * DAY, 90 * DAY, "tls_expiring"),
        (14 * DAY + 1, 90 * DAY, ""),
        (30 * DAY, 3650 * DAY, ""),
        (11 * DAY, 47 * DAY, "tls_expiring"),
        (12 * DAY, 47 * DAY, ""),
        (1.5 * DAY, 6 * DAY, "tls_expiring"),
        (3 * DAY, 6 * DAY, ""),
    ],
)
def test_soon_is_a_fortnight_or_a_quarter_of_a_shorter_life(
    left: float, lifetime: float, reason: str
) -> None:
    finding = found(certificate(left=left, lifetime=lifetime))

    health = Health.DEGRADED if reason else Health.HEALTHY
    assert (finding.health, finding.reason) == (health, reason)


def test_an_expired_certificate_is_called_so_before_anything_else() -> None:
    seen = certificate("other.example", left=-1, flaw="certificate expired")

    assert found(seen).reason == "tls_expired"


def test_a_wrong_name_is_told_before_a_missing_trust() -> None:
    seen = certificate("other.example", flaw="self-signed certificate")

    assert found(seen).reason == "tls_name"


def test_a_certificate_with_many_names_does_not_flood_a_sentence() -> None:
    seen = certificate(*(f"n{i}.example" for i in range(300)))

    assert "n4.example and 295 more" in found(seen).because


def test_a_certificate_for_nobody_says_so() -> None:
    seen = Certificate(not_before=0.0, not_after=NOW + 60 * DAY)

    assert "is for nobody, not for" in found(seen).because


@pytest.mark.parametrize(
    ("name", "host", "same"),
    [
        ("gpu1.example.com", "gpu1.example.com", True),
        ("GPU1.Example.COM", "gpu1.example.com", True),
        ("gpu1.example.com", "GPU1.example.com.", True),
        ("gpu1", "gpu1", True),
        ("*.example.com", "gpu1.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "a.gpu1.example.com", False),
        ("*.example.com", ".example.com", False),
        ("gpu*.example.com", "gpu1.example.com", False),
        ("gpu1.*.com", "gpu1.example.com", False),
        ("*.com", "example.com", False),
        ("*", "gpu1", False),
        ("example.com", "gpu1.example.com", False),
        ("xn--bcher-kva.example", "xn--bcher-kva.example", True),
        ("", "", False),
        ("127.0.0.1", "127.0.0.1", False),
        ("*.0.0.1", "127.0.0.1", False),
    ],
)
def test_names_are_compared_as_clients_do(
    name: str, host: str, *, same: bool
) -> None:
    assert names_host(certificate(name), host) is same


@pytest.mark.parametrize(
    ("entry", "host", "same"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("::1", "0:0:0:0:0:0:0:1", True),
        ("127.0.0.2", "127.0.0.1", False),
        ("nonsense", "127.0.0.1", False),
    ],
)
def test_an_address_matches_its_own_entry_only(
    entry: str, host: str, *, same: bool
) -> None:
    seen = certificate("gpu1.example.com", addresses=(entry,))

    assert names_host(seen, host) is same


def test_an_address_entry_is_no_name() -> None:
    seen = certificate("a.example", addresses=("gpu1.example.com",))

    assert not names_host(seen, "gpu1.example.com")


@given(
    seen=st.builds(
        Certificate,
        not_before=TIMES,
        not_after=TIMES,
        names=st.lists(TEXTS, max_size=8).map(tuple),
        addresses=st.lists(TEXTS, max_size=3).map(tuple),
        flaw=TEXTS,
    ),
    host=TEXTS,
    now=TIMES,
)
def test_any_certificate_is_judged_in_one_printable_line(
    seen: Certificate, host: str, now: float
) -> None:
    finding = judge_certificate(seen, host, now)

    assert finding.because.isprintable()
    assert len(finding.because) < 1000
    assert bool(finding.reason) == (finding.health is not Health.HEALTHY)


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


@given(labels=st.lists(LABEL, min_size=3, max_size=5), other=LABEL)
def test_a_wildcard_stands_for_one_label_and_never_for_two(
    labels: list[str], other: str
) -> None:
    seen = certificate("*." + ".".join(labels[1:]))
    host = ".".join(labels)
    assume(not labels[-1].isdigit())

    assert names_host(seen, host)
    assert not names_host(seen, f"{other}.{host}")
    assert not names_host(seen, ".".join(labels[1:]))
