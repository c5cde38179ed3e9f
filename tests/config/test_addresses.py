"""Addresses are read or refused, and written back as they were."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.values.address import (
    Endpoint,
    is_host,
    parse_endpoint,
    parse_host,
)
from monitor.config.values.refusal import Refused
from monitor.config.values.url import parse_state_url, parse_url

NAMES = st.from_regex(r"[a-z]([a-z0-9_-]{0,10}[a-z0-9])?", fullmatch=True)
HOSTS = (
    st.ip_addresses().map(str)
    | NAMES
    | st.lists(NAMES, min_size=1, max_size=4).map(".".join)
)


@given(HOSTS, st.integers(0, 65535))
def test_an_endpoint_is_written_and_read_back(host: str, port: int) -> None:
    endpoint = Endpoint(host=host, port=port)

    assert parse_endpoint(str(endpoint), lowest_port=0) == endpoint
    assert parse_endpoint(endpoint) is endpoint


@given(st.text(max_size=30) | st.integers() | st.none())
def test_any_endpoint_is_read_or_refused(value: object) -> None:
    try:
        endpoint = parse_endpoint(value)
    except Refused:
        return
    assert is_host(endpoint.host)
    assert 1 <= endpoint.port <= 65535


@given(HOSTS)
def test_a_host_is_kept_as_it_is(host: str) -> None:
    assert parse_host(host) == host


@given(st.text(max_size=40) | st.from_regex(r"https?://.{0,30}"))
def test_an_accepted_url_has_a_host_and_no_credentials(text: str) -> None:
    try:
        url = parse_url(text)
    except Refused:
        return
    assert isinstance(url, str)
    assert url.startswith(("http://", "https://", "HTTP", "hTTP", "Http"))
    assert "@" not in url.split("/")[2]
    assert not url.endswith("/")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "-a",
        "a-",
        "a..b",
        "a b",
        "192.168.1",
        "1.2.3.256",
        "fe80::1%eth0",
        "a" * 64,
        "a." * 127 + "aa",
        "ä.example",
        "[::1]",
    ],
)
def test_a_mistyped_host_is_refused(host: str) -> None:
    with pytest.raises(Refused):
        parse_host(host)


@pytest.mark.parametrize("host", ["127.8.8.8", "::1", "localhost"])
def test_loopback_is_what_only_this_machine_reaches(host: str) -> None:
    assert Endpoint(host=host, port=1).is_loopback


@pytest.mark.parametrize("host", ["::", "192.168.1.1", "localhost.example"])
def test_what_others_reach_is_not_loopback(host: str) -> None:
    assert not Endpoint(host=host, port=1).is_loopback


@given(st.ip_addresses(v=4))
def test_loopback_is_what_the_standard_says(
    address: ipaddress.IPv4Address,
) -> None:
    endpoint = Endpoint(host=str(address), port=1)

    assert endpoint.is_loopback is address.is_loopback


@pytest.mark.parametrize(
    "url",
    [
        "http://a",
        "https://a.example:8443/facefusion",
        "http://[::1]:9002",
        "http://face_fusion:7870",
    ],
)
def test_a_server_may_be_below_a_path(url: str) -> None:
    assert parse_url(f"{url}/") == url


def test_what_is_no_text_is_left_to_the_model() -> None:
    assert parse_url(None) is None
    assert parse_host(7) == 7
    assert parse_state_url([]) == []


def test_a_list_may_have_a_query() -> None:
    assert parse_url("http://a/?b=c", query=True) == "http://a/?b=c"
