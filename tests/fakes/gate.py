"""A gate on a host that answers what a test wrote down."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence

from monitor.domain.errors import CannotReach
from monitor.ports import Gate, GateAnswer
from tests.fakes.clock import FakeClock

Parts = Mapping[str, Mapping[str, object]]
Services = Sequence[Mapping[str, object]]

VERBS = ("hello", "observe", "watch", "files")


class FakeGate:
    """Answers parts with what it was told, by the host's own clock.

    A part that nobody told it of becomes a gap, as one that failed does. An
    answer takes `takes` seconds on the clock; `ahead` is how many the
    host's clock is before ours. Way `plain` refuses files and watch.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.way = "stdin"
        self.boot_id = "0f5e8a4e-6d4c-4b39-9a52-000000000001"
        self.ahead = 0.0
        self.takes = 0.1
        self.asked: list[Parts] = []
        self.withins: list[float] = []
        self.filed: list[Mapping[str, object]] = []
        self.watched: list[Services] = []
        self._clock = clock
        self._parts: dict[str, Mapping[str, object]] = {}
        self._gaps: list[tuple[str, str, str]] = []
        self.where = "host 'gpu1' (192.0.2.1:22)"
        self._files: dict[str, deque[Mapping[str, object] | CannotReach]] = {}
        self._failure: CannotReach | None = None
        self._happened: asyncio.Queue[Mapping[str, object] | CannotReach] = (
            asyncio.Queue()
        )

    def will_observe(self, part: str, body: Mapping[str, object]) -> None:
        """Answer `part` with `body` from now on, without its gaps."""
        self._parts[part] = body
        self._gaps = [gap for gap in self._gaps if gap[0] != part]

    def gap(self, part: str, what: str, because: str) -> None:
        """Add a gap to every answer about `part`, beside its body."""
        self._gaps.append((part, what, because))

    def forgets(self, part: str) -> None:
        """Answer `part` with nothing but its gaps from now on."""
        self._parts.pop(part, None)

    def will_file(
        self, do: str, *answers: Mapping[str, object] | CannotReach
    ) -> None:
        """Answer `files` requests like this in order, the last again."""
        self._files[do] = deque(answers)

    def fails(self, failure: CannotReach) -> None:
        """Fail every request with this from now on, also a new watch."""
        self._failure = failure

    def works(self) -> None:
        """Answer again."""
        self._failure = None

    def push(self, event: Mapping[str, object]) -> None:
        """Let something happen; whoever watches next hears it."""
        self._happened.put_nowait(event)

    def lose(self, failure: CannotReach) -> None:
        """End the watch with this, after what was pushed before."""
        self._happened.put_nowait(failure)

    async def hello(self, *, within: float) -> GateAnswer:
        self._begin(within)
        return self._answer({"way": self.way, "verbs": list(VERBS)})

    async def observe(self, parts: Parts, *, within: float) -> GateAnswer:
        self.asked.append(parts)
        self._begin(within)
        seen = {name: self._parts[name] for name in parts if self._knows(name)}
        return self._answer({"parts": seen, "gaps": self._missing(parts)})

    async def files(
        self, request: Mapping[str, object], *, within: float
    ) -> GateAnswer:
        self.filed.append(request)
        self._begin(within)
        self._need_gate()
        answers = self._files.get(str(request.get("do"))) or deque([{}])
        answer = answers[0] if len(answers) == 1 else answers.popleft()
        if isinstance(answer, CannotReach):
            raise answer
        return self._answer(answer)

    async def watch(
        self, services: Services
    ) -> AsyncGenerator[Mapping[str, object], None]:
        self.watched.append(services)
        if self._failure:
            raise self._failure
        self._need_gate()
        while True:
            event = await self._happened.get()
            if isinstance(event, CannotReach):
                raise event
            yield event

    def _begin(self, within: float) -> None:
        self.withins.append(within)
        if self._failure:
            if self._failure.reason == "timeout":
                self._clock.pass_time(within)
            raise self._failure
        self._clock.pass_time(self.takes)

    def _knows(self, part: str) -> bool:
        return part in self._parts

    def _missing(self, parts: Parts) -> list[dict[str, str]]:
        told = [gap for gap in self._gaps if gap[0] in parts]
        named = {part for part, _, _ in told}
        told += [
            (part, "", f"cannot observe {part}: nobody told the fake")
            for part in parts
            if not self._knows(part) and part not in named
        ]
        return [
            {"part": part, "what": what, "because": because}
            for part, what, because in told
        ]

    def _answer(self, more: Mapping[str, object]) -> GateAnswer:
        is_plain = self.way == "plain"
        return GateAnswer(
            way=self.way,
            body={
                "v": 1,
                "id": str(len(self.withins)),
                "at": self._clock.now() + self.ahead,
                "boot_id": self.boot_id,
                **more,
            },
            version="" if is_plain else "0.1.0",
            python="" if is_plain else "3.9.18",
            verbs=("observe",) if is_plain else VERBS,
        )

    def _need_gate(self) -> None:
        if self.way == "plain":
            raise CannotReach(
                "cannot do this on the host: it needs Python 3.8 or newer "
                "there",
                reason="gate_missing",
            )


_: type[Gate] = FakeGate
