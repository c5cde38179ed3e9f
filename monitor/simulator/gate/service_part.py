"""The part `service`: the unit, its process and what listens."""

from collections.abc import Iterator

from monitor.simulator.gate.site import Answer, Question
from monitor.simulator.gate.watching import is_there
from monitor.simulator.machine.process import STOPPED, Process
from monitor.simulator.machine.world import DIRECTORY, UNIT, Doing, World

_UID = 997
_STRANGERS_UID = 1000
_USER = "facefusion"
_RESIDENT = 2_684_354_560
_WORKING = 1_073_741_824
"""Bytes of memory at rest, and how many more while a job runs."""
_STARTING = 11.0
_CPUS_A_JOB = 1.6
_CPUS_WITHOUT_GPU = 10.0
_IDLE_CPU = 0.0004
"""CPU seconds: of a start, a second of a job, and a second of none."""
_UNKNOWN: Answer = {
    "load_state": "not-found",
    "active_state": "inactive",
    "sub_state": "dead",
    "result": "success",
    "main_pid": None,
    "restarts": 0,
    "since": None,
    "exit_code": "",
    "exit_status": None,
    "enabled": "",
    "restart_policy": "no",
    "job": "",
    "stop_asked": None,
}


def service(world: World, question: Question, now: float) -> Answer:
    """Return what there is of a service; of a strange one next to nothing."""
    world.life.catch_up(now)
    process = world.service.process if is_there(question) else None
    return {
        "now": now,
        "unit": _unit(world, question),
        "processes": [_process(world, process, now)] if process else [],
        "strays": [],
        "listeners": list(_listeners(world, process)) if process else [],
        "port_taken_by": _holder(world) if is_there(question) else None,
    }


def _unit(world: World, question: Question) -> Answer | None:
    manager = question.get("manager", "systemd")
    name = str(question.get("unit", UNIT))
    if manager == "process":
        return None
    if manager == "docker":
        return _container(name)
    known = _known(world) if is_there(question) else _UNKNOWN
    return {"kind": "systemd", "name": name, **known}


def _known(world: World) -> Answer:
    state, ended = world.service, world.service.ended
    return {
        "load_state": "loaded",
        "active_state": state.active_state,
        "sub_state": state.sub_state,
        "result": ended.result if ended else "success",
        "main_pid": state.process.pid if state.process else None,
        "restarts": state.restarts,
        "since": state.since,
        "exit_code": ended.code if ended else "",
        "exit_status": ended.status if ended else None,
        "enabled": "enabled",
        "restart_policy": "on-failure" if state.again else "no",
        "job": "",
        "stop_asked": ended is STOPPED,
    }


def _container(name: str) -> Answer:
    """Return what docker says of a container that it has not."""
    return {"kind": "docker", "name": name, "state": "not-found"}


def _process(world: World, process: Process, now: float) -> Answer:
    doing = world.doing()
    age = max(0.0, now - process.started_at)
    worked = max(0.0, doing.busy - process.busy_before)
    return {
        "pid": process.pid,
        "ppid": 1,
        "start_ticks": process.start_ticks,
        "started_at": process.started_at,
        "uid": _UID,
        "user": _USER,
        "state": _state(world, doing),
        "name": "python",
        "cmdline": [f"{DIRECTORY}/venv/bin/python", "facefusion.py", "run"],
        "cwd": DIRECTORY,
        "cgroup": f"/system.slice/{UNIT}",
        "cpu_seconds": round(
            _STARTING + age * _IDLE_CPU + worked * _cpus(doing), 2
        ),
        "resident": _RESIDENT + (_WORKING if doing.running else 0),
        "threads": 23,
        "is_server": True,
    }


def _state(world: World, doing: Doing) -> str:
    if world.is_suspended:
        return "T"
    return "R" if doing.running else "S"


def _cpus(doing: Doing) -> float:
    return _CPUS_WITHOUT_GPU if doing.on_cpu else _CPUS_A_JOB


def _holder(world: World) -> Answer | None:
    """Return another program that has the port."""
    holder = world.port_holder
    if holder is None:
        return None
    name = holder.name.split()[0].rpartition("/")[2]
    return {"pid": holder.pid, "uid": _STRANGERS_UID, "name": name}


def _listeners(world: World, process: Process) -> Iterator[Answer]:
    if world.listens == "nowhere":
        return
    everywhere = "0.0.0.0"  # noqa: S104 - what the machine says of itself
    yield {
        "address": "127.0.0.1" if world.listens == "loopback" else everywhere,
        "port": world.port + (world.listens == "next"),
        "pid": process.pid,
        "uid": _UID,
        "in_container": False,
        "waiting": 0,
    }
