"""Canary images go to the server, and come back, through its gate."""

import contextlib
import posixpath
import secrets
from collections.abc import Iterator, Sequence

from monitor.adapters.gate.folder import Folder, Piece
from monitor.adapters.gate.nvidia import WayOfGate
from monitor.adapters.ssh import sftp_rules as rules
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.sftp_files import (
    LARGEST,
    REMOVED,
    Receipt,
    SftpFiles,
)
from monitor.domain.errors import CannotReach, CannotTouch
from monitor.domain.quote import quote
from monitor.ports import Placed

TIDYING = 3.0
"""Seconds to remove what was placed in vain, also when time is up."""

KNOWING = 1 / 3
"""Share of the time that finding out about the gate may take."""


class GateFiles:
    """A directory on a host, as `monitor.ports.CanaryFiles`.

    Through the gate where one is installed, which then knows the
    directory; elsewhere, and where there is no telling, by SFTP.
    """

    def __init__(
        self, shell: SshHost, gate: WayOfGate, directory: str
    ) -> None:
        self._gate = gate
        self._folder = Folder(gate, gate.where)
        self._others = SftpFiles(shell, directory)
        self._directory = rules.checked_directory(directory)
        self._is_checked = False

    async def place(self, images: Sequence[bytes], *, within: float) -> Placed:
        """Upload the images under new names. Raises `CannotTouch`."""
        deadline = Deadline(within)
        if not await self._is_installed(within):
            left = deadline.remaining()
            return await self._others.place(images, within=left)
        what = f"place the canary's images in {self._directory}"
        with _touching(what):
            return await self._place(images, deadline)

    async def fetch(
        self, placed: Placed, output: str, *, within: float
    ) -> bytes:
        """Return an output: a regular file, new, at most 32 MiB long.

        Raises `CannotTouch`.
        """
        rules.check_output(output)
        deadline = Deadline(within)
        if not await self._is_installed(within):
            left = deadline.remaining()
            return await self._others.fetch(placed, output, within=left)
        with _touching(f"fetch the canary's output {quote(output)}"):
            return await self._fetch(_receipt(placed), output, deadline)

    async def clean(
        self, placed: Placed, output: str | None, *, within: float
    ) -> None:
        """Remove the uploads, the output, and what crashed runs left.

        The output only when it is new and lies in our directory; else it
        stays, and that is no error. Raises `CannotTouch` when something of
        this run could not be removed.
        """
        deadline = Deadline(within)
        if not await self._is_installed(within):
            left = deadline.remaining()
            await self._others.clean(placed, output, within=left)
            return
        with _touching(f"clean up {self._directory}"):
            await self._clean(_receipt(placed), output, deadline)

    async def _is_installed(self, within: float) -> bool:
        try:
            way = await self._gate.way(within=within * KNOWING)
        except CannotReach:
            return False
        return way == "installed"

    async def _place(
        self, images: Sequence[bytes], deadline: Deadline
    ) -> Placed:
        paths: list[str] = []
        mtime = 0
        try:
            for image in images:
                name = rules.upload_name(secrets.token_hex(16))
                paths.append(f"{self._directory}/{name}")
                mtime = max(
                    mtime, await self._folder.put(name, image, deadline)
                )
            await self._check_directory(paths, deadline)
        except CannotReach:
            await self._folder.remove(paths, Deadline(TIDYING))
            raise
        receipt = Receipt(paths=tuple(paths), mtime=mtime)
        return Placed(locations=receipt.paths, receipt=receipt)

    async def _check_directory(
        self, paths: Sequence[str], deadline: Deadline
    ) -> None:
        """Look once whether the gate's directory is the configured one."""
        if self._is_checked or not paths:
            return
        try:
            await self._folder.piece(paths[0], deadline, limit=1)
        except CannotReach as error:
            raise CannotReach(
                f"cannot find what the gate wrote in {self._directory}; set "
                "canary_files.directory to the --directory of the gate there "
                f"({error})",
                reason="gate_refused",
            ) from error
        self._is_checked = True

    async def _fetch(
        self, receipt: Receipt, output: str, deadline: Deadline
    ) -> bytes:
        data = bytearray()
        size: int | None = None
        while size is None or len(data) < size:
            piece = await self._folder.piece(
                output,
                deadline,
                offset=len(data),
                newer_than=receipt.mtime,
            )
            self._check(piece, receipt, output)
            data += piece.data
            is_other = size is not None and piece.size != size
            is_short = not piece.data and len(data) < piece.size
            if is_other or is_short or len(data) > piece.size:
                raise self._flaw(output, "it changed while it was read")
            size = piece.size
        return bytes(data)

    def _check(self, piece: Piece, receipt: Receipt, output: str) -> None:
        if not receipt.mtime or piece.mtime < receipt.mtime:
            raise self._flaw(
                output, "it is not newer than the inputs of this run"
            )
        if piece.size > LARGEST:
            raise self._flaw(output, f"it is larger than {LARGEST} bytes")

    async def _clean(
        self, receipt: Receipt, output: str | None, deadline: Deadline
    ) -> None:
        failures = await self._folder.remove(receipt.paths, deadline)
        listed = await self._folder.listed(deadline)
        doomed = [
            f"{self._directory}/{name}"
            for name, mtime in listed.items()
            if self._is_output(name, mtime, receipt, output)
            or _is_left_behind(name, mtime, receipt)
        ]
        await self._folder.remove(doomed[:REMOVED], deadline)
        if failures:
            raise failures[0]

    def _is_output(
        self, name: str, mtime: int, receipt: Receipt, output: str | None
    ) -> bool:
        """Tell whether this is the output of this run, in our directory."""
        if output is None or rules.is_upload(name):
            return False
        is_same = posixpath.normpath(output) == f"{self._directory}/{name}"
        return is_same and 0 < receipt.mtime <= mtime

    def _flaw(self, output: str, flaw: str) -> CannotTouch:
        return CannotTouch(
            f"cannot fetch the canary's output {quote(output)} from "
            f"{self._gate.where}: {flaw}; check that the server answers "
            "with the file that it wrote for this request"
        )


@contextlib.contextmanager
def _touching(what: str) -> Iterator[None]:
    try:
        yield
    except CannotReach as error:
        raise CannotTouch(f"cannot {what}: {error}") from error


def _is_left_behind(name: str, mtime: int, receipt: Receipt) -> bool:
    """Tell whether this is an upload of a run that crashed."""
    is_old = mtime < receipt.mtime - rules.LEFT_BEHIND
    return rules.is_upload(name) and is_old


def _receipt(placed: Placed) -> Receipt:
    if isinstance(placed.receipt, Receipt):
        return placed.receipt
    raise CannotTouch(
        "cannot tell what was uploaded: these images were not placed by us"
    )
