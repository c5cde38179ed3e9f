"""Ends what of a service holds memory on some cards, and starts it again.

Whoever asks is not believed: that a process is FaceFusion's, and holds that
memory, is seen here. A stolen act key, or a broken monitor, ends nothing
else with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from monitor.gate.act_asked import ActAsked, ProcessNamed
from monitor.gate.act_cards import CardSeen, look_at_cards
from monitor.gate.act_config import ServiceKnown
from monitor.gate.act_identity import is_named
from monitor.gate.act_managers import Effect, managed
from monitor.gate.act_process import BareRestart
from monitor.gate.act_signals import EffectFailed
from monitor.gate.protocol import Refused

IDLE_WITHIN = 10.0
"""Seconds that the cards get to become idle."""

_IDLE_LOOKS = 2
_LOOK_EVERY = 0.5
_RUNS_NO_MORE = "ZX"
_LEAST = 5.0
"""Seconds that a start gets, however long the ending took."""


class FreeMemory:
    """Frees cards of a service. `bare` ends, and starts a bare process."""

    def __init__(
        self,
        bare: BareRestart,
        look: Callable[[Sequence[str]], Sequence[CardSeen]] = look_at_cards,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._bare = bare
        self._look = look
        self._clock = clock
        self._sleep = sleep

    def effect(
        self,
        service: ServiceKnown,
        asked: ActAsked,
        seen: Mapping[str, object],
        deadline: float,
    ) -> Effect:
        """Return what will be done. Raises `Refused`; nothing is done yet.

        `seen` is the part `service`. `deadline` is of our clock: a start
        that takes longer has failed.
        """
        ours = all_of_it(seen)
        holding = holders_among(ours, self._look(asked.cards))
        check_exact(asked.named, holding)
        doomed = [one for one in asked.named if _runs(one, holding)]
        self._bare.check_touchable(doomed)
        servers = own_servers(seen, holding)
        start = self._start(service, servers, seen, deadline)
        first = {one["pid"] for one in servers}

        def run(say: Callable[[str], None]) -> str:
            self._wait_until_idle(asked.cards, say)
            for one in asked.named:
                if one not in doomed:
                    say(f"process {one.pid} ended (state Z): no signal helps")
            return self._freed(doomed, first, asked, start, say)

        return Effect(run)

    def _start(
        self,
        service: ServiceKnown,
        servers: Sequence[Mapping[str, object]],
        seen: Mapping[str, object],
        deadline: float,
    ) -> Callable[[Callable[[str], None]], str] | None:
        """Return what starts it again, None where it goes on by itself."""
        if not servers:
            return None
        manager, name = service.asked.manager, service.asked.unit
        if manager == "process":
            former = self._bare.starter(service, servers)
            return lambda say: self._bare.start_again(service, former, say)
        unit = seen.get("unit")
        known = unit if isinstance(unit, dict) else None
        managed(manager, name, known, _LEAST, "start")

        def start(say: Callable[[str], None]) -> str:
            left = max(_LEAST, deadline - self._clock())
            return managed(manager, name, known, left, "start").run(say)

        return start

    def _freed(
        self,
        doomed: Sequence[ProcessNamed],
        first: set[object],
        asked: ActAsked,
        start: Callable[[Callable[[str], None]], str] | None,
        say: Callable[[str], None],
    ) -> str:
        """End them, start it again, and look what is left."""
        flaws = self._ended(doomed, first, say)
        if start is not None and "servers" not in flaws:
            try:
                say(start(say))
            except EffectFailed as failed:
                flaws["start"] = str(failed)
            except Refused as refused:  # its program was changed meanwhile
                flaws["start"] = refused.because
        self._tell_left(asked, say)
        if flaws:
            raise EffectFailed("; ".join(flaws.values()))
        again = "started again" if start is not None else "it was left running"
        ended = f"ended {len(doomed)} of its processes"
        return f"{ended} on {len(asked.cards)} GPUs; {again}"

    def _ended(
        self,
        doomed: Sequence[ProcessNamed],
        first: set[object],
        say: Callable[[str], None],
    ) -> dict[str, str]:
        """End those that serve, then the rest; return what failed.

        A child that does not end must not keep the server from its start.
        """
        flaws: dict[str, str] = {}
        with self._bare.holding(doomed) as grips:
            for name, is_first in (("servers", True), ("rest", False)):
                some = [o for o in doomed if (o.pid in first) is is_first]
                try:
                    self._bare.end(some, grips, say)
                except EffectFailed as failed:
                    flaws[name] = str(failed)
        return flaws

    def _wait_until_idle(
        self, cards: Sequence[str], say: Callable[[str], None]
    ) -> None:
        """Wait until no card works: one whose kernel is cut off may latch."""
        give_up = self._clock() + IDLE_WITHIN
        idle, state = 0, "nobody could see whether these cards were idle"
        while idle < _IDLE_LOOKS and self._clock() < give_up:
            try:
                works = [one for one in self._look(cards) if one.works]
            except Refused as refused:
                idle, state = 0, refused.because
            else:
                idle = 0 if works else idle + 1
                state = ", ".join(
                    f"{o.uuid} worked at {o.work} %" for o in works
                )
            if idle < _IDLE_LOOKS:
                self._sleep(_LOOK_EVERY)
        if idle < _IDLE_LOOKS:
            say(f"waited {IDLE_WITHIN:.0f} s until they are idle: {state}")
        else:
            say("none of these cards works")

    def _tell_left(self, asked: ActAsked, say: Callable[[str], None]) -> None:
        try:
            cards = self._look(asked.cards)
        except Refused as refused:
            say(refused.because)
            return
        for one in asked.named:
            held = [
                f"{used} on {card.uuid}"
                for card in cards
                for pid, used in card.held
                if pid == one.pid
            ]
            say(f"process {one.pid} holds {', '.join(held) or 'nothing'} now")


def own_servers(
    seen: Mapping[str, object], holding: Sequence[Mapping[str, object]]
) -> list[Mapping[str, object]]:
    """Return which of them serve for its manager, which starts them again.

    A stray may run the same script, and nobody starts that one.
    """
    processes = seen.get("processes")
    own = (
        {one["pid"] for one in processes}
        if isinstance(processes, list)
        else set()
    )
    return [one for one in holding if one["is_server"] and one["pid"] in own]


def all_of_it(seen: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return all of a service's processes, strays too. Raises `Refused`.

    Where some may not have been seen, nobody can say that those that were
    named are all of them.
    """
    processes, strays = seen.get("processes"), seen.get("strays")
    if not isinstance(processes, list) or not isinstance(strays, list):
        raise Refused(
            "unsupported",
            "cannot tell which processes are FaceFusion's, strays among them",
        )
    return [*processes, *strays]


def holders_among(
    ours: Iterable[Mapping[str, object]], cards: Iterable[CardSeen]
) -> list[Mapping[str, object]]:
    """Return which of our processes hold memory on one of the cards."""
    pids = {pid for card in cards for pid, _ in card.held}
    return [one for one in ours if one["pid"] in pids]


def check_exact(
    named: Sequence[ProcessNamed], holding: Sequence[Mapping[str, object]]
) -> None:
    """Raise `Refused` unless the named are those that hold memory."""
    known = {one.pid: one for one in named}
    for one in holding:
        ours = known.pop(int(str(one["pid"])), None)
        if ours is None or not is_named(ours, one):
            raise _others(
                f"process {one['pid']} holds memory there, and was not named"
            )
    for pid in known:
        raise _others(
            f"process {pid} is none of FaceFusion's that holds memory there"
        )


def _runs(
    named: ProcessNamed, holding: Iterable[Mapping[str, object]]
) -> bool:
    return any(
        one["pid"] == named.pid and str(one["state"]) not in _RUNS_NO_MORE
        for one in holding
    )


def _others(because: str) -> Refused:
    return Refused("identity", f"cannot end other processes: {because}")
