"""What the faults of a host do to its kernel, its process and its logs."""

from collections.abc import Callable, Sequence
from functools import partial

from monitor.simulator.faults import Faults
from monitor.simulator.machine import lines
from monitor.simulator.machine.doors import (
    DOWN,
    ELSEWHERE,
    LOOPING,
    is_down,
    where,
)
from monitor.simulator.machine.process import STOPPED
from monitor.simulator.machine.world import World
from monitor.simulator.nvidia_smi.card import Card
from monitor.simulator.nvidia_smi.failures import FELL_OFF, GSP_TIMEOUT, hangs

RESTARTED = frozenset(
    {
        "out_of_memory",
        "disk_full",
        "log_error",
        "cuda_fault",
        "cpu_fallback",
        "gpu_memory_leak",
        *LOOPING,
        *ELSEWHERE.keys() - {"not_listening", "restart"},
    }
)
"""Healed by starting FaceFusion anew: what its log said is then past."""
_ANEW = {"cpu_fallback", *LOOPING, *ELSEWHERE} - {"not_listening"}
"""Faults that begin with a new start."""
_REBOOTED = {"gpu_reset_required", "gpu_hardware"}
"""Healed by a reboot, as Xids are that are not harmless."""
_HARMLESS = {8, 13, 31, 43, 45, 68, 69, 94, 109}
"""Xids that a process causes or survives; the others last until a reboot."""


class Effects:
    """Does to a world what its faults mean, when one has changed.

    `lost` returns the card that has fallen off the bus, `cut` drops every
    connection, as a machine does that boots.
    """

    def __init__(
        self,
        world: World,
        faults: Faults,
        cards: Sequence[Card],
        lost: Callable[[], Card | None],
        cut: Callable[[], None],
    ) -> None:
        self._world = world
        self._faults = faults
        self._cards = cards
        self._lost = lost
        self._cut = cut
        self._last_xid = 0
        self._begins: dict[str, Callable[[float], None]] = {
            "gpu_lost": self._fall_off,
            "xid": self._report,
            "oom_killed": self._out_of_host_memory,
            "out_of_memory": self._out_of_gpu_memory,
            "disk_full": self._no_room,
            "log_error": self._complain,
            "cuda_fault": self._cuda_fault,
            "cpu_fallback": self._cpu_fallback,
            "gpu_reset_required": partial(self._xid, 46),
            "gpu_hardware": partial(self._xid, 64),
        }

    def changed(self, name: str) -> None:
        """Do what a fault means that was switched on or off just now."""
        now = self._world.now()
        self._world.life.catch_up(now)
        if self._faults.is_on(name):
            self._begin(name, now)
        self._turn(name, now)
        if name in DOWN:
            self._live_or_die(name, now)
        if name in {"nvidia_smi_hang", "xid"}:
            self._hang_or_not(now)
        if not self._faults.is_on(name):
            self._cure(name, now)

    def _begin(self, name: str, now: float) -> None:
        if name in LOOPING:
            self._world.life.fail(LOOPING[name], lines.LAST_WORDS[name])
        if name in _ANEW and not is_down(self._faults):
            self._start_anew(now)
        if name in self._begins:
            self._begins[name](now)

    def _turn(self, name: str, now: float) -> None:
        """Set what a fault is as long as it lasts."""
        world, faults = self._world, self._faults
        if name in {"not_listening", "restart"}:
            world.listen(where(faults), now)
        elif name == "suspended":
            world.is_suspended = faults.is_on(name)
        elif name == "log_noise":
            world.life.rustle(faults.value(name, 0.0), now)
        elif name == "port_taken":
            taken = faults.is_on(name)
            world.port_holder = world.stranger if taken else None

    def _live_or_die(self, name: str, now: float) -> None:
        if self._faults.is_on(name):
            self._world.end(DOWN[name], now)
            return
        if name == "rebooting":
            self._world.reboot(now)
        if not is_down(self._faults):
            self._world.listens = where(self._faults)
            self._world.start(now)

    def _cure(self, name: str, now: float) -> None:
        """Do what a person would do after a fault, so that it is over."""
        if name in LOOPING:
            self._world.life.go_on()
        if is_down(self._faults):
            return
        if name in RESTARTED:
            self._start_anew(now)
        lasts = name == "xid" and self._last_xid not in _HARMLESS
        if lasts or name in _REBOOTED:
            self._world.end(STOPPED, now)
            self._world.reboot(now)
            self._world.start(now)
            self._cut()

    def _start_anew(self, now: float) -> None:
        self._world.end(STOPPED, now)
        self._world.listens = where(self._faults)
        self._world.start(now)

    def _hang_or_not(self, now: float) -> None:
        if hangs(self._faults):
            self._world.hang(now)
        else:
            self._world.unhang()

    def _fall_off(self, now: float) -> None:
        lost = self._lost()
        if lost is not None:
            self._kernel(now, lines.fell_off(lost.slot))

    def _report(self, now: float) -> None:
        number = self._last_xid = int(self._faults.value("xid", 0))
        if number == FELL_OFF:
            self._fall_off(now)
        elif number == GSP_TIMEOUT:
            self._world.hang(now)
            self._kernel(now, lines.gsp_timeout(self._slot, self._stuck_pid))
        else:
            self._xid(number, now)

    def _out_of_host_memory(self, now: float) -> None:
        for line in lines.oom_kill(self._server_pid):
            self._kernel(now, line)

    def _out_of_gpu_memory(self, now: float) -> None:
        self._world.log.add(now, lines.ALLOCATION)

    def _no_room(self, now: float) -> None:
        self._world.log.add(now, lines.NO_SPACE)

    def _cuda_fault(self, now: float) -> None:
        self._xid(31, now)
        self._world.log.add(now, lines.complaint(lines.CUDA_FAULT))

    def _cpu_fallback(self, now: float) -> None:
        self._world.log.add(now, lines.complaint(lines.CPU_FALLBACK))

    def _xid(self, number: int, now: float) -> None:
        self._kernel(now, lines.xid(self._slot, number, self._server_pid))

    def _complain(self, now: float) -> None:
        number = int(self._faults.value("log_error", 1))
        self._world.log.add(now, lines.complaint(number))

    def _kernel(self, now: float, text: str) -> None:
        self._world.kernel.add(now, text)

    @property
    def _slot(self) -> str:
        return self._cards[0].slot

    @property
    def _server_pid(self) -> int:
        process = self._world.service.process
        return process.pid if process else 0

    @property
    def _stuck_pid(self) -> int:
        stuck = self._world.stuck
        return stuck.pid if stuck else 0
