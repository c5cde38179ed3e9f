"""What `init` asks of the world: one server and the machine it is on."""

import asyncio
from dataclasses import dataclass

from monitor.adapters.clock import SystemClock
from monitor.adapters.http.client import HttpClient
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from monitor.config.sections.canary_files import DIRECTORY
from monitor.daemon import machines
from monitor.domain.answer import Answer
from monitor.domain.errors import CannotReach
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.recognition import QUESTIONS, Recognised, recognise
from monitor.ports import Clock, Http, NvidiaSmi, Shell
from monitor.probes.gpu import GpuProbe
from monitor.probes.host_notes import HostNotes

WITHIN = 5.0
"""Seconds for each answer of the server, as the status probe has it."""
SSH_WITHIN = 15.0
"""Seconds for the login and nvidia-smi; a host with eight cards took 6 s."""
LIMIT = 2 * 1024 * 1024
"""Bytes of an answer; the largest, Gradio's /config, has 0.35 MB."""

_MAY_WRITE = f"""
d={DIRECTORY}
if [ -e "$d" ] || [ -h "$d" ]; then
  [ -d "$d" ] && [ ! -h "$d" ] && [ -w "$d" ] && [ -x "$d" ]
else
  [ -w "${{d%/*}}" ] && [ -x "${{d%/*}}" ]
fi
exit $?
"""
"""Says whether canary files could go there. It looks and writes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSeen:
    """What the server answered.

    `status` is the answer to the guide's status request, None without one;
    then `because` is the error. `answered` holds whether anything came.
    """

    url: str
    answered: bool
    because: str
    recognised: Recognised
    status: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSeen:
    """What the machine showed over SSH.

    `reached` is False when nobody got in; `because` says why, or what
    nvidia-smi said. `takes_files` holds whether our user may write canary
    files in the usual directory.
    """

    settings: SshSettings
    reached: bool
    because: str
    gpus: tuple[Gpu, ...] = ()
    takes_files: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sights:
    """What was seen at `at`, a Unix time in seconds."""

    at: float
    server: ServerSeen
    machine: MachineSeen | None = None


async def look_around(url: str, ssh: SshSettings | None) -> Sights:
    """Look at a server and, with `ssh`, at its machine; never raises.

    Only a host key that is known already is believed.
    """
    clock, http = SystemClock(), HttpClient(url)
    try:
        server, machine = await asyncio.gather(
            look_at_server(url, http), _machine(ssh, clock)
        )
    finally:
        await http.close()
    return Sights(at=clock.now(), server=server, machine=machine)


async def look_at_server(url: str, http: Http) -> ServerSeen:
    """Ask what proves a dialect, all at once."""
    asked = [_ask(url, path, http) for path in QUESTIONS.values()]
    told = dict(zip(QUESTIONS, await asyncio.gather(*asked), strict=True))
    answers = {d: a for d, a in told.items() if isinstance(a, Answer)}
    status = told["rest"]
    return ServerSeen(
        url=url,
        answered=bool(answers),
        because=_because(status),
        recognised=recognise(answers),
        status=status if isinstance(status, Answer) else None,
    )


async def _ask(url: str, path: str, http: Http) -> Answer | CannotReach:
    try:
        return await http.get(
            f"{url.rstrip('/')}{path}", within=WITHIN, limit=LIMIT
        )
    except CannotReach as error:
        return error


def _because(status: Answer | CannotReach) -> str:
    if isinstance(status, Answer):
        return f"answered {status.code} in {status.duration:.3f} s"
    return str(status)


async def _machine(
    ssh: SshSettings | None, clock: Clock
) -> MachineSeen | None:
    if ssh is None:
        return None
    host = SshHost(ssh.address, ssh, clock)
    gate = machines.gate(host, clock)
    try:
        smi = machines.nvidia_smi(host, gate)
        return await look_at_machine(ssh, host, smi, clock)
    finally:
        await gate.close()
        await host.close()


async def look_at_machine(
    settings: SshSettings, shell: Shell, smi: NvidiaSmi, clock: Clock
) -> MachineSeen:
    """Log in, ask nvidia-smi, and see whether files could go there."""
    key = CheckKey(kind=Kind.HOST, subject=settings.address, check="gpu")
    seen = await GpuProbe(
        key,
        smi,
        clock,
        HostNotes(),
        within=SSH_WITHIN,
        interval=SSH_WITHIN,
    ).look()
    if not isinstance(seen.reading, GpuReading):
        return MachineSeen(
            settings=settings, reached=False, because=seen.because
        )
    return MachineSeen(
        settings=settings,
        reached=True,
        because=seen.because,
        gpus=seen.reading.gpus,
        takes_files=await _takes_files(shell),
    )


async def _takes_files(shell: Shell) -> bool:
    try:
        ran = await shell.run(_MAY_WRITE, within=WITHIN)
    except CannotReach:
        return False
    return ran.code == 0
