"""Web addresses and database addresses.

No text here ever repeats an address, since it may hold a password.
"""

import re
from functools import partial
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator, Field

from monitor.config.values.address import is_host
from monitor.config.values.refusal import Refusal, Refused

_EXAMPLE = "write http://192.168.1.10:9002, for example"
_PASSWORD = re.compile(
    r"(?<=//)([^/?#:@]*:).*(?=@)|((?:password|passwd)=)[^&]*"
)
_IN_MEMORY = ("sqlite:", "sqlite:/", "sqlite://", "sqlite:///")
_NAME_A_FILE = "write sqlite:///FILE, or sqlite:////FOLDER/FILE from the root"
_STATE = r"^(sqlite:///.+|postgresql\+psycopg://.+)$"


def parse_url(
    value: object, *, query: bool = False, path: bool = True
) -> object:
    """Return an http or https address without a final slash.

    Raises `Refused` when it has no host, holds credentials, or holds a query
    or a path where none makes sense.
    """
    if not isinstance(value, str):
        return value
    parts = _split(value)
    if "@" in parts.netloc:
        raise _refused(
            "the address holds a user name or a password",
            "leave them out: addresses are shown in metrics and logs",
        )
    if not is_host(parts.hostname or ""):
        raise _refused("the address has no usable host", _EXAMPLE)
    if parts.fragment or "#" in value or (not query and "?" in value):
        raise _refused(
            "the address has a query or a fragment", "end it after the path"
        )
    if not path and parts.path not in ("", "/"):
        raise _refused("the address has a path", "end it after the port")
    return value if query else value.rstrip("/")


def parse_state_url(value: object) -> object:
    """Return the database address; SQLite or PostgreSQL by psycopg."""
    if not isinstance(value, str):
        return value
    scheme, _, file = value.partition(":///")
    if value in _IN_MEMORY or (scheme == "sqlite" and ":memory:" in file):
        raise _refused(
            "a database in memory forgets everything at each start",
            _NAME_A_FILE,
        )
    if not re.fullmatch(_STATE, value):
        raise _refused(
            "the address names no database we know",
            "write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME",
        )
    if scheme == "sqlite" and not _is_file(file):
        raise _refused("the address names no file", _NAME_A_FILE)
    return value


def _is_file(name: str) -> bool:
    """Return whether a name can be a plain file's, without options."""
    odd = re.search(r"[\x00-\x1f\x7f?#]", name) or name.startswith("file:")
    return not odd and name.rpartition("/")[2] not in ("", ".", "..")


def without_password(url: str) -> str:
    """Return the address with its password masked."""
    return _PASSWORD.sub(lambda found: f"{found[1] or found[2]}***", url)


def _split(value: str) -> SplitResult:
    if re.search(r"[\s\x00-\x1f\x7f\\]", value) or not value.isascii():
        raise _refused(
            "the address has characters that none can have", _EXAMPLE
        )
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise _refused("the address cannot be read", _EXAMPLE) from None
    if parts.scheme not in ("http", "https") or "://" not in value:
        raise _refused("the address is not http or https", _EXAMPLE)
    if port == 0 or parts.netloc.endswith(":"):
        raise _refused("the address has an impossible port", _EXAMPLE)
    return parts


def _refused(what: str, hint: str) -> Refused:
    return Refused(Refusal(what=what, hint=hint))


_WRITTEN = Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$")]

ServerUrl = Annotated[str, BeforeValidator(parse_url, _WRITTEN)]
"""An http or https address, kept without a final slash."""

Origin = Annotated[
    str, BeforeValidator(partial(parse_url, path=False), _WRITTEN)
]
"""Scheme, host and port, as a browser sends it."""

ListUrl = Annotated[
    str,
    BeforeValidator(
        partial(parse_url, query=True),
        Annotated[str, Field(pattern=r"^https?://[^\s#@]+$")],
    ),
]
"""Where a list of targets is; it may have a query."""

StateUrl = Annotated[
    str,
    BeforeValidator(parse_state_url, Annotated[str, Field(pattern=_STATE)]),
]
"""Where the state is kept, as SQLAlchemy writes it."""
