"""What a look at a FaceFusion service on its host shows."""

from dataclasses import dataclass
from typing import Literal

from monitor.domain.machine.reading import Gap

Manager = Literal["systemd", "docker", "process"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process by what does not change while it lives, and how it does.

    Identity is boot id, `pid`, `start_ticks` (clock ticks after boot),
    `uid`, `cmdline`, `cwd` and `cgroup`. `cwd` is None where we may not see
    it. `state` is the letter of /proc. `cpu_seconds` is user and system
    time together. `is_server`: it serves, and is no child of one that does.
    """

    pid: int
    start_ticks: int
    started_at: float
    ppid: int | None = None
    uid: int | None = None
    user: str = ""
    state: str = ""
    name: str = ""
    cmdline: tuple[str, ...] = ()
    cwd: str | None = None
    cgroup: str = ""
    cpu_seconds: float | None = None
    resident_bytes: int | None = None
    threads: int | None = None
    is_server: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A TCP socket in LISTEN; `pid` None where only its user is known.

    `waiting` is how many connections it has not accepted yet, None where an
    older gate does not tell.
    """

    address: str
    port: int
    pid: int | None = None
    uid: int | None = None
    in_container: bool = False
    waiting: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What a service manager says of a unit or container.

    `exists` is False for a name that it does not know. Systemd's words are
    in `active_state`, `sub_state`, `load_state`, docker's in `state`.
    `since` is the Unix time at which the state began, by the host's clock.
    `job` is systemd's running job (start, stop, …), empty without one.
    `exit_code` is exited, killed or dumped, empty where nothing ended;
    `exit_status` then the code or signal. `stop_asked`: a stop job ended it
    last, None where the gate does not tell.
    """

    manager: Manager
    name: str
    exists: bool
    load_state: str = ""
    active_state: str = ""
    sub_state: str = ""
    state: str = ""
    result: str = ""
    main_pid: int | None = None
    restarts: int | None = None
    since: float | None = None
    exit_code: str = ""
    exit_status: int | None = None
    enabled: str = ""
    restart_policy: str = ""
    job: str = ""
    oom_killed: bool | None = None
    docker_health: str = ""
    stop_asked: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PortHolder:
    """Who listens on a port while none of ours does.

    `name` is empty and `pid` None where we may not see it.
    """

    name: str = ""
    pid: int | None = None
    uid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuShare:
    """How much of a GPU's multiprocessors a process used, 0 to 1."""

    gpu: int
    pid: int
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReading:
    """One look at a service: its unit, processes and listeners.

    `port` is the one the target's URL names. `now` is the host's clock.
    `cpu_ratio` is CPU time per second since the look before, None at first
    or for another process. `gpu_shares` is None where nvidia-smi was not
    asked. `port_holder` is whoever has the port instead of ours, and
    `port_taken_by` names it where it is a stranger: no reverse proxy, and
    not somebody without a name. `strays` run its FaceFusion outside of its
    unit, None where the gate does not tell.
    """

    manager: Manager
    port: int
    boot_id: str = ""
    now: float | None = None
    unit: Unit | None = None
    processes: tuple[Process, ...] = ()
    strays: tuple[Process, ...] | None = None
    listeners: tuple[Listener, ...] = ()
    port_taken_by: str = ""
    port_holder: PortHolder | None = None
    cpu_ratio: float | None = None
    gpu_shares: tuple[GpuShare, ...] | None = None
    gaps: tuple[Gap, ...] = ()

    @property
    def server(self) -> Process | None:
        """The process that serves, the one started last of several."""
        serving = [one for one in self.processes if one.is_server]
        return max(serving, key=lambda one: one.started_at, default=None)
