"""How a machine comes back from its next reboots, or does not."""

from collections.abc import Callable
from pathlib import Path

from tests.hosts.sshd import make_key

_HOST_KEY = "upper/etc/ssh/machine_host_key"


class Fate:
    """Told beforehand; `between` is called whenever the machine is off."""

    def __init__(self, folder: Path, between: Callable[[], None]) -> None:
        self._folder = folder
        self._between = between
        self._host_key = ""
        self._is_away = False

    def stays_away(self) -> None:
        """Let it go down, and be gone."""
        self._is_away = True

    def keeps_its_boot_id(self, boot_id: str) -> None:
        """Let it come back with the boot id that it has."""
        (self._folder / "boot_id").write_text(f"{boot_id}\n")

    def changes_its_host_key(self) -> None:
        """Let it come back as a machine that was installed anew."""
        key = self._folder / "keys/another"
        make_key(key)
        self._host_key = key.read_text()

    def meets(self) -> bool:
        """Do this while it is off; return whether it comes back."""
        self._between()
        if self._host_key:
            (self._folder / _HOST_KEY).write_text(self._host_key)
        return not self._is_away
