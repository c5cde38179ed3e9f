"""The situation: all that the gates decide by, at one moment."""

from dataclasses import dataclass

from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.fleet import Target
from monitor.domain.recovery.machine_use import GpuTable, MachineUse
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.plan import Approval, BreakGlass
from monitor.domain.recovery.policy import Policy
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Action
from monitor.domain.service.reading import ServiceReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another server of the fleet, or this one.

    `serves` whether its status is believed to be well, None where nobody
    knows. `is_changing`: a change is under way on it.
    """

    name: str
    serves: bool | None
    is_changing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What users have under way on the server.

    `jobs` are sentences, one a piece of work; `moves` whether it makes
    progress, None where nobody can see it. `waited` is for how many seconds
    this change has waited for it already.
    """

    jobs: tuple[str, ...] = ()
    moves: bool | None = None
    waited: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLook:
    """What was seen just now, from elsewhere than the first look.

    `agrees` that the server is sick; None where nobody could look. It
    `is_early` while what was thought before a restart waits for the looks
    that would confirm it, which is for a minute or so.
    """

    agrees: bool | None
    because: str
    is_early: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that is known as an action is weighed, at the Unix time `now`.

    `diagnosis` is None where nothing fresh is known. `maintenance` says which
    planned work is under way, empty for none. `blind` says why we cannot
    trust our own eyes, empty when we can. `past` are deeds on this server,
    oldest first; `peers` all servers, this one too. `lock` says who else acts
    on the machine, empty for nobody. `hand` says why nothing can be done on
    the machine (no key, no gate there, too old), empty when it can. `gpu` is
    who holds memory on its cards and `machine` who else is on the machine,
    None where nobody looked. `parent` is the `recover` whose rung is
    weighed, empty for none. `sick_since` is the Unix time since which it has
    not been well, None where that is not known.
    """

    now: float
    action: Action
    target: Target
    policy: Policy
    by: Principal
    diagnosis: Diagnosis | None
    service: ServiceReading | None
    second: SecondLook
    work: Work = Work()
    maintenance: str = ""
    blind: str = ""
    past: tuple[Deed, ...] = ()
    peers: tuple[Peer, ...] = ()
    approvals: tuple[Approval, ...] = ()
    break_glass: BreakGlass | None = None
    lock: str = ""
    hand: str = ""
    gpu: GpuTable | None = None
    machine: MachineUse | None = None
    parent: str = ""
    sick_since: float | None = None
