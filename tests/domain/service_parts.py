"""Parts of a gate's answer about a service on which all is well."""

from monitor.domain.service.asked import Asked
from tests.domain.machine_parts import AT

PORT = 9002
ASKED = Asked(
    target="studio",
    manager="systemd",
    unit="facefusion.service",
    directory="/opt/facefusion",
    port=PORT,
    is_loopback=False,
    start_grace=60.0,
)


def service(**fields: object) -> dict[str, object]:
    """Return the part service, with some fields changed."""
    return {
        "unit": unit(),
        "processes": [process()],
        "listeners": [listener()],
        "port_taken_by": None,
        **fields,
    }


def unit(**fields: object) -> dict[str, object]:
    """Return a systemd unit that runs, with some fields changed."""
    return {
        "kind": "systemd",
        "name": "facefusion.service",
        "load_state": "loaded",
        "active_state": "active",
        "sub_state": "running",
        "result": "success",
        "main_pid": 812,
        "restarts": 0,
        "since": AT - 3600,
        "exit_code": "",
        "exit_status": None,
        "enabled": "enabled",
        "restart_policy": "no",
        "job": "",
        **fields,
    }


def container(**fields: object) -> dict[str, object]:
    """Return a container that runs, with some fields changed."""
    return {
        "kind": "docker",
        "name": "facefusion",
        "id": "c0ffee",
        "state": "running",
        "main_pid": 812,
        "restarts": 0,
        "since": AT - 3600,
        "exit_status": None,
        "oom_killed": False,
        "health": "",
        "restart_policy": "no",
        **fields,
    }


def process(**fields: object) -> dict[str, object]:
    """Return the process that serves, with some fields changed."""
    return {
        "pid": 812,
        "ppid": 1,
        "start_ticks": 140_000,
        "started_at": AT - 3600,
        "uid": 990,
        "user": "facefusion",
        "state": "S",
        "name": "python",
        "cmdline": ["/opt/venv/bin/python", "facefusion.py", "run"],
        "cwd": "/opt/facefusion",
        "cgroup": "/system.slice/facefusion.service",
        "cpu_seconds": 120.5,
        "resident": 2 * 1024**3,
        "threads": 12,
        "is_server": True,
        **fields,
    }


def listener(**fields: object) -> dict[str, object]:
    """Return its listener, with some fields changed."""
    return {
        "address": "0.0.0.0",  # noqa: S104 - what /proc/net says
        "port": PORT,
        "pid": 812,
        "uid": 990,
        "in_container": False,
        **fields,
    }
