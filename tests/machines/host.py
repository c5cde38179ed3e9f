"""A host with a real systemd as PID 1, a real sshd and a stand-in GPU.

Only inside the place that `tests.machines.land` makes. What is not real:
the GPU's driver (a FUSE file), nvidia-smi, FaceFusion, and the kernel's
log, which comes through a FIFO to the real journald. Its clock is ours.
"""

import json
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Self

from monitor.adapters.ssh.settings import SshSettings
from tests.hosts.sshd import make_key
from tests.machines import land
from tests.machines.console import Console, Running
from tests.machines.doing import ran
from tests.machines.driver import Driver
from tests.machines.fate import Fate
from tests.machines.firewall import Firewall
from tests.machines.kernel_log import KernelLog
from tests.machines.life import PATIENCE, Life
from tests.machines.nvidia_smi import NvidiaSmi
from tests.machines.root import Furniture, Upper
from tests.machines.wires import Wire

PORT = 7860
FIRST_LINE = "Linux version 6.1.0 (a stand-in)"
"""What the kernel says at each boot: a log is never empty."""
DATA = "/data"
"""A small file system (8 MB) that may be filled."""
DIRECTORY = "/opt/facefusion"
_numbers = count(1)


class SystemdHost:
    """Boots when entered, and is gone without a trace when left."""

    def __init__(
        self,
        name: str = "gpu1",
        *,
        restart: str = "no",
        log: str = "journal",
        sshd_options: tuple[str, ...] = (),
        autostart: bool = True,
    ) -> None:
        assert land.inside(), "machines need a place of their own"
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix=name, dir=land.GROUND))
        self._wire = Wire(next(_numbers))
        self._mount()
        self._keys(restart, log, sshd_options, autostart=autostart)
        self.driver = Driver(self.folder / "driver")
        self._kernel = KernelLog(
            self.folder / "kmsg",
            self.folder / "upper/var/log/machine-kernel.log",
        )
        self.fate = Fate(self.folder, self._kernel.forget)
        self.life = Life(name, self.folder, self._wire, self.fate.meets)
        self.console = Console(self.life)
        self.nvidia_smi = NvidiaSmi(self.path, self.driver)
        self.firewall = Firewall(self.console)
        self._knobs: dict[str, object] = {}

    def __enter__(self) -> Self:
        try:
            self.life.begin()
            self._await_booted()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.driver.thaw()
        self.life.end()
        self.driver.close()
        self._kernel.close()
        ran("umount", "-l", self.folder)
        self.folder.rmdir()

    # What a monitor is told

    @property
    def address(self) -> str:
        return self._wire.address

    @property
    def url(self) -> str:
        return f"http://{self.address}:{PORT}"

    @property
    def key_file(self) -> Path:
        """Return the private key of ffmon, an ordinary user."""
        return self.folder / "keys/ffmon"

    @property
    def known_hosts_file(self) -> Path:
        return self.folder / "keys/known_hosts"

    @property
    def settings(self) -> SshSettings:
        return SshSettings(
            address=self.address,
            user="ffmon",
            key_file=self.key_file,
            known_hosts_file=self.known_hosts_file,
        )

    # The machine

    def run(self, command: str, *, check: bool = True) -> str:
        """Run a shell command there as root; needs no network."""
        return self.console.run(command, check=check)

    def as_user(self, command: str, *, check: bool = True) -> str:
        """Run it as ffmon, as the monitor would."""
        words = "setpriv --reuid 1500 --regid 1500 --init-groups -- sh -c"
        return self.run(f"{words} {_quoted(command)}", check=check)

    def path(self, name: str) -> Path:
        """Return where a file of the machine is for us, on or off."""
        # While it is on only through its eyes: an overlay does not look
        # whether somebody else writes into its layers.
        if self.life.is_on:
            return self.console.path(name)
        return self.folder / "upper" / name.lstrip("/")

    def boot_id(self) -> str:
        path = self.path("/proc/sys/kernel/random/boot_id")
        return path.read_text().strip()

    def reboot(self) -> None:
        """Let systemd reboot it, and wait until it serves again."""
        boots = self.life.boots
        self.run("systemctl reboot", check=False)
        self.comes_back(boots + 1)

    def comes_back(self, boot: int = 2) -> None:
        """Wait until it has booted so many times, and serves."""
        self.life.await_boot(boot)
        self._await_booted()

    def power_off(self) -> None:
        """Let systemd power it off, and wait until it is off."""
        self.run("systemctl poweroff", check=False)
        self.life.await_off()

    def link_down(self) -> None:
        self._wire.pull()

    def link_up(self) -> None:
        self._wire.plug()

    def listens(self, port: int) -> bool:
        """Return whether somebody accepts connections there."""
        try:
            socket.create_connection((self.address, port), 0.5).close()
        except OSError:
            return False
        return True

    def write_kernel_line(self, text: str) -> None:
        """Let the kernel say a line, such as an Xid."""
        uptime = time.monotonic() - self.life.booted_at
        self._kernel.write(text, uptime=uptime)

    def fill_disk(self) -> None:
        """Leave no room on `DATA`."""
        self.run(f"cat /dev/zero >{DATA}/ballast", check=False)

    def empty_disk(self) -> None:
        self.run(f"rm -f {DATA}/ballast")

    def processes_named(self, name: str) -> list[Running]:
        """Return the processes there that are called so, zombies too."""
        return [one for one in self.console.processes() if one.name == name]

    # FaceFusion

    def systemctl(self, verb: str) -> str:
        return self.run(f"systemctl {verb} facefusion.service")

    def facefusion_pid(self) -> int:
        """Return the unit's main pid there, 0 for none."""
        return int(self.systemctl("show -p MainPID --value"))

    def kill_facefusion(self, number: int = signal.SIGKILL) -> float:
        """Send it a signal; return the Unix time just before."""
        pid = self.facefusion_pid()
        assert pid, "FaceFusion does not run"
        at = time.clock_gettime(time.CLOCK_REALTIME)
        self.run(f"kill -{int(number)} {pid}")
        return at

    def start_bare(self) -> int:
        """Start it as a person would by hand, without a unit."""
        words = "setpriv --reuid 1501 --regid 1501 --init-groups -- setsid"
        environ = "GRADIO_SERVER_NAME=0.0.0.0 PYTHONDONTWRITEBYTECODE=1"
        self.run(
            f"cd {DIRECTORY}; {environ} {words} /usr/bin/python3"
            " facefusion.py run </dev/null >/tmp/nohup.out 2>&1 &"
        )
        self.await_listening()
        pid = self.path(f"{DIRECTORY}/.stand-in/pid")
        return int(pid.read_text())

    def turn(self, **knobs: object) -> None:
        """Turn knobs of the stand-in (stand_in/knobs.py)."""
        self._knobs |= knobs
        self._write_knobs()

    def turn_back(self) -> None:
        """Turn all knobs back to how they were at the first boot."""
        self._knobs = {}
        self._write_knobs()

    def _write_knobs(self) -> None:
        path = self.path(f"{DIRECTORY}/.stand-in/knobs.json")
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(self._knobs))
        beside.rename(path)

    def log_line(self, text: str) -> None:
        """Let FaceFusion print a line."""
        path = self.path(f"{DIRECTORY}/.stand-in/say")
        with path.open("a") as file:
            file.write(f"{text}\n")

    # Waiting

    def await_up(self) -> None:
        """Wait until sshd listens, and FaceFusion if it comes at boot."""
        self._await(lambda: self.listens(22), "sshd")
        if self._autostart:
            self.await_listening()

    def _await_booted(self) -> None:
        self.await_up()
        self.write_kernel_line(FIRST_LINE)

    def await_listening(self) -> None:
        self._await(lambda: self.listens(PORT), "FaceFusion")

    def _await(self, is_true: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not is_true():
            if time.monotonic() > end or not self.life.is_on:
                log = (self.folder / "boot.log").read_text()
                msg = f"{self.name}: no {what}: {self.life.verb} {log}"
                raise AssertionError(msg)
            time.sleep(0.01)

    def _mount(self) -> None:
        ran("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", self.folder)

    def _keys(
        self,
        restart: str,
        log: str,
        sshd_options: tuple[str, ...],
        *,
        autostart: bool,
    ) -> None:
        keys = self.folder / "keys"
        keys.mkdir(mode=0o700)
        host_key = make_key(keys / "host")
        known = f"{self.address} {host_key}\n"
        self.known_hosts_file.write_text(known)
        self._autostart = autostart
        Upper(self.folder / "upper").furnish(
            Furniture(
                name=self.name,
                host_key=keys / "host",
                authorized=f"restrict {make_key(keys / 'ffmon')}\n",
                restart=restart,
                log=log,
                sshd_options=sshd_options,
                autostart=autostart,
            )
        )


def _quoted(command: str) -> str:
    return "'" + command.replace("'", "'\\''") + "'"
