"""What `init` calls a server and its machine."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from monitor.config.values.address import Endpoint

HERE = "facefusion"
"""A server on this machine, as the monitor calls it without a file too."""
SOME_HOST = "gpu1"
_LONGEST = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the target and its machine are called."""

    target: str
    host: str = SOME_HOST

    @classmethod
    def of(cls, url: str, machine: str | None) -> Self:
        """Return names for a server and the address of its machine."""
        target = name_of(urlsplit(url).hostname or "")
        return cls(target=target, host=name_of(machine or SOME_HOST))


def name_of(host: str) -> str:
    """Return a usable name for what is at a host name or address.

    That is the first part of a name and the whole of an address.
    """
    if Endpoint(host=host, port=0).is_loopback:
        return HERE
    is_address = ":" in host or host.replace(".", "").isdigit()
    word = host if is_address else host.partition(".")[0]
    safe = re.sub(r"[^a-z0-9._-]", "-", word.lower()).lstrip("._-")
    return safe[:_LONGEST] or HERE
