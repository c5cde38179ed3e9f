"""Lines on their way to a client of a simulated gate."""

import queue
import threading
from collections.abc import Iterator

import pytest

from monitor.simulator.gate import outbox as room
from monitor.simulator.gate.outbox import Outbox


class Client:
    """What was sent, and a door that can be shut."""

    def __init__(self) -> None:
        self.got: queue.Queue[bytes] = queue.Queue()
        self.is_open = threading.Event()
        self.is_open.set()
        self.is_gone = False

    def send(self, line: bytes) -> None:
        if self.is_gone:
            raise OSError
        self.is_open.wait(5)
        self.got.put(line)

    def next(self) -> bytes:
        return self.got.get(timeout=5)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def outbox(client: Client) -> Iterator[Outbox]:
    box = Outbox("test", client.send, lambda: b"alive")
    box.open()
    yield box
    box.close(5)


def test_lines_leave_in_order_and_a_late_one_lets_others_pass(
    client: Client, outbox: Outbox
) -> None:
    outbox.put(b"late", after=0.1)
    for line in (b"1", b"2", b"3"):
        outbox.put(line)

    assert [client.next() for _ in range(4)] == [b"1", b"2", b"3", b"late"]


def test_a_sign_of_life_comes_by_itself(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_ALIVE", 0.01)
    box = Outbox("test", client.send, lambda: b"alive")
    box.open()

    box.keep_alive()

    assert [client.next() for _ in range(2)] == [b"alive", b"alive"]
    box.close(5)


def test_what_is_ready_leaves_before_the_end_and_what_is_late_does_not(
    client: Client,
) -> None:
    box = Outbox("test", client.send, lambda: b"alive")
    box.put(b"ready")
    box.put(b"late", after=60)
    box.open()

    box.close(5)
    box.put(b"too late")

    assert client.next() == b"ready"
    assert client.got.empty()


def test_a_client_that_does_not_read_costs_no_more_than_a_limit(
    client: Client,
) -> None:
    box = Outbox("test", client.send, lambda: b"alive")
    for number in range(2000):
        box.put(b"%d" % number)
    box.open()

    box.close(5)

    assert client.got.qsize() == 1000


def test_a_client_that_is_gone_ends_it(client: Client) -> None:
    client.is_gone = True
    box = Outbox("test", client.send, lambda: b"alive")
    box.open()

    box.put(b"line")
    box.close(5)

    assert client.got.empty()
