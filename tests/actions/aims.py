"""Processes and aims that steps are made of."""

from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action

BOOT = "0d9f0d6e-6f1c-4b37-9a3b-0e1f2a3b4c5d"


def process(pid: int, *cmdline: str, is_server: bool = False) -> Identity:
    """Return a process with private arguments, if it is given some."""
    return Identity(
        boot_id=BOOT,
        pid=pid,
        start_ticks=1,
        uid=990,
        cmdline=cmdline,
        is_server=is_server,
    )


SERVER = process(
    900,
    "/opt/venv/bin/python3",
    "/opt/facefusion/facefusion.py",
    "run",
    "--source",
    "/home/ann/secret.jpg",
    is_server=True,
)
STRAY = process(400, "/opt/venv/bin/python3", "/opt/facefusion/facefusion.py")


def aim(
    action: Action,
    manager: str = "systemd",
    *processes: Identity,
    boot_id: str = BOOT,
    bystanders: tuple[str, ...] = (),
) -> Aim:
    """Return what an action is aimed at."""
    return Aim(
        action=action,
        target="studio",
        url="http://192.168.1.10:9002",
        host="gpu1",
        manager=manager,
        unit="facefusion.service" if manager == "systemd" else "facefusion",
        directory="/opt/facefusion",
        port=9002,
        boot_id=boot_id,
        processes=processes,
        steps=(),
        bystanders=bystanders,
    )
