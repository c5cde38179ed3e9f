"""What may be acted on on a machine: asked of its gate, nothing is done."""

from dataclasses import dataclass

from monitor.adapters.clock import SystemClock
from monitor.adapters.gate.acting import RemoteHand
from monitor.config import Settings
from monitor.config.sections.hosts import Host
from monitor.config.sections.service import Service
from monitor.config.sections.targets import Target
from monitor.daemon.hands import REBOOTS, hand
from monitor.daemon.host_keys import host_of
from monitor.daemon.services import port_of
from monitor.domain.errors import CannotReach, HandRefused
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action
from monitor.domain.service.reading import ServiceReading
from monitor.ports import Errand, GateAnswer

WITHIN = 15.0
"""Seconds for the login and each answer."""
_ERRAND = Errand(change="host-check", token=1)
"""Of no change: what became of it is `none`, and that is all we ask."""
_NO_RESTART = ("no", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MayAct:
    """Whether a target may be acted on; `because` says why not, else empty.

    `notes` are what would make acting on it safer, a sentence each.
    """

    target: str
    because: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHand:
    """What the act key of a machine may do there.

    `answer` is None when it does not reach an acting gate; `because` is the
    error then, and the reboot key is not tried. `reboot` says why that one
    reaches no gate, empty when it does; None without one.
    """

    answer: GateAnswer | None = None
    because: str = ""
    services: tuple[MayAct, ...] = ()
    reboot: str | None = None

    @property
    def is_able(self) -> bool:
        """Whether everything that is configured may be acted on."""
        able = not any(one.because for one in self.services)
        return self.answer is not None and able and not self.reboot


async def look_at_hand(settings: Settings, name: str) -> AtHand | None:
    """Ask the acting gate of a host, None without an act key.

    Raises `NotConfigured`.
    """
    host = host_of(settings, name)
    there = hand(host, SystemClock())
    if there is None:
        return None
    try:
        answer = await there.hello(within=WITHIN)
        services = [
            await _may_act(there, target, target.service)
            for target in settings.targets
            if target.host == name and target.service is not None
        ]
    except CannotReach as error:
        return AtHand(because=str(error))
    finally:
        await there.close()
    reboot = await _why_no_reboot(host)
    return AtHand(answer=answer, services=tuple(services), reboot=reboot)


async def _why_no_reboot(host: Host) -> str | None:
    """Ask the gate with the reboot key, and for nothing but its name."""
    there = hand(host, SystemClock(), REBOOTS)
    if there is None:
        return None
    try:
        await there.hello(within=WITHIN)
    except CannotReach as error:
        return str(error)
    finally:
        await there.close()
    return ""


async def _may_act(
    there: RemoteHand, target: Target, service: Service
) -> MayAct:
    aim = _aim(target, service)
    try:
        said = await there.became(aim, _ERRAND, within=WITHIN)
    except HandRefused as refused:
        return MayAct(target=target.name, because=str(refused))
    return MayAct(target=target.name, notes=_notes(said.service))


def _aim(target: Target, service: Service) -> Aim:
    return Aim(
        action=Action.RESTART,
        target=target.name,
        url=target.url,
        host=target.host or "",
        manager=service.manager,
        unit=service.unit,
        directory=service.directory,
        port=port_of(target.url),
        boot_id="",
        processes=(),
        steps=(),
    )


def _notes(seen: ServiceReading | None) -> tuple[str, ...]:
    unit = seen.unit if seen else None
    if unit is None:
        return ()
    if not unit.exists:
        return (f"{unit.name} does not exist there",)
    if unit.manager == "systemd" and unit.restart_policy in _NO_RESTART:
        note = (
            f"{unit.name} does not start again after a crash (Restart=no);"
            " deploy/gpu-host/facefusion.service says on-failure, and why"
        )
        return (note,)
    return ()
