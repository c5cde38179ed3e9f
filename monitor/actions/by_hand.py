"""The steps for people with a shell on the machine.

For where nobody else can approve. What is ours to know is in them (numbers
of processes, our own settings), nothing that a server said; a signal goes
only to the process whose start time is the known one, never to a name.
"""

from collections.abc import Iterator
from shlex import quote

from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action

_BOOT = "cat /proc/sys/kernel/random/boot_id"
_CARDS = "timeout 15 nvidia-smi"
_PACKAGES = "ps -o pid,args -C dpkg,apt-get,rpm,dnf,yum,zypper,pacman"


def by_hand(aim: Aim) -> tuple[str, ...]:
    """Return what to do by hand, in order, a sentence each.

    Empty for `recover`: each of its rungs has its own.
    """
    does = {
        Action.RESTART: _restart,
        Action.FREE_GPU_MEMORY: _free,
        Action.REBOOT: _reboot,
    }.get(aim.action)
    if does is None:
        return ()
    return (*_before(aim), *does(aim), *_after(aim))


def _before(aim: Aim) -> Iterator[str]:
    yield (
        "say so, so that nobody is paged for it: `facefusion-monitor"
        f" maintenance start --target {quote(aim.target)} --for 1h --reason"
        f" '{aim.action.value} by hand'`"
    )
    if aim.boot_id:
        yield (
            f"on {aim.host} run `{_BOOT}`: if it is not {aim.boot_id}, the"
            " machine was booted since and none of this holds"
        )
    yield (
        f"run `{_CARDS}`: see who uses the GPUs, and leave alone what is not"
        " named here"
    )


def _after(aim: Aim) -> Iterator[str]:
    target = quote(aim.target)
    yield (
        f"prove it: `facefusion-monitor check {target}` and"
        f" `facefusion-monitor canary {target}`, then end the maintenance"
    )
    yield (
        "where there is a plan, say what was done: `facefusion-monitor attest"
        f" PLAN --done '{aim.action.value} by hand, canary passes'`"
    )


def _restart(aim: Aim) -> Iterator[str]:
    unit = quote(aim.unit)
    match aim.manager:
        case "systemd":
            yield f"run `systemctl status -- {unit}`: is it the one you mean?"
            yield f"run `sudo systemctl restart -- {unit}`"
        case "docker":
            yield f"run `sudo docker ps --filter name={unit}`: is it there?"
            yield f"run `sudo docker restart --time 20 -- {unit}`"
        case _:
            yield from _end(aim.processes)
            yield _start(aim)


def _free(aim: Aim) -> Iterator[str]:
    yield (
        "wait until these GPUs are idle, if they get there: a process that is"
        " ended in the middle of its work can leave a card latched at 100 %"
    )
    yield from _end(aim.processes)
    if any(one.is_server for one in aim.processes):
        yield _start(aim)
    yield (
        f"run `{_CARDS}`: none of these processes may be there, and the"
        " memory must be back"
    )


def _reboot(aim: Aim) -> Iterator[str]:
    yield from (f"mind that {one}" for one in aim.bystanders)
    yield "run `who`: ask those who are logged in"
    yield f"run `{_PACKAGES}`: while one is at work, wait"
    if aim.manager == "systemd":
        yield (
            f"run `systemctl is-enabled -- {quote(aim.unit)}`: if it is not,"
            " it has to be started by hand afterwards"
        )
    yield "run `sudo systemctl reboot`"
    yield (
        "give it 25 min; ssh must not complain about its host key, and"
        f" `{_BOOT}` must tell another boot id than {aim.boot_id or 'before'}"
    )
    yield f"run `{_CARDS} -L`: all of its GPUs must be listed"
    if aim.manager not in {"systemd", "docker"}:
        yield _start(aim)


def _start(aim: Aim) -> str:
    match aim.manager:
        case "systemd":
            return f"run `sudo systemctl start -- {quote(aim.unit)}`"
        case "docker":
            return f"run `sudo docker start -- {quote(aim.unit)}`"
        case _:
            return (
                f"start it in {aim.directory} as the user that it ran as,"
                " with the command and environment that it had"
            )


def _end(processes: tuple[Identity, ...]) -> Iterator[str]:
    """Yield how each process ends: asked first, and known each time."""
    for one in sorted(processes, key=lambda one: (not one.is_server, one.pid)):
        pid = one.pid
        yield (
            f"run `ps -o pid,user,lstart,stat,args -p {pid}` and `sudo"
            f" readlink /proc/{pid}/cwd`: is it FaceFusion's?"
        )
        yield f"run `{_is_it(one)} && sudo kill -INT {pid}`, give it 30 s"
        yield (
            f"only if it is there yet: `{_is_it(one)} && sudo kill -TERM"
            f" {pid}`, give it 10 s, and at the very last `{_is_it(one)} &&"
            f" sudo kill -KILL {pid}`; one in STAT D ends by no signal"
        )


def _is_it(one: Identity) -> str:
    """Return a test that the number is still of the process that is meant.

    Field 22 of /proc/PID/stat, counted after the name's last parenthesis.
    """
    pid, ticks = one.pid, one.start_ticks
    return (
        f"test $(sed 's/.*) //' /proc/{pid}/stat | cut -d' ' -f20) = {ticks}"
    )
