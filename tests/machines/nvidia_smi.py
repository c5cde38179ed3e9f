"""What the nvidia-smi of a machine prints, and whether it returns."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.machines.driver import Driver

STATE = "var/lib/nvidia-smi"
CAPTURE = Path(__file__).parents[1] / "captures/nvidia_smi/two_gpus.xml"


class NvidiaSmi:
    """`path` tells where a file of the machine is for us just now."""

    def __init__(self, path: Callable[[str], Path], driver: Driver) -> None:
        self._path = path
        self._driver = driver
        self._settings: dict[str, object] = {}
        self.replay(CAPTURE.read_text())

    def replay(self, xml: str) -> None:
        """Print this recording from now on."""
        _replace(self._path(f"{STATE}/answer.xml"), xml)

    def set(self, **settings: object) -> None:
        """Turn what stand_in/nvidia-smi knows (lost, code, before, …)."""
        self._settings |= settings
        _replace(
            self._path(f"{STATE}/settings.json"), json.dumps(self._settings)
        )

    def lose_gpu(self, index: int) -> None:
        """Print that a GPU is lost, and only the others."""
        self.set(lost=[index], code=15)

    def well(self) -> None:
        """Print the recording as it is."""
        self.set(lost=[], code=0, before="", silent=False)

    def used_by_server(self, gpu: int, megabytes: int = 2100) -> None:
        """List FaceFusion's process, by its pid, on a GPU."""
        self.set(used_by_server=gpu, used=megabytes)

    def live(self) -> None:
        """Show who really holds memory of two idle cards from now on."""
        self.set(live=True)

    def works(self, *cards: int) -> None:
        """Let these cards work, and the others be idle."""
        self.set(works=cards)

    def keeps_memory(self) -> None:
        """Let nothing that an ended process held be free again."""
        self.set(keeps=True)

    def after_next_boot(self, **settings: object) -> None:
        """Change settings as soon as the machine has another boot id."""
        boot = self._path("/proc/sys/kernel/random/boot_id")
        self.set(boot=boot.read_text().strip(), next_boot=settings)

    def freeze(self) -> None:
        """Wedge the driver: nvidia-smi hangs, and cannot be ended."""
        self._driver.freeze()

    def thaw(self) -> None:
        self._driver.thaw()

    def runs(self) -> int:
        """Return how often it was started."""
        counter = self._path(f"{STATE}/runs")
        return counter.stat().st_size if counter.exists() else 0


def _replace(path: Path, text: str) -> None:
    """Write a file beside and rename it: a reader never sees half."""
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.rename(path)
