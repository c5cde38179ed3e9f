"""Whom TLS believes: one context for each CA file, built once."""

import functools
import ssl
from pathlib import Path

from monitor.domain.errors import ConfigurationError


def trust(ca_file: str | None = None) -> ssl.SSLContext:
    """Return the shared context: verifying, the machine's CAs or `ca_file`.

    Building one takes tens of milliseconds (a client of its own for each
    probe costs 33-45 ms, facts/probing.md §4.2), so it is kept until the
    file changes. Raises `ConfigurationError` for a file that is no CA file.
    """
    if ca_file is None:
        return _context(None, 0)
    try:
        return _context(ca_file, Path(ca_file).stat().st_mtime_ns)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigurationError(
            f"cannot use the CA file {ca_file}: {error.strerror or error}; "
            "it must be readable and hold certificates in PEM form"
        ) from None


@functools.lru_cache(maxsize=16)
def _context(ca_file: str | None, _changed: int) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)
