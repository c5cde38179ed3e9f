"""Bytes from a host made fit to be searched, parsed and shown."""

import re

from monitor.domain.errors import Unreadable

LIMIT = 4 * 1024 * 1024
"""Largest output read, in bytes. The largest recorded one (8 GPUs with
their supported clocks) is 228 kB."""

_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""What XML 1.0 forbids or a terminal obeys. A user of the host chooses the
names of processes; one odd name must not hide the GPUs."""

_EXCERPT = 160


def clean(raw: bytes) -> str:
    """Return the text with every odd byte replaced by U+FFFD.

    Raises `Unreadable` for more than `LIMIT` bytes.
    """
    if len(raw) > LIMIT:
        raise Unreadable(
            "cannot read nvidia-smi output: it is larger than"
            f" {LIMIT // 1024 // 1024} MiB; is nvidia-smi looping on the host?"
        )
    return _UNSAFE.sub("\ufffd", raw.decode("utf-8", errors="replace"))


def excerpt(text: str) -> str:
    """Return the start of a text on one line, for a message."""
    line = " ".join(text[: 2 * _EXCERPT].split())
    return line if len(line) <= _EXCERPT else f"{line[:_EXCERPT]}…"
