"""What goes wrong on a machine, each done as it happens in earnest.

Everything is undone by `undo`, in any order and whether it was done or not.
"""

import signal

from tests.machines.host import PORT, SystemdHost

UNIT = "facefusion.service"
SETTINGS = "/etc/default/facefusion"
_DROP_IN = f"/run/systemd/system/{UNIT}.d/story.conf"
_KEYS = "/home/ffmon/.ssh/authorized_keys"
_LISTEN = (
    "import socket, time;"
    " s = socket.create_server((str(), {port}));"
    " time.sleep(3600)"
)
_TAKE_PORT = """\
systemctl stop {unit}
systemd-run -q --collect --unit=stranger /usr/bin/python3 -c "{program}"
until grep -q ":{port:04X} 00000000:0000 0A" /proc/net/tcp; do sleep 0.02; done
systemctl start {unit}
"""
OUT_OF_MEMORY = """\
oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,\
global_oom,task_memcg=/system.slice/{unit},task=python3,pid={pid},uid=1501
Out of memory: Killed process {pid} (python3) total-vm:41943040kB, \
anon-rss:29360128kB, file-rss:0kB, shmem-rss:0kB, UID:1501 \
pgtables:58000kB oom_score_adj:0"""
"""As mm/oom_kill.c prints it; the numbers are ours."""
_UNDO = f"""
systemctl stop stranger.service 2>/dev/null
test ! -e {_KEYS}.away || mv {_KEYS}.away {_KEYS}
rm -rf {SETTINGS} /run/systemd/system/{UNIT}.d
systemctl daemon-reload
systemctl reset-failed {UNIT} 2>/dev/null
systemctl start access.service
pid=$(systemctl show -p MainPID --value {UNIT})
test "$pid" = 0 || kill -CONT "$pid"
if grep -q " 00000000:{PORT:04X} 00000000:0000 0A" /proc/net/tcp
then systemctl start {UNIT}; else systemctl restart {UNIT}; fi
"""
"""A restart only where nobody listens: the cable may not be up yet."""


class Mischief:
    """Faults of FaceFusion and of the way onto its machine."""

    def __init__(self, host: SystemdHost) -> None:
        self._host = host
        self._is_broken = False

    def set(self, **environ: object) -> None:
        """Start FaceFusion anew with other settings."""
        lines = (f"{name}={value}\n" for name, value in environ.items())
        self._host.path(SETTINGS).write_text("".join(lines))
        self.restart()

    def restart(self) -> None:
        """Restart FaceFusion as an operator would."""
        self._host.systemctl("restart")

    def restart_always(self) -> None:
        """Let systemd start it again whenever it ends, without a limit."""
        path = self._host.path(_DROP_IN)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "[Unit]\nStartLimitIntervalSec=0\n"
            "[Service]\nRestart=always\nRestartSec=200ms\n"
        )
        self._host.run("systemctl daemon-reload")

    def suspend(self) -> None:
        """Stop its process with SIGSTOP, as ^Z or a debugger would."""
        self._host.kill_facefusion(signal.SIGSTOP)

    def break_cuda(self, error: str) -> None:
        """Let every job end in a CUDA error, until it is started anew."""
        self._is_broken = True
        self._host.turn(broken=error)

    def kill_for_memory(self) -> None:
        """Kill it as the kernel does that has no memory left.

        The lines are replayed: all machines share one kernel, which must not
        run out of memory, and systemd's MemoryMax needs the memory
        controller in cgroup v2, which not every test machine has.
        """
        host = self._host
        pid = host.facefusion_pid()
        host.kill_facefusion(signal.SIGKILL)
        for line in OUT_OF_MEMORY.format(pid=pid, unit=UNIT).splitlines():
            host.write_kernel_line(line)

    def take_port(self, port: int) -> None:
        """Let somebody else have FaceFusion's port before it starts anew."""
        self._host.turn(stop_seconds=0)
        program = _LISTEN.format(port=port)
        words = _TAKE_PORT.format(unit=UNIT, program=program, port=port)
        self._host.run(words)

    def refuse_key(self) -> None:
        """Forget the monitor's key, and end its sessions."""
        self._host.run(f"mv {_KEYS} {_KEYS}.away")
        self._host.run("systemctl restart access.service")

    def stop_sshd(self) -> None:
        """End sshd and all its sessions."""
        self._host.run("systemctl stop access.service")

    def undo(self) -> None:
        """Heal everything, and wait until FaceFusion serves again."""
        host = self._host
        host.link_up()
        host.firewall.open()
        host.driver.thaw()
        host.nvidia_smi.well()
        host.empty_disk()
        host.turn_back()
        host.run(_UNDO)
        if self._is_broken:
            self.restart()
            self._is_broken = False
        host.await_up()
