"""What a gate does with files: one request after the other."""

import base64
import contextlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from monitor.adapters.gate import flaws
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.sftp_files import LISTED
from monitor.domain.errors import CannotReach
from monitor.ports import Gate

Body = Mapping[str, object]

CHUNK = 512 * 1024
"""Bytes of a piece of a file: base64 makes 0.7 MB of it, and a line has
at most 1 MiB."""

MODE = "644"
"""FaceFusion usually runs as another user than the gate."""

_ENDLESS = 1e15


class Piece(NamedTuple):
    """A piece of a file; `size` is the whole file's, `mtime` Unix time."""

    data: bytes
    size: int
    mtime: int


class Folder:
    """The directory of a gate's `files`, and outputs elsewhere.

    All methods raise `CannotReach`; `where` names the host in errors.
    """

    def __init__(self, gate: Gate, where: str) -> None:
        self._gate = gate
        self.where = where

    async def put(self, name: str, image: bytes, deadline: Deadline) -> int:
        """Put an image there; return its mtime, by the host's clock."""
        request = {
            "do": "put",
            "name": name,
            "data": base64.b64encode(image).decode(),
            "mode": MODE,
        }
        body = await self._ask(request, deadline)
        return _whole(body, "mtime", self.where)

    async def piece(
        self,
        path: str,
        deadline: Deadline,
        *,
        offset: int = 0,
        limit: int = CHUNK,
        newer_than: int | None = None,
    ) -> Piece:
        """Return a piece of a file, as README.md of the gate has it."""
        request: dict[str, object] = {
            "do": "get",
            "path": path,
            "offset": offset,
            "limit": limit,
        }
        if newer_than is not None:
            request["newer_than"] = newer_than
        body = await self._ask(request, deadline)
        try:
            data = base64.b64decode(str(body.get("data")), validate=True)
        except ValueError as error:
            raise flaws.malformed(self.where, "it is garbled") from error
        return Piece(
            data=data,
            size=_whole(body, "size", self.where),
            mtime=_whole(body, "mtime", self.where),
        )

    async def listed(self, deadline: Deadline) -> dict[str, int]:
        """Return names and mtimes; a list that fails is empty."""
        listed: dict[str, int] = {}
        with contextlib.suppress(CannotReach):
            body = await self._ask({"do": "list"}, deadline)
            entries = body.get("entries")
            for entry in entries[:LISTED] if isinstance(entries, list) else ():
                name, mtime = _entry(entry)
                if name:
                    listed[name] = mtime
        return listed

    async def remove(
        self, paths: Sequence[str], deadline: Deadline
    ) -> list[CannotReach]:
        """Remove all that can be removed and return the failures."""
        failures = []
        for path in paths:
            try:
                await self._ask({"do": "remove", "path": path}, deadline)
            except CannotReach as failure:
                failures.append(failure)
        return failures

    async def _ask(self, request: Body, deadline: Deadline) -> Body:
        within = deadline.remaining()
        return (await self._gate.files(request, within=within)).body


def _whole(body: Body, name: str, where: str) -> int:
    """Return a size, or a time without its fraction, as SFTP has it."""
    number = body.get(name)
    if isinstance(number, int | float) and 0 <= number < _ENDLESS:
        return int(number)
    raise flaws.malformed(where, f"it has no {name}")


def _entry(entry: object) -> tuple[str, int]:
    """Return the name and mtime of a listed file, an empty name for none."""
    if isinstance(entry, Mapping):
        name, mtime = entry.get("name"), entry.get("mtime")
        if isinstance(name, str) and isinstance(mtime, int | float):
            return name, int(mtime)
    return "", 0
