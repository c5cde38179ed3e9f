"""The ward: one diagnosis a server, kept up as evidence comes in.

It weighs a server when something bad is seen, and every `ROUND` seconds, for
time alone changes what evidence means. When a first look disagrees with what
is thought of a check, the others are looked at at once: by the time the
opinion changes, what lies deeper has been seen too.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from zlib import crc32

from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.cause import CAUSES, NONE, depth
from monitor.domain.diagnosis.diagnosis import Diagnosis, made_of
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.following import NO_DATA, Standing, follow
from monitor.domain.diagnosis.paging import Page
from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.health import BAD, Health, worst
from monitor.domain.history import DIAGNOSIS
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.asking import Asking
from monitor.engine.board import Board
from monitor.engine.events import (
    Broke,
    Diagnosed,
    Event,
    Looked,
    Reported,
    Rewired,
    Tell,
)
from monitor.engine.evidence import CANARY, Evidence
from monitor.engine.first_looks import FirstLooks
from monitor.engine.pager import Pager
from monitor.ports import Clock

ROUND = 10
"""Seconds in which every server is weighed once, whatever happens."""
MOST_NEIGHBOURS = 8
"""Servers on a machine that are looked at when the machine looks bad."""


class Ward:
    """Keeps a standing for every server on the board, and its page.

    `soon` looks at a check as soon as possible. `lag` is how late our own
    loop was at worst of late, in seconds. Lives on the event loop; what it
    answers may be asked from any thread.
    """

    def __init__(  # noqa: PLR0913 - its doors, one keyword each
        self,
        *,
        clock: Clock,
        board: Board,
        tell: Tell,
        soon: Callable[[CheckKey], None],
        pager: Pager,
        lag: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._board = board
        self._tell = tell
        self._asking = Asking(clock, board, soon)
        self._pager = pager
        self._lag = lag
        self._evidence = Evidence(board)
        self._standings: dict[str, Standing] = {}
        self._first_looks = FirstLooks(clock)
        self._broken: set[str] = set()

    @property
    def evidence(self) -> Evidence:
        """The evidence that diagnoses rest on."""
        return self._evidence

    def diagnosis(self, target: str) -> Diagnosis:
        """Return the diagnosis in force; `no_data` for one not weighed."""
        standing = self._standings.get(target)
        if standing is None:
            return _nothing_yet(self._clock.now())
        return standing.diagnosis

    def page(self, target: str) -> Page | None:
        """Return the page that holds, told or withheld."""
        return self._pager.page(target)

    def health(self, target: str, now: float) -> Health:
        """Return a server's health: its diagnosis', while that is settled.

        Until a change is believed the worse of the diagnosis and the checks
        counts; without fresh checks a healthy one is unknown.
        """
        standing = self._standings.get(target)
        if standing is None:
            return self._board.health(target, now)
        held = standing.diagnosis.health
        if standing.is_settled and not standing.diagnosis.is_well:
            return held
        seen = self._board.health(target, now)
        if standing.is_settled and seen is not Health.UNKNOWN:
            return held
        return seen if standing.is_settled else worst((held, seen))

    def restore(
        self, records: Iterable[DiagnosisRecord], pages: Iterable[PageRecord]
    ) -> None:
        """Take up what was thought before a restart, for a moment.

        What the first looks do not confirm is gone then.
        """
        now = self._clock.now()
        for one in records:
            target = self._board.targets.get(one.target)
            known = target is not None and one.url in {"", target.url}
            if known and one.cause in CAUSES and one.cause != NONE:
                self._standings[one.target] = Standing(
                    diagnosis=_recalled(one, now)
                )
        self._pager.restore(pages, self._board.targets, now)

    def heard(self, event: Event) -> None:
        """Take in what happened, and weigh whom it concerns."""
        match event:
            case Looked():
                self._looked(event)
            case Reported():
                self._asking.after_report(event.target)
            case Rewired():
                self._rewired(event)
            case _:
                pass

    def tick(self) -> None:
        """Weigh those whose turn it is, and all that are not settled."""
        now = self._clock.now()
        slot = int(now) % ROUND
        for name in tuple(self._board.targets):
            standing = self._standings.get(name)
            is_open = standing is None or not standing.is_settled
            if is_open or crc32(name.encode()) % ROUND == slot:
                self._weigh(name, now)

    def _looked(self, event: Looked) -> None:
        seen, track = event.seen, event.track
        self._evidence.saw(seen, track)
        if seen.key.kind is Kind.MONITOR:
            if event.changed is not None:
                self._weigh_all()
            return
        names = self._evidence.concerned(seen.key)
        if seen.health in BAD and seen.health is not track.health:
            for name in names[:MOST_NEIGHBOURS]:
                self._asking.others(name)
        if _is_recovery(event):
            self._asking.canaries(seen.key.subject)
        is_calm = seen.health is track.health is Health.HEALTHY
        for name in names:
            if not (is_calm and self._is_calm(name)):
                self._weigh(name, self._clock.now())

    def _is_calm(self, name: str) -> bool:
        standing = self._standings.get(name)
        return (
            standing is not None
            and standing.is_settled
            and standing.diagnosis.is_well
        )

    def _weigh_all(self) -> None:
        now = self._clock.now()
        for name in tuple(self._board.targets):
            self._weigh(name, now)

    def _weigh(self, name: str, now: float) -> None:
        """Weigh a server; a fault of ours in a rule stops no watching."""
        self._mind_the_clock()
        try:
            self._follow(name, now)
        except Exception as error:  # noqa: BLE001 - told, and looked at again
            self._broke(name, error)
        else:
            self._broken.discard(name)

    def _broke(self, name: str, error: Exception) -> None:
        """Tell it once until it works again: it is tried every second."""
        if name not in self._broken:
            self._broken.add(name)
            key = CheckKey(kind=Kind.TARGET, subject=name, check=DIAGNOSIS)
            self._tell(Broke(key=key, error=error))

    def _follow(self, name: str, now: float) -> None:
        case = self._evidence.case(name, now, self._lag())
        standing = self._standings.get(name)
        if standing is None:
            standing = Standing(diagnosis=_nothing_yet(now))
        step = follow(standing, case)
        fresh = step.standing
        held, now_said = standing.diagnosis, fresh.diagnosis
        if self._first_looks.are_awaited(case, held, now_said):
            return
        self._standings[name] = fresh
        if step.before is not None:
            self._changed(name, step.before, fresh.diagnosis)
        self._asking.again(step.wants)
        flapping = _flapping(case, fresh.diagnosis)
        self._pager.follow(case.target, fresh.diagnosis, flapping, now)

    def _mind_the_clock(self) -> None:
        """Wait for looks again when our clock has jumped.

        Set back, it makes all that is remembered of a time to come.
        """
        by = self._first_looks.jumped()
        if by:
            self._first_looks.begin(self._board.targets)
        if by < 0:
            self._evidence.forget((), set(self._board.targets))

    def _changed(self, name: str, before: Diagnosis, now: Diagnosis) -> None:
        if _is_better(now, before):
            self._asking.canaries(name)
        self._tell(
            Diagnosed(
                target=name,
                before=before,
                after=now,
                maintenance=bool(self._pager.planned(name)),
            )
        )

    def _rewired(self, event: Rewired) -> None:
        gone = set(event.targets)
        fresh = gone | set(event.moved)
        self._evidence.forget(event.checks, fresh)
        self._asking.forget(event.checks, fresh)
        for key in event.checks:
            for name in self._evidence.concerned(key):
                self._first_looks.forget(name)
        for name in fresh:
            self._standings.pop(name, None)
            self._first_looks.forget(name)
            self._broken.discard(name)
        self._pager.forget(fresh, self._clock.now())


def _is_recovery(event: Looked) -> bool:
    """Return whether a canary is well again: others may be, too."""
    changed = event.changed
    if changed is None or event.check.kind != CANARY:
        return False
    return changed.after is Health.HEALTHY


def _is_better(now: Diagnosis, before: Diagnosis) -> bool:
    """Return whether something was healed, and perhaps everything."""
    if now.is_well or before.is_well:
        return now.is_well
    return depth(now.cause) > depth(before.cause)


def _flapping(case: Case, diagnosis: Diagnosis) -> list[str]:
    """Return the checks that flap, of those that a diagnosis rests on."""
    resting = {one.key for one in diagnosis.facts}
    looks = (*case.looks.values(), *case.host.values())
    return [
        look.key.check
        for look in looks
        if look.flapping and look.key in resting
    ]


def _nothing_yet(now: float) -> Diagnosis:
    found = Finding(cause=NO_DATA, because="nothing has been seen yet")
    return made_of(found, now)


def _recalled(record: DiagnosisRecord, now: float) -> Diagnosis:
    found = Finding(
        cause=record.cause,
        because=record.because,
        health=record.health,
        severity=record.severity,
    )
    return replace(made_of(found, now), since=record.at, recalled=True)
