"""`canary_files: {via: path}`: the images are on the server already."""

from collections.abc import Sequence

from monitor.domain.errors import CannotTouch
from monitor.ports import CanaryFiles, Placed


class PathFiles:
    """Names images that somebody else put there; touches nothing."""

    def __init__(self, locations: Sequence[str]) -> None:
        self._locations = tuple(locations)

    async def place(self, images: Sequence[bytes], *, within: float) -> Placed:
        """Return the configured paths; the images stay here."""
        del within
        if len(images) != len(self._locations):
            raise CannotTouch(
                f"cannot use {len(self._locations)} configured paths for a "
                f"canary that takes {len(images)}: set one path an image"
            )
        return Placed(locations=self._locations)

    async def fetch(
        self, placed: Placed, output: str, *, within: float
    ) -> bytes:
        """Raise `CannotTouch`: there is no way to the output."""
        del placed, within
        raise CannotTouch(
            f"cannot fetch {output!a}: with canary_files via path only the "
            "server sees its files; use via sftp to have outputs compared"
        )

    async def clean(
        self, placed: Placed, output: str | None, *, within: float
    ) -> None:
        """Leave everything as it is: nothing there is ours."""


_: type[CanaryFiles] = PathFiles
