"""The disk of a simulated server: canary images, in memory."""

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from monitor.gate.protocol import Refused
from monitor.simulator.places import NoSuchImage, Places, Source

DIRECTORY = "/var/tmp/facefusion-monitor"  # noqa: S108 - a name, not a file
Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class _File:
    data: bytes
    mtime: float


class Disk:
    """Files by their path, and the gate's verb `files` for them."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._files: dict[str, _File] = {}

    def write(self, path: str, data: bytes) -> _File:
        """Write a whole file."""
        written = self._files[path] = _File(data, self._now())
        return written

    def read(self, path: str) -> bytes | None:
        """Return a file, None where none is."""
        found = self._files.get(path)
        return None if found is None else found.data

    def verb(self, asked: Mapping[str, object]) -> Body:
        """Do what a gate does with files. Raises `Refused`."""
        match asked.get("do"):
            case "put":
                data = base64.b64decode(str(asked["data"]))
                new = self.write(f"{DIRECTORY}/{asked['name']}", data)
                return {"mtime": new.mtime, "size": len(data)}
            case "get":
                return self._get(str(asked["path"]), asked)
            case "remove":
                gone = self._files.pop(str(asked["path"]), None)
                return {"removed": gone is not None}
            case "list":
                return {"entries": list(map(_entry, self._files.items()))}
            case _:
                raise Refused("bad_request", "cannot use do")

    def _get(self, path: str, asked: Mapping[str, object]) -> Body:
        found = self._files.get(path)
        if found is None:
            raise Refused("forbidden", f"cannot find {path}")
        begin, limit = asked.get("offset", 0), asked.get("limit", 1 << 19)
        assert isinstance(begin, int)
        assert isinstance(limit, int)
        piece = found.data[begin : begin + limit]
        return {
            "data": base64.b64encode(piece).decode(),
            "size": len(found.data),
            "mtime": found.mtime,
            "more": begin + len(piece) < len(found.data),
        }


class DiskPlaces(Places):
    """Where a job's images come from and go to: this disk, or our shelf."""

    def __init__(
        self,
        disk: Disk,
        url: Callable[[], str],
        shelf: Callable[[str], bytes | None],
    ) -> None:
        super().__init__(Path(DIRECTORY), Path("/outputs"), url)
        self._disk = disk
        self._shelf = shelf

    @override
    async def bring(self, location: str) -> Source:
        if "://" in location:
            data = self._shelf(location.rpartition("/")[2])
            folder = None
        else:
            data = self._disk.read(location)
            folder = Path(location).parent
        if data is None:
            raise NoSuchImage(f"cannot find the image {location!r}")
        return Source(data=data, directory=folder)

    @override
    async def put(
        self, source: Source, *, operation: str, data: bytes, suffix: str
    ) -> str:
        name = f"{operation}_{secrets.token_hex(8)}{suffix}"
        if source.directory is not None:
            self._disk.write(f"{source.directory}/{name}", data)
            return f"{source.directory}/{name}"
        self._disk.write(f"/outputs/{name}", data)
        return f"{self._url()}/outputs/{name}"

    @override
    async def output(self, name: str) -> bytes | None:
        return self._disk.read(f"/outputs/{name}")


def _entry(item: tuple[str, _File]) -> Body:
    path, file = item
    name = path.rpartition("/")[2]
    return {"name": name, "size": len(file.data), "mtime": file.mtime}
