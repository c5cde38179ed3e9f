"""Bodies that come compressed although we asked for none."""

import zlib

from monitor.adapters.http.flaws import Flaw, not_http, too_large
from monitor.adapters.http.head import Headers

_ANY_HEADER = zlib.MAX_WBITS | 32
"""zlib's own detection of gzip and zlib headers."""
_DEFLATE = 8
"""The method in the low half of a zlib header (RFC 1950)."""


def decode(body: bytes, headers: Headers, *, limit: int) -> bytes:
    """Return the plain body. Raises Flaw.

    However small it came, it never grows beyond `limit` bytes: what a gzip
    bomb would unpack is never unpacked.
    """
    match _encoding(headers) if body else "":
        case "":
            return body
        case "gzip" | "x-gzip":
            return _inflate(body, _ANY_HEADER, limit)
        case "deflate":
            return _inflate(body, _deflate_bits(body), limit)
        case other:
            raise not_http(f"we did not ask for the encoding {other[:40]!r}")


def _encoding(headers: Headers) -> str:
    named = [
        value.decode("latin-1").strip().lower()
        for name, value in headers
        if name == b"content-encoding"
    ]
    return ", ".join(coding for coding in named if coding != "identity")


def _deflate_bits(body: bytes) -> int:
    """Return zlib's framing, or none: servers send both as deflate."""
    framed = int.from_bytes(body[:2]) % 31 == 0 and body[0] & 15 == _DEFLATE
    return zlib.MAX_WBITS if framed else -zlib.MAX_WBITS


def _inflate(body: bytes, bits: int, limit: int) -> bytes:
    unpacker = zlib.decompressobj(bits)
    try:
        plain = unpacker.decompress(body, limit + 1)
    except zlib.error:
        raise _broken() from None
    if len(plain) > limit:
        raise too_large(limit)
    if not unpacker.eof or unpacker.unused_data:
        raise _broken()
    return plain


def _broken() -> Flaw:
    return not_http("its compressed body is broken")
