"""What is said in a conversation: requests, answers and events."""

from __future__ import annotations

import time
from collections.abc import Callable

from monitor.gate.abilities import Abilities
from monitor.gate.act_asked import ACT_WITHIN, ACT_WITHIN_AT_MOST, is_effect
from monitor.gate.asked import WITHIN, WITHIN_AT_MOST, Asked
from monitor.gate.children import Child, start_child
from monitor.gate.hello import Way, hello_answer, read_boot_id
from monitor.gate.lanes import Lane, Task
from monitor.gate.outcome import Outcome
from monitor.gate.protocol import (
    Refused,
    line_of,
    number_of,
    read_request,
    refusal,
)
from monitor.gate.version import GATE_VERSION
from monitor.gate.work import files_task, part_task

_AT_ONCE = 16
"""Requests under way."""

_SKIP_AT_MOST = 4 << 20
_AROUND_AN_EFFECT = 150.0
"""Seconds that an effect may take beside what its service manager takes:
25 s to end servers and 25 s for the rest, 10 s until cards are idle, 16 s to
look at the service, and 7 s for each of up to five runs of nvidia-smi."""


class Conversation:
    """Answers every request once; `say` takes the lines to send.

    `under_way` counts requests that are not answered yet.
    """

    def __init__(
        self,
        way: Way,
        abilities: Abilities,
        say: Callable[[bytes], None],
        start: Callable[[Callable[[], Outcome], float], Child] = start_child,
    ) -> None:
        self.lanes: dict[str, Lane] = {}
        self.under_way = 0
        self.watching = False
        self._way = way
        self._abilities = abilities
        self._say = say
        self._start = start
        self._skip = 0
        self._boot_id = read_boot_id()
        self._verbs = {
            "hello": self._hello,
            "observe": self._observe,
            "watch": self._watch,
            "files": self._files,
            "act": self._act,
        }

    def greet(self, word: str) -> None:
        """Answer the hello of this id; a shell may have heard it."""
        self._answer(word, hello_answer(self._way, self._boot_id))

    def take(self, line: bytes) -> None:
        """Take a line; a request that is not served is answered why."""
        if not line.strip(b"# \t\r"):
            return
        request: dict[str, object] = {}
        try:
            request = read_request(line)
            self._serve(request)
        except Refused as refused:
            self.refuse(refused, request.get("id"))
        except Exception as error:  # noqa: BLE001 - one request, not all
            because = f"cannot serve this: {type(error).__name__}"
            self.refuse(Refused("internal", because), request.get("id"))

    def skipped(self) -> int:
        """Return how many bytes that come next are not for us, once."""
        skip, self._skip = self._skip, 0
        return skip

    def refuse(self, refused: Refused, word: object = None) -> None:
        """Say why the request of this id is not served; with our version."""
        if isinstance(word, str):
            refused.id = word
        self._say(line_of({**refusal(refused), "gate": GATE_VERSION}))

    def turn(self, now: float) -> None:
        """Go on with what is under way, at a monotonic time."""
        for lane in self.lanes.values():
            lane.turn(now)

    def events(self) -> None:
        """Tell what happened to what is watched."""
        try:
            for event in self._abilities.watcher.tick(time.time()):
                self._say(line_of(event))
        except Exception as error:  # noqa: BLE001 - a watch, not the gate
            self.watching = False
            because = f"cannot watch any longer: {type(error).__name__}"
            event = {"event": "watch_lost", "because": because}
            self._say(line_of({**event, "at": time.time()}))

    def _serve(self, request: dict[str, object]) -> None:
        name = str(request["verb"])
        verb = self._verbs.get(name)
        if verb is None:
            raise Refused("unknown_verb", "cannot do this: no such verb here")
        if self._way.role != "observe" and name not in self._way.verbs:
            raise Refused("forbidden", f"cannot {name}: this key is to act")
        verb(request)

    def _hello(self, request: dict[str, object]) -> None:
        skip = request.get("skip", 0)
        if type(skip) is not int or not 0 <= skip <= _SKIP_AT_MOST:
            raise Refused("bad_request", "cannot skip so many bytes")
        if self._way.way == "installed":
            self._skip += skip
        self.greet(str(request["id"]))

    def _observe(self, request: dict[str, object]) -> None:
        asked = Asked(request)
        known = set(asked.questions) & set(self._abilities.parts)
        if not known:
            raise Refused("unknown_part", "cannot observe any of these here")
        self._make_room()
        deadline = time.monotonic() + asked.within
        for part in asked.questions:
            if part in known:
                self._look(asked, part, deadline)
            else:
                self._missing(asked, part)

    def _look(self, asked: Asked, part: str, deadline: float) -> None:
        def done(outcome: Outcome) -> None:
            asked.take(part, outcome)
            if asked.finished:
                self.under_way -= 1
                self._say(asked.line(time.time(), self._boot_id))

        lane = self._abilities.lanes.get(part, part)
        question = asked.questions[part]
        task = part_task(self._abilities, part, question, deadline, done)
        self._add(lane, task)

    def _missing(self, asked: Asked, part: str) -> None:
        because = f"cannot observe {part[:64]}: {GATE_VERSION} does not"
        asked.take(part, Outcome(reason="unknown_part", because=because))

    def _watch(self, request: dict[str, object]) -> None:
        names = self._abilities.watcher.update(request.get("services"))
        self.watching = bool(names)
        self._answer(str(request["id"]), {"watching": names})

    def _files(self, request: dict[str, object]) -> None:
        within = number_of(request, "within", WITHIN, WITHIN_AT_MOST)
        deadline = time.monotonic() + within
        done = self._teller(str(request["id"]))
        task = files_task(self._abilities, request, self._way, deadline, done)
        self._make_room()
        self._add("files", task)

    def _act(self, request: dict[str, object]) -> None:
        act = self._abilities.act
        if act is None:
            raise Refused("forbidden", "cannot act: this key may only look")
        within = number_of(request, "within", ACT_WITHIN, ACT_WITHIN_AT_MOST)
        deadline = time.monotonic() + within + _AROUND_AN_EFFECT
        done = self._teller(str(request["id"]))
        self._make_room()
        # What became of an effect may be asked while it goes on.
        lane = "effect" if is_effect(request.get("do")) else "act"
        self._add(lane, Task("act", lambda *_: act(request), deadline, done))

    def _teller(self, word: str) -> Callable[[Outcome], None]:
        """Return what answers the request of this id."""

        def done(outcome: Outcome) -> None:
            self.under_way -= 1
            if outcome.answer is None:
                refused = Refused(outcome.reason, outcome.because)
                self.refuse(refused, word)
            else:
                self._answer(word, outcome.answer)

        return done

    def _make_room(self) -> None:
        if self.under_way >= _AT_ONCE:
            raise Refused("busy", f"cannot do more than {_AT_ONCE} at once")
        self.under_way += 1

    def _add(self, lane: str, task: Task) -> None:
        if lane not in self.lanes:
            self.lanes[lane] = Lane(self._start)
        self.lanes[lane].add(task)

    def _answer(self, word: str, answer: dict[str, object]) -> None:
        self._say(line_of({"id": word, "at": time.time(), **answer}))
