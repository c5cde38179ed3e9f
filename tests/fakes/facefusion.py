"""A FaceFusion server without a network."""

import json
from collections.abc import Callable

from monitor.domain.answer import Answer, NoAnswer, Phases
from monitor.domain.canary.job import Job
from monitor.ports import FaceFusion
from tests.fakes.clock import FakeClock

Reply = Answer | Exception
"""What comes back; an exception is raised instead."""

PHASES = Phases(
    resolve=0.0, connect=0.001, tls=0.0, processing=0.01, transfer=0.001
)


def answer(
    body: bytes = b'{"status": "online"}',
    *,
    code: int = 200,
    content_type: str = "application/json",
    duration: float = 0.012,
    location: str = "",
) -> Answer:
    return Answer(
        code=code,
        content_type=content_type,
        body=body,
        duration=duration,
        phases=PHASES,
        location=location,
    )


def done(job: Job) -> Answer:
    """A server that does every job in 1.2 s."""
    output = f"/srv/output/{type(job).__name__.lower()}.png"
    body = json.dumps({"output_path": output}).encode()
    return answer(body, duration=1.2)


class FakeFaceFusion:
    """Answers what its script says, taking the time that it says.

    `status_is` and `runs` may be changed at any moment. An answer that takes
    longer than the caller waits never arrives: the caller gets a timeout, as
    from a real server. What was asked is kept in `asked` and `jobs`.
    """

    def __init__(
        self,
        clock: FakeClock | None = None,
        *,
        status_is: Reply | None = None,
        runs: Callable[[Job], Reply] = done,
        dialect: str = "rest",
    ) -> None:
        self.dialect = dialect
        self.clock = clock or FakeClock()
        self.status_is = answer() if status_is is None else status_is
        self.runs = runs
        self.jobs: list[Job] = []
        self.asked = 0

    async def status(self, *, within: float) -> Answer:
        self.asked += 1
        return self._arrive(self.status_is, within)

    async def run(self, job: Job, *, within: float) -> Answer:
        self.jobs.append(job)
        return self._arrive(self.runs(job), within)

    def _arrive(self, reply: Reply, within: float) -> Answer:
        if isinstance(reply, Exception):
            raise reply
        self.clock.pass_time(min(reply.duration, within))
        if reply.duration > within:
            raise NoAnswer(
                f"cannot reach http://gpu1:9002: no answer within {within} s",
                reason="timeout",
                phases=Phases(resolve=0.0, connect=0.001, tls=0.0),
            )
        return reply


_: type[FaceFusion] = FakeFaceFusion
