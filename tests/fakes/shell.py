"""A shell whose answers are written down beforehand."""

from collections import deque

from monitor.domain.errors import CannotReach
from monitor.ports import Ran
from tests.fakes.clock import FakeClock


class FakeShell:
    """Gives its answers in order; the last one again and again.

    An answer takes its duration on the clock. `HANGS` takes the whole
    deadline and then cannot be reached, as the SSH adapter has it.
    """

    HANGS = object()

    def __init__(self, clock: FakeClock, *answers: object) -> None:
        self.scripts: list[str] = []
        self._clock = clock
        self._answers = deque(answers)

    def will(self, *answers: object) -> None:
        """Answer like this from now on."""
        self._answers = deque(answers)

    async def run(self, script: str, *, within: float) -> Ran:
        self.scripts.append(script)
        answer = self._answers[0]
        if len(self._answers) > 1:
            self._answers.popleft()
        if answer is self.HANGS:
            self._clock.pass_time(within)
            raise CannotReach(
                f"cannot reach host: no answer within {within:g} s",
                reason="timeout",
            )
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Ran)
        self._clock.pass_time(answer.duration)
        return answer


def ran(stdout: bytes = b"", *, code: int = 0, stderr: bytes = b"") -> Ran:
    """Return the outcome of a command that took 0.1 s."""
    return Ran(code=code, stdout=stdout, stderr=stderr, duration=0.1)
