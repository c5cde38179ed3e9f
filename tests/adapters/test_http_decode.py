"""Bodies that come compressed."""

import contextlib
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.http.decode import decode
from monitor.adapters.http.flaws import Flaw

CODINGS = st.sampled_from([b"gzip", b"deflate", b"x-gzip", b"GZip "])


@given(body=st.binary(max_size=200), coding=CODINGS)
def test_any_bytes_are_decoded_or_refused(body: bytes, coding: bytes) -> None:
    headers = [(b"content-encoding", coding)]

    with contextlib.suppress(Flaw):
        assert len(decode(body, headers, limit=50)) <= 50


@given(plain=st.binary(max_size=100), bits=st.sampled_from([31, 15, -15]))
def test_what_was_packed_is_unpacked_or_too_large(
    plain: bytes, bits: int
) -> None:
    packer = zlib.compressobj(wbits=bits)
    packed = packer.compress(plain) + packer.flush()
    coding = b"gzip" if bits == 31 else b"deflate"
    headers = [(b"content-encoding", coding)]

    if len(plain) <= 50:
        assert decode(packed, headers, limit=50) == plain
    else:
        with pytest.raises(Flaw) as caught:
            decode(packed, headers, limit=50)
        assert caught.value.reason == "too_large"


def test_a_bomb_is_not_unpacked_to_see_how_large_it_is() -> None:
    bomb = zlib.compress(bytes(50_000_000))
    tracemalloc.start()

    with pytest.raises(Flaw):
        decode(bomb, [(b"content-encoding", b"deflate")], limit=10_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 1_000_000


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"content-encoding", b"identity")],
        [(b"content-encoding", b"")],
        [(b"content-type", b"gzip")],
    ],
)
def test_a_plain_body_stays_as_it_is(
    headers: list[tuple[bytes, bytes]],
) -> None:
    assert decode(b"plain", headers, limit=50) == b"plain"


def test_an_empty_body_needs_no_decoding() -> None:
    headers = [(b"content-encoding", b"br")]

    assert decode(b"", headers, limit=50) == b""


def test_two_codings_one_on_the_other_are_refused() -> None:
    headers = [(b"content-encoding", b"gzip"), (b"content-encoding", b"gzip")]

    with pytest.raises(Flaw, match="did not ask for the encoding"):
        decode(b"x", headers, limit=50)
