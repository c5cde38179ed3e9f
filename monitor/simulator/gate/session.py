"""One client of a simulated gate, on one SSH channel."""

from collections.abc import Callable
from typing import Protocol

from monitor.gate.lines import LineReader
from monitor.gate.protocol import Refused, line_of, read_request, refusal
from monitor.simulator.gate.acting import Fenced
from monitor.simulator.gate.outbox import Outbox
from monitor.simulator.gate.site import Site
from monitor.simulator.gate.verbs import Verbs
from monitor.simulator.gate.watching import Watching

GREETING = b'# {"v":'
"""How the first line of a client begins that would like to meet a gate."""
_CHUNK = 65_536
_GOODBYE = 1.0
"""Seconds for the answers that are ready when a client leaves."""


class Channel(Protocol):
    """What of an SSH channel is needed here."""

    def recv(self, nbytes: int) -> bytes:
        """Return what came, nothing at the end. Blocks."""
        ...

    def sendall(self, data: bytes) -> object:
        """Send all of it. Blocks."""
        ...


class Session:
    """Answers one client until it leaves; `begun` is what came already.

    `role` is what the key that it came with is for.
    """

    def __init__(
        self,
        channel: Channel,
        site: Site,
        *,
        user: str,
        begun: bytes,
        role: str = "observe",
    ) -> None:
        self._channel = channel
        self._reader = LineReader()
        self._reader.feed(begun)
        self._outbox = Outbox(
            "simulated-gate",
            channel.sendall,
            lambda: line_of({"event": "alive", "at": site.world.now()}),
        )
        self._watching = Watching(site.world, self._tell)
        self._verbs = Verbs(site, user, self._watching, role)

    def run(self) -> None:
        """Serve the client to the end of what it sends."""
        self._outbox.open()
        try:
            self._lines(self._answer)
            while data := self._channel.recv(_CHUNK):
                self._reader.feed(data)
                self._lines(self._answer)
        except (OSError, EOFError):
            pass  # the client is gone
        finally:
            self._watching.end()
            self._outbox.close(_GOODBYE)

    def _lines(self, answer: Callable[[bytes], None]) -> None:
        while True:
            try:
                line = self._reader.line()
            except Refused as refused:
                self._tell(refusal(refused))
                continue
            if line is None:
                return
            if line.strip():
                answer(line)

    def _answer(self, line: bytes) -> None:
        try:
            request = read_request(line)
        except Refused as refused:
            self._tell(refusal(refused))
            return
        try:
            reply = self._verbs.answer(request)
        except Refused as refused:
            refused.id = str(request["id"])
            self._tell({**refusal(refused), **_more(refused)})
            return
        body = {"id": request["id"], **reply.body}
        self._outbox.put(line_of(body), after=reply.after)
        self._follow(request)

    def _follow(self, request: dict[str, object]) -> None:
        """Do what is left to do once a request is answered."""
        if request["verb"] == "hello":
            skip = request.get("skip", 0)
            self._reader.skip(skip if isinstance(skip, int) else 0)
        elif request["verb"] == "watch":
            self._outbox.keep_alive()

    def _tell(self, message: dict[str, object]) -> None:
        self._outbox.put(line_of(message))


def _more(refused: Refused) -> dict[str, object]:
    """Return what is told beside a refusal."""
    return {"highest": refused.highest} if isinstance(refused, Fenced) else {}


def no_gate(begun: bytes) -> bytes:
    """Return what a shell answers where there is no Python for a gate."""
    try:
        greeting = read_request(begun.partition(b"\n")[0])
    except Refused as refused:
        return line_of(refusal(refused))
    return line_of(
        {
            "id": greeting["id"],
            "gate": "none",
            "because": "cannot find a Python of 3.8 or newer on this"
            " simulated host",
        }
    )
