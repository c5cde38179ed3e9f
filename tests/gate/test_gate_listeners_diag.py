"""The kernel is asked who listens, and its answer read or not at all."""

import json
import socket
import struct
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.listeners import Listening
from monitor.gate.sockdiag import diag_listening, diag_messages, open_diag


class FakeLine:
    """A netlink socket that answers each question with the next data."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def settimeout(self, _seconds: float) -> None:
        return None

    def send(self, data: bytes) -> int:
        self.asked.append(data)
        return len(data)

    def recv(self, _size: int) -> bytes:
        if not self.answers:
            raise TimeoutError
        return self.answers.pop(0)


def message(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


def listener(
    address: str, port: int, uid: int, inode: int, waiting: int = 0
) -> bytes:
    source = ip_address(address).packed.ljust(16, b"\0")
    body = struct.pack(
        "=4x2s2x16s28x4xI4xII",
        port.to_bytes(2, "big"),
        source,
        waiting,
        uid,
        inode,
    )
    return message(20, body)


DONE = message(3, b"\0\0\0\0")


def ask(*answers: bytes) -> list[Listening] | None:
    line = FakeLine(*answers)
    return diag_listening(lambda: line)  # type: ignore[arg-type,return-value]


def test_listeners_of_both_families_are_heard() -> None:
    found = ask(
        listener("127.0.0.1", 7870, 1000, 8, waiting=3),
        listener("0.0.0.0", 22, 0, 1) + DONE,  # noqa: S104
        listener("::", 80, 33, 9) + listener("::ffff:1.2.3.4", 81, 33, 10),
        DONE,
    )

    assert found == [
        Listening("127.0.0.1", 7870, 1000, 8, waiting=3),
        Listening("0.0.0.0", 22, 0, 1),  # noqa: S104
        Listening("::", 80, 33, 9),
        Listening("1.2.3.4", 81, 33, 10),
    ]


@pytest.mark.parametrize(
    "answers",
    [
        (),
        (DONE,),
        (message(2, bytes(72)) + DONE, DONE),
        (message(20, b"short"),),
        (b"torn",),
        (struct.pack("=IHHII", 400, 20, 0, 0, 0),),
        (struct.pack("=IHHII", 4, 20, 0, 0, 0),),
        (b"",) * 2000,
    ],
)
def test_what_is_no_answer_is_none(answers: tuple[bytes, ...]) -> None:
    assert ask(*answers) is None


def test_a_host_that_forbids_the_question_is_none() -> None:
    def forbidden() -> socket.socket:
        raise PermissionError

    assert diag_listening(forbidden) is None


@given(st.binary())
def test_any_data_gives_messages_or_an_error(data: bytes) -> None:
    try:
        total = sum(16 + len(body) for _, body in diag_messages(data))
    except ValueError:
        return
    assert total <= len(data)


def test_the_line_is_opened_to_the_kernel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, ...]] = []
    monkeypatch.setattr(socket, "socket", lambda *how: asked.append(how))

    open_diag()

    assert asked == [(socket.AF_NETLINK, socket.SOCK_DGRAM, 4)]


def test_the_real_kernel_answers(tmp_path: Path) -> None:
    script = tmp_path / "ask.py"
    script.write_text(
        "import json, socket\n"
        "from monitor.gate.sockdiag import diag_listening\n"
        "one = socket.create_server(('127.0.0.1', 0))\n"
        "port = one.getsockname()[1]\n"
        "heard = diag_listening()\n"
        "print(json.dumps([port, [h.port for h in heard or []]]))\n"
    )

    ran = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, script],
        stdout=subprocess.PIPE,
        check=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )

    port, heard = json.loads(ran.stdout)
    assert port in heard
