"""A shell and an nvidia-smi whose answers are written down beforehand."""

from collections import deque

from monitor.domain.errors import CannotReach
from monitor.ports import Ran
from tests.fakes.clock import FakeClock

LATE = 124
BUSY = 75


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


class FakeNvidiaSmi:
    """Answers as the shell does, and counts how often it was started.

    With `freeze` it hangs as one in D state does: the first caller waits
    until its limit, later ones are told that it still runs (75), and it is
    never started a second time.
    """

    def __init__(self, clock: FakeClock, *answers: object) -> None:
        self.started = 0
        self.asked = 0
        self.frozen = False
        self._shell = FakeShell(clock, *answers)
        self._clock = clock

    def will(self, *answers: object) -> None:
        """Answer like this from now on, thawed."""
        self.frozen = False
        self._shell.will(*answers)

    def freeze(self) -> None:
        """Hang from the next start on, until `will`."""
        self._shell.will(ran(code=124))
        self.frozen = True

    async def collect(self, *, within: float) -> Ran:
        self.asked += 1
        if not self.frozen:
            self.started += 1
            return await self._shell.run("nvidia-smi -q -x", within=within)
        answer = await self._shell.run("nvidia-smi -q -x", within=within)
        if answer.code == LATE:
            self.started += 1
            self._clock.pass_time(within - 1)
        self._shell.will(ran(code=BUSY))
        return answer


def ran(stdout: bytes = b"", *, code: int = 0, stderr: bytes = b"") -> Ran:
    """Return the outcome of a command that took 0.1 s."""
    return Ran(code=code, stdout=stdout, stderr=stderr, duration=0.1)
