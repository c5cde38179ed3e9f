"""A cgroup of its own for each boot of a machine.

Without it two machines would share the tree of this one: systemd calls the
cgroup in which it starts its root.
"""

import contextlib
import tempfile
from pathlib import Path

from tests.machines.doing import ran
from tests.machines.land import GROUND


class Cgroups:
    """The place's own view of cgroup v2; `path` is where it is mounted."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="cgroup-", dir=GROUND))
        ran("mount", "-t", "cgroup2", "cgroup2", self.path)

    def new(self, name: str) -> Path:
        """Return a new, empty cgroup."""
        path = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.path))
        path.chmod(0o755)
        return path

    def remove(self, cgroup: Path) -> None:
        """Remove a cgroup in which nothing lives any more."""
        folders = [path for path in cgroup.rglob("*") if path.is_dir()]
        for folder in (*sorted(folders, reverse=True), cgroup):
            with contextlib.suppress(FileNotFoundError):
                folder.rmdir()

    def close(self) -> None:
        ran("umount", "-l", self.path)
        self.path.rmdir()
