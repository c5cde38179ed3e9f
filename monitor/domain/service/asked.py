"""What a target's settings say about its service on the host."""

from dataclasses import dataclass

from monitor.domain.service.reading import Manager


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A service to look at, and what it is measured by.

    `unit` is systemd's unit or the container's name, `directory` where
    FaceFusion was checked out; either may be empty where the manager does
    not need it. `port` is the one in the target's URL, `is_loopback` whether
    that URL stays on one machine, so that nobody else needs to reach it.
    `start_grace` is how many seconds a start may take before it listens.
    `wants_pmon`: nvidia-smi is asked too who uses the GPUs.
    """

    target: str
    manager: Manager
    unit: str = ""
    directory: str = ""
    port: int
    is_loopback: bool
    start_grace: float
    wants_pmon: bool = False

    @property
    def question(self) -> dict[str, object]:
        """Return what the gate's part `service` is asked."""
        return {
            "manager": self.manager,
            "unit": self.unit or None,
            "directory": self.directory or None,
            "port": self.port,
        }

    @property
    def words(self) -> str:
        """Return the service in words for people."""
        if self.manager == "process":
            return f"FaceFusion in {self.directory}"
        return f"{'container ' * (self.manager == 'docker')}{self.unit}"
