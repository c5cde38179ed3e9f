"""Canary images go to the server, and come back, by SFTP."""

import contextlib
import posixpath
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from monitor.adapters.ssh import sftp_rules as rules
from monitor.adapters.ssh.connection import Connection
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.sftp import Entry, Sftp
from monitor.domain.errors import CannotReach, CannotTouch
from monitor.domain.quote import quote
from monitor.ports import Placed

Result = TypeVar("Result")

LARGEST = 32 << 20
"""Bytes of an output image."""

DIRECTORY_MODE = 0o755
FILE_MODE = 0o644
"""FaceFusion usually runs as another user than the one we log in as: it
must come through the directory and read the files. They are public
portraits, and only we may write, so reading is all that others get."""

LISTED = 1000
"""Entries of the directory that we look at for what was left behind."""

REMOVED = 50
"""Files left behind that we remove at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What we uploaded, and when by the server's clock (Unix seconds)."""

    paths: tuple[str, ...]
    mtime: int


class SftpFiles:
    """A directory on a host, as `monitor.ports.CanaryFiles`."""

    def __init__(self, host: SshHost, directory: str) -> None:
        self._host = host
        self._directory = rules.checked_directory(directory)

    async def place(self, images: Sequence[bytes], *, within: float) -> Placed:
        """Upload the images under new names.

        Makes the directory when it is not there. Raises `CannotTouch`.
        """
        what = f"place the canary's images in {self._directory}"
        errand = partial(self._place, tuple(images))
        receipt = await self._do(what, errand, within)
        return Placed(locations=receipt.paths, receipt=receipt)

    async def fetch(
        self, placed: Placed, output: str, *, within: float
    ) -> bytes:
        """Return an output: a regular file, new, at most 32 MiB long.

        Raises `CannotTouch`.
        """
        rules.check_output(output)
        what = f"fetch the canary's output {quote(output)}"
        errand = partial(self._fetch, _receipt(placed), output)
        return await self._do(what, errand, within)

    async def clean(
        self, placed: Placed, output: str | None, *, within: float
    ) -> None:
        """Remove the uploads, the output, and what crashed runs left.

        The output only when it is a regular file, new, and really below
        our directory; else it stays, and that is no error. Raises
        `CannotTouch` when something of this run could not be removed.
        """
        what = f"clean up {self._directory}"
        errand = partial(self._clean, _receipt(placed), output)
        await self._do(what, errand, within)

    async def _do(
        self, what: str, errand: Callable[[Sftp], Result], within: float
    ) -> Result:
        def blocking(connection: Connection, deadline: Deadline) -> Result:
            with connection.channel(deadline) as channel:
                where, user = self._host.where, self._host.user
                return errand(Sftp(channel, deadline, where, user))

        try:
            return await self._host.use(blocking, within=within)
        except CannotReach as error:
            raise CannotTouch(f"cannot {what}: {error}") from error

    def _place(self, images: Sequence[bytes], sftp: Sftp) -> Receipt:
        self._prepare(sftp)
        paths: list[str] = []
        mtime = 0
        try:
            for image in images:
                path = f"{self._directory}/{_new_name()}"
                paths.append(path)
                mtime = max(mtime, _upload(sftp, path, image))
        except CannotTouch:
            _remove_all(sftp, [n for p in paths for n in (p, f"{p}.part")])
            raise
        return Receipt(paths=tuple(paths), mtime=mtime)

    def _prepare(self, sftp: Sftp) -> None:
        if self._check_directory(self._directory, sftp):
            return
        try:
            sftp.make_directory(self._directory, DIRECTORY_MODE)
        except CannotTouch:
            # Another canary of ours may have been faster.
            if not self._check_directory(self._directory, sftp):
                raise

    def _check_directory(self, directory: str, sftp: Sftp) -> bool:
        found = sftp.lstat(directory)
        if found:
            rules.check_found_directory(found, self._host.where)
        return found is not None

    def _fetch(self, receipt: Receipt, output: str, sftp: Sftp) -> bytes:
        # Looked at before it is opened: opening a pipe would wait for ever.
        self._check(output, sftp.lstat(output), receipt)
        opened, data = sftp.read(output, LARGEST)
        self._check(output, opened, receipt)
        if len(data) != opened.size:
            raise self._flaw(output, "it changed while it was read")
        return data

    def _check(
        self, output: str, entry: Entry | None, receipt: Receipt
    ) -> None:
        if flaw := rules.output_flaw(entry, receipt.mtime):
            raise self._flaw(output, flaw)
        if entry and entry.size > LARGEST:
            raise self._flaw(output, f"it is larger than {LARGEST} bytes")

    def _flaw(self, output: str, flaw: str) -> CannotTouch:
        return CannotTouch(
            f"cannot fetch the canary's output {quote(output)} from "
            f"{self._host.where}: {flaw}; check that the server answers "
            "with the file that it wrote for this request"
        )

    def _clean(self, receipt: Receipt, output: str | None, sftp: Sftp) -> None:
        ours = [name for p in receipt.paths for name in (p, f"{p}.part")]
        removable = self._removable(receipt, output, sftp)
        failures = _remove_all(sftp, [*ours, *removable])
        if receipt.mtime:
            _remove_all(sftp, self._left_behind(receipt.mtime, sftp))
        if failures:
            raise failures[0]

    def _removable(
        self, receipt: Receipt, output: str | None, sftp: Sftp
    ) -> list[str]:
        """Return the output's real path, if it may be removed."""
        if output is None:
            return []
        try:
            rules.check_output(output)
            parent, name = posixpath.split(output)
            real_parent = sftp.real_path(parent)
            self._check_directory(self._directory, sftp)
            self._check_directory(real_parent, sftp)
            directory = sftp.real_path(self._directory)
            real = posixpath.join(real_parent, name)
            entry = sftp.lstat(real)
        except CannotTouch:
            return []
        if not rules.is_below(real, directory) or rules.is_upload(name):
            return []
        return [] if rules.output_flaw(entry, receipt.mtime) else [real]

    def _left_behind(self, now: int, sftp: Sftp) -> list[str]:
        """Return uploads of crashed runs; a list that fails is empty."""
        left: list[str] = []
        with contextlib.suppress(CannotTouch):
            left = [
                f"{self._directory}/{entry.name}"
                for entry in sftp.entries(self._directory, LISTED)
                if rules.is_left_behind(entry, now)
            ]
        return left[:REMOVED]


def _new_name() -> str:
    return rules.upload_name(secrets.token_hex(16))


def _upload(sftp: Sftp, path: str, image: bytes) -> int:
    """Write, then rename: the name never shows half a file."""
    written = sftp.write_new(f"{path}.part", image, FILE_MODE)
    sftp.rename(f"{path}.part", path)
    return written.mtime


def _remove_all(sftp: Sftp, paths: Sequence[str]) -> list[CannotTouch]:
    """Remove all that can be removed and return the failures."""
    failures = []
    for path in paths:
        try:
            sftp.remove(path)
        except CannotTouch as failure:
            failures.append(failure)
    return failures


def _receipt(placed: Placed) -> Receipt:
    if isinstance(placed.receipt, Receipt):
        return placed.receipt
    raise CannotTouch(
        "cannot tell what was uploaded: these images were not placed by SFTP"
    )
