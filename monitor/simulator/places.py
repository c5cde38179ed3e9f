"""Where a job's images come from and where its output goes.

An input that is a path gets its output beside it; one that is an address
gets an output that the host serves itself.
"""

import asyncio
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from monitor.domain.errors import MonitorError
from monitor.simulator.fetch import fetch

_LIMIT = 20_000_000
"""Bytes of one input image."""
_KEPT = 50
"""Served outputs that are kept; older ones are removed."""
_NAME = re.compile(r"[a-z]+_[0-9a-f]{16}\.(png|jpg|webp)")


class NoSuchImage(MonitorError):
    """No file where the job says there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An input image, and its directory when it came as a path."""

    data: bytes = field(repr=False)
    directory: Path | None


class Places:
    """The files of one host: below `root`, served ones in `outputs`."""

    def __init__(
        self, root: Path, outputs: Path, url: Callable[[], str]
    ) -> None:
        self._root = root
        self._outputs = outputs
        self._url = url

    async def bring(self, location: str) -> Source:
        """Return the image at a path of this host or at a loopback address.

        Raises `NoSuchImage` and `NotFetched`.
        """
        if "://" in location:
            data = await fetch(location, limit=_LIMIT)
            return Source(data=data, directory=None)
        return await asyncio.to_thread(self._read, location)

    async def put(
        self, source: Source, *, operation: str, data: bytes, suffix: str
    ) -> str:
        """Write an output under a new name; return its path or address."""
        name = f"{operation}_{secrets.token_hex(8)}{suffix}"
        path = (source.directory or self._outputs) / name
        await asyncio.to_thread(path.write_bytes, data)
        if source.directory is not None:
            return str(path)
        await asyncio.to_thread(self._forget_oldest)
        return f"{self._url()}/outputs/{name}"

    async def output(self, name: str) -> bytes | None:
        """Return a served output, None when there is none of that name."""
        if not _NAME.fullmatch(name):
            return None
        try:
            return await asyncio.to_thread((self._outputs / name).read_bytes)
        except FileNotFoundError:
            return None

    def _read(self, location: str) -> Source:
        refusal = NoSuchImage(
            f"cannot find the image {location!r}: give the path of a file"
            f" below {self._root}"
        )
        try:
            path = Path(location).resolve()
            if not path.is_relative_to(self._root) or not path.is_file():
                raise refusal
            with path.open("rb") as file:
                data = file.read(_LIMIT + 1)
        except (OSError, ValueError):
            raise refusal from None
        if len(data) > _LIMIT:
            raise NoSuchImage(
                f"cannot take {location!r}: it is over {_LIMIT} bytes"
            )
        return Source(data=data, directory=path.parent)

    def _forget_oldest(self) -> None:
        outputs = sorted(
            self._outputs.iterdir(), key=lambda path: path.stat().st_mtime_ns
        )
        for path in outputs[:-_KEPT]:
            path.unlink(missing_ok=True)
