"""The files in which a machine differs from the one it runs on."""

import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.machines import units

STAND_IN = Path(__file__).with_name("stand_in")
FFMON, FACEOPS = 1500, 1501
SOMEBODY = 1502
_USERS = {"ffmon": FFMON, "faceops": FACEOPS, "trainer": SOMEBODY}
PROGRAMS = "/usr/local/libexec"
SHARED = ("gpu_memory", "staying")
"""Modules of the stand-in that its neighbours use too."""
_MODE_ANYBODY = 0o1777


@dataclass(frozen=True, kw_only=True)
class Furniture:
    """What may differ between machines.

    `restart` is the unit's Restart=; `log` journal or file:PATH;
    `sshd_options` are lines of sshd_config, stronger than ours;
    `autostart` whether FaceFusion comes with the boot.
    """

    name: str
    host_key: Path
    authorized: str
    restart: str = "no"
    log: str = "journal"
    sshd_options: tuple[str, ...] = ()
    autostart: bool = True


class Upper:
    """The upper layer of a machine's overlay."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def furnish(self, how: Furniture) -> None:
        """Write everything that a machine needs before its first boot."""
        self.path.mkdir(mode=0o755)
        self._users(how.authorized)
        self._system(how)
        self._units(how)
        self._access(how)
        self._facefusion()
        self._nvidia_smi()

    def put(self, name: str, text: str, mode: int = 0o644) -> Path:
        path = self.path / name.removeprefix("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def folder(self, name: str, owner: int = 0, mode: int = 0o755) -> Path:
        path = self.path / name.removeprefix("/")
        path.mkdir(parents=True, exist_ok=True)
        os.chown(path, owner, owner)
        path.chmod(mode)
        return path

    def _users(self, authorized: str) -> None:
        passwd = Path("/etc/passwd").read_text()
        group = Path("/etc/group").read_text()
        for name, number in _USERS.items():
            # No password, and none in /etc/shadow: sudo's PAM looks there.
            passwd += f"{name}:*:{number}:{number}::/home/{name}:/bin/sh\n"
            group += f"{name}:x:{number}:\n"
            self.folder(f"/home/{name}", number)
        self.put("/etc/passwd", passwd)
        self.put("/etc/group", _with_member(group, "systemd-journal", "ffmon"))
        for name, number in _USERS.items():
            self.folder(f"/home/{name}/.ssh", number, 0o700)
            keys = f"/home/{name}/.ssh/authorized_keys"
            os.chown(self.put(keys, authorized, 0o600), number, number)

    def _system(self, how: Furniture) -> None:
        self.put("/etc/fstab", "")
        self.put("/etc/machine-id", f"{uuid.uuid4().hex}\n", 0o444)
        self.put("/etc/systemd/journald.conf", units.JOURNALD)
        self.put("/etc/hostname", f"{how.name}\n")
        # As systemd-tmpfiles makes it: members of the group may read.
        journal = self.folder("/var/log/journal", mode=0o2755)
        shutil.chown(journal, group="systemd-journal")
        journal.chmod(0o2755)
        for name in ("data", "old", "var/lib/machine"):
            self.folder(name)
        # Whatever the real machine runs at boot is not for this one.
        for name in ("system-generators", "system/sysinit.target.wants"):
            self._gone(f"/usr/lib/systemd/{name}")
        real = self.path / "usr/local/libexec/dmesg"
        real.parent.mkdir(parents=True)
        shutil.copy("/usr/bin/dmesg", real)
        script = units.DMESG.format(real="/usr/local/libexec/dmesg")
        self.put("/usr/bin/dmesg", script, 0o755)
        verb = "/usr/lib/systemd/system-shutdown/machine-verb"
        self.put(verb, units.VERB, 0o755)

    def _units(self, how: Furniture) -> None:
        folder = self.folder("/etc/systemd/system")
        os.setxattr(folder, "trusted.overlay.opaque", b"y")
        log = how.log.replace("file:", "append:")
        text = units.FACEFUSION.format(
            restart=how.restart,
            log=log,
            limit_interval=0 if how.restart == "always" else 10,
        )
        target = units.TARGET
        if not how.autostart:
            target = target.replace(" facefusion.service", "")
        self.put("/etc/systemd/system/machine.target", target)
        self.put("/etc/systemd/system/access.service", units.ACCESS)
        self.put("/etc/systemd/system/facefusion.service", text)
        for unit in units.MASKED:
            (folder / unit).symlink_to("/dev/null")
        if how.autostart:
            wants = self.folder("/etc/systemd/system/machine.target.wants")
            link = wants / "facefusion.service"
            link.symlink_to("/etc/systemd/system/facefusion.service")

    def _access(self, how: Furniture) -> None:
        options = "".join(f"{line}\n" for line in how.sshd_options)
        self.put(
            "/etc/ssh/machine_sshd_config", units.SSHD.format(options=options)
        )
        key = how.host_key.read_text()
        self.put("/etc/ssh/machine_host_key", key, 0o600)

    def _facefusion(self) -> None:
        home = self.folder("/opt/facefusion", FACEOPS)
        shutil.copy(STAND_IN / "facefusion.py", home)
        modules = self.folder("/opt/facefusion/stand_in")
        for file in STAND_IN.glob("*.py"):
            if file.name != "facefusion.py":
                shutil.copy(file, modules)
        self.folder("/opt/facefusion/.stand-in", FACEOPS, _MODE_ANYBODY)

    def _nvidia_smi(self) -> None:
        text = (STAND_IN / "nvidia-smi").read_text()
        self.put("/usr/local/bin/nvidia-smi", text, 0o755)
        for name in SHARED:
            text = (STAND_IN / f"{name}.py").read_text()
            self.put(f"{PROGRAMS}/{name}.py", text)
        self.folder("/var/lib/nvidia-smi", 0, _MODE_ANYBODY)
        self.put("/var/lib/nvidia-smi/runs", "", 0o666)

    def _gone(self, name: str) -> None:
        """Hide what the real machine has there."""
        path = self.path / name.removeprefix("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mknod(path, 0o020000, os.makedev(0, 0))


def _with_member(group: str, name: str, member: str) -> str:
    lines = group.splitlines()
    for number, line in enumerate(lines):
        if line.startswith(f"{name}:"):
            comma = "" if line.endswith(":") else ","
            lines[number] = f"{line}{comma}{member}"
    return "\n".join(lines) + "\n"
