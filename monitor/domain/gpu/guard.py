"""May nvidia-smi be started on a host now? At most one may hang there.

A hung nvidia-smi cannot be ended, and every further one makes it worse
(facts/gpu.md §1, Hangs). So after one that hung we wait, longer each time;
where one waits in the kernel none is started beside it; where a GPU's own
processor died (Xid 119, 120) one is started every half hour. A new boot
forgives everything at once, an nvidia-smi that is gone forgives a hang.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from monitor.domain.kernel.event import XidEvent
from monitor.domain.machine.clocks import stamp
from monitor.domain.machine.reading import DriverProcess
from monitor.domain.machine.words import length

LONGEST = 900.0
"""Seconds between two tries, at most, while nvidia-smi hangs."""
GSP_PAUSE = 1800.0
"""Seconds between two tries after Xid 119 or 120."""
FRESH = 120.0
"""Seconds for which a look at the host's processes counts."""
STUCK_AFTER = 5.0
"""Seconds after which an nvidia-smi in D state does not merely start."""

_MOST_DOUBLINGS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is known of a host before a look; `drivers_at` is our clock.

    `drivers` are its nvidia-smi processes, None where not known. `dead` is
    the newest Xid 119 or 120 that no answer came after.
    """

    boot_id: str = ""
    drivers: tuple[DriverProcess, ...] | None = None
    drivers_at: float | None = None
    dead: XidEvent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Why nvidia-smi is not started.

    `wedged`: a fault of the GPUs is told, as opposed to a line that was
    lost or one that merely works in the kernel. `sure`: it is proved.
    """

    because: str
    wedged: bool = True
    sure: bool = True


_PROVED = 2
"""Hangs that are no accident. A busy host is slow at times, and held looks
repeat themselves every few seconds: a single slow run must not become three
failures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What one host's guard remembers; times are ours, Unix, in seconds.

    `hangs` in a row, the last at `hung_at` because of `hung`; `blamed` of
    them on nvidia-smi, not on the line. `pause_until` is set while Xid 119
    or 120 stops us.
    At the look at processes of `seen_at`, `waiting` are pids in D state,
    `stuck` those of them that never did anything else, `moving` all that
    were seen in another state.
    """

    boot_id: str = ""
    hangs: int = 0
    hung_at: float = 0.0
    hung: str = ""
    blamed: int = 0
    pause_until: float | None = None
    seen_at: float | None = None
    waiting: frozenset[int] = frozenset()
    stuck: frozenset[int] = frozenset()
    moving: frozenset[int] = frozenset()


def ask(
    guard: Guard, scene: Scene, *, now: float, interval: float
) -> tuple[Guard, Held | None]:
    """Return the guard, and why nvidia-smi must not be started now.

    `interval` is the seconds between two looks while all is well.
    """
    guard = _paused(_seen(_of_this_boot(guard, scene), scene, now), scene, now)
    held = (
        _beside_another(guard, scene, now)
        or _after_xid(guard, scene, now)
        or _after_hang(guard, now, interval)
    )
    return guard, held


def hung(guard: Guard, *, now: float, why: str, line: bool = False) -> Guard:
    """Return the guard after an nvidia-smi that did not come back.

    `line`: nothing came back at all, so the line to the host may be lost
    instead.
    """
    paused = guard.pause_until is not None
    return replace(
        guard,
        hangs=guard.hangs + 1,
        hung_at=now,
        hung=why,
        blamed=guard.blamed + (0 if line else 1),
        pause_until=now + GSP_PAUSE if paused else None,
    )


def came_back(guard: Guard) -> Guard:
    """Return the guard after an nvidia-smi that ended by itself."""
    return replace(guard, hangs=0, hung="", blamed=0, pause_until=None)


def _of_this_boot(guard: Guard, scene: Scene) -> Guard:
    if not scene.boot_id or scene.boot_id == guard.boot_id:
        return guard
    if not guard.boot_id:
        return replace(guard, boot_id=scene.boot_id)
    return Guard(boot_id=scene.boot_id)


def _seen(guard: Guard, scene: Scene, now: float) -> Guard:
    """Learn from a new look at the processes, once."""
    at = scene.drivers_at
    if scene.drivers is None or at is None or not 0 <= now - at <= FRESH:
        none: frozenset[int] = frozenset()
        return replace(guard, waiting=none, stuck=none)
    if at == guard.seen_at:
        return guard
    pids = frozenset(one.pid for one in scene.drivers)
    waiting = frozenset(one.pid for one in scene.drivers if _waits(one))
    # A loop (nvidia-smi -l) is in the kernel now and then.
    doubtful = guard.moving - guard.waiting if not guard.blamed else set()
    return _forgiven(
        replace(
            guard,
            seen_at=at,
            waiting=waiting,
            stuck=waiting - doubtful,
            moving=(guard.moving & pids) | (pids - waiting),
        ),
        scene.drivers,
        at - guard.hung_at,
    )


def _waits(driver: DriverProcess) -> bool:
    return driver.state == "D" and driver.age >= STUCK_AFTER


def _forgiven(
    guard: Guard, drivers: Iterable[DriverProcess], since: float
) -> Guard:
    """Forget a hang when what ran `since` seconds ago is gone."""
    if since <= 0 or any(one.age >= since for one in drivers):
        return guard
    return replace(guard, hangs=0, hung="", blamed=0)


def _paused(guard: Guard, scene: Scene, now: float) -> Guard:
    if scene.dead is None:
        return replace(guard, pause_until=None)
    if guard.pause_until is None:
        return replace(guard, pause_until=now + GSP_PAUSE)
    return guard


def _beside_another(guard: Guard, scene: Scene, now: float) -> Held | None:
    """Refuse while another one waits in the kernel, whoever started it."""
    for one in scene.drivers or ():
        if one.pid in guard.waiting:
            age = one.age + now - (scene.drivers_at or now)
            where = f" in {one.wchan}" if one.wchan else ""
            return Held(
                because=f"nvidia-smi (pid {one.pid}, state {one.state}{where})"
                f" has waited in the kernel for {length(age)}; none is"
                " started beside it, the next one when it is gone",
                wedged=one.pid in guard.stuck,
                sure=one.pid in guard.stuck,
            )
    return None


def _after_xid(guard: Guard, scene: Scene, now: float) -> Held | None:
    if scene.dead is None or guard.pause_until is None:
        return None
    if now >= guard.pause_until:
        return None
    return Held(
        because=f"no answer came since Xid {scene.dead.xid} of GPU"
        f" {scene.dead.pci_bus_id} at {stamp(scene.dead.at)}: nvidia-smi would"
        " hang; it is tried again in"
        f" {length(guard.pause_until - now)}"
    )


def _after_hang(guard: Guard, now: float, interval: float) -> Held | None:
    if not guard.hangs:
        return None
    doublings = min(guard.hangs, _MOST_DOUBLINGS)
    pause = min(interval * 2**doublings, max(LONGEST, interval))
    left = guard.hung_at + pause - now
    if left <= 0:
        return None
    return Held(
        because=f"{guard.hung}, {guard.hangs} in a row; it is tried again in"
        f" {length(left)}",
        wedged=guard.blamed > 0,
        sure=guard.blamed >= _PROVED,
    )
