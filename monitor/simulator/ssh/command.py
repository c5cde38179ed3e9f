"""One remote command: a shell of its own, tied to its SSH channel."""

import os
import selectors
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import paramiko
from typing_extensions import override

from monitor.simulator.ssh.processes import kill_session

_CHUNK = 65536
_LOOK = 0.1
"""Seconds between two looks whether the client is still there."""
_JOIN = 1.0
_SIGNALLED = 128


class Command(threading.Thread):
    """Runs a command for a channel and ends it with the channel.

    A real sshd lets the command live on. Here nothing may outlive a test,
    and what a monitor must do about that it shows on a real sshd. `begun`
    is what the client has sent already.
    """

    def __init__(
        self,
        channel: paramiko.Channel,
        text: str,
        *,
        environment: Mapping[str, str],
        directory: Path,
        begun: bytes = b"",
    ) -> None:
        super().__init__(name=f"simulated-command-{channel.chanid}")
        self.daemon = True
        self._channel = channel
        self._text = text
        self._environment = environment
        self._directory = directory
        self._begun = begun

    @override
    def run(self) -> None:
        """Run the command to its end, or to the end of its channel."""
        with subprocess.Popen(  # noqa: S603 - a remote shell runs what it is told
            ["/bin/sh", "-c", self._text],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(self._environment),
            cwd=self._directory,
            start_new_session=True,
        ) as process:
            feeder = threading.Thread(
                target=self._feed, args=(process,), daemon=True
            )
            feeder.start()
            if not self._carry(process):
                kill_session(process.pid)
            self._say_goodbye(process.wait())
            feeder.join(_JOIN)

    def _carry(self, process: "subprocess.Popen[bytes]") -> bool:
        """Carry both outputs to the client until the command has ended.

        Return whether it ended by itself and left nothing behind.
        """
        outputs = {
            process.stdout: self._channel.sendall,
            process.stderr: self._channel.sendall_stderr,
        }
        ended = os.pidfd_open(process.pid)
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(ended, selectors.EVENT_READ)
                for pipe, send in outputs.items():
                    if pipe is not None:
                        selector.register(pipe, selectors.EVENT_READ, send)
                while not self._channel.closed:
                    ready = selector.select(_LOOK)
                    sent = _relay(selector, ready)
                    if not sent and any(key.fd == ended for key, _ in ready):
                        return len(selector.get_map()) == 1
        except (OSError, EOFError):
            pass  # the client is gone, and so will the command be
        finally:
            os.close(ended)
        return False

    def _feed(self, process: "subprocess.Popen[bytes]") -> None:
        """Give the command what the client sends, to the end of it."""
        if process.stdin is None:
            return
        with suppress(OSError, EOFError):  # either may stop at any time
            process.stdin.write(self._begun)
            while data := self._channel.recv(_CHUNK):
                process.stdin.write(data)
            process.stdin.close()

    def _say_goodbye(self, code: int) -> None:
        if self._channel.closed:
            return  # a word about a closed channel would end the connection
        with suppress(OSError, EOFError):  # nobody may be there to hear it
            self._channel.send_exit_status(
                code if code >= 0 else _SIGNALLED - code
            )
            self._channel.close()


def _relay(
    selector: selectors.BaseSelector,
    ready: list[tuple[selectors.SelectorKey, int]],
) -> bool:
    """Send what the pipes hold; return whether there was anything."""
    sent = False
    for key, _ in ready:
        if key.data is None:
            continue
        data = os.read(key.fd, _CHUNK)
        if data:
            key.data(data)
            sent = True
        else:
            selector.unregister(key.fileobj)
    return sent
