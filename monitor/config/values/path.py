"""Paths on a machine that we watch."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from monitor.config.values.refusal import Refusal, Refused

_LONGEST = 4096  # PATH_MAX on Linux


def parse_server_path(value: object) -> object:
    """Return an absolute path without `..` and without a final slash."""
    if not isinstance(value, str):
        return value
    if not value.startswith("/"):
        raise _refused("is not absolute", "begin it with /")
    if ".." in value.split("/"):
        raise _refused("goes up by ..", "write the way without ..")
    if re.search(r"[\x00-\x1f\x7f]", value) or len(value) > _LONGEST:
        raise _refused("is no usable path", "leave the odd characters out")
    return re.sub(r"/+", "/", value).rstrip("/") or "/"


def parse_directory(value: object) -> object:
    """Return a server path that is not the root itself."""
    path = parse_server_path(value)
    if path == "/":
        raise _refused(
            "is the whole machine",
            "name a directory of its own, such as /var/tmp/facefusion-monitor",
        )
    return path


def _refused(what: str, hint: str) -> Refused:
    return Refused(Refusal(what="{value} " + what, hint=hint))


_WRITTEN = Annotated[str, Field(pattern="^/")]

ServerPath = Annotated[str, BeforeValidator(parse_server_path, _WRITTEN)]
"""An absolute path on the server."""

ServerDirectory = Annotated[str, BeforeValidator(parse_directory, _WRITTEN)]
"""An absolute path on the server, not the root."""
