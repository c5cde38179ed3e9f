"""Restarts a FaceFusion that nobody looks after: ends it, and starts it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)

from monitor.gate.act_asked import ProcessNamed
from monitor.gate.act_config import ServiceKnown
from monitor.gate.act_identity import doomed_among
from monitor.gate.act_managers import Effect
from monitor.gate.act_signals import (
    LADDER,
    EffectFailed,
    Grip,
    end_all,
    take_grip,
    untouchable,
)
from monitor.gate.act_start import (
    Former,
    check_start,
    former_of,
    owner_of_folder,
    start_program,
)
from monitor.gate.gaps import Gaps
from monitor.gate.protocol import Refused
from monitor.gate.service import find_servers

_TRIES = 2
"""Starts: what was ended must not stay so for one bad moment."""


class BareRestart:
    """Ends exactly the named processes, then starts as their former user.

    `kin` are the gate and all above it; `owner` owns the start program.
    """

    def __init__(
        self,
        kin: Iterable[int],
        owner: int = 0,
        ladder: Sequence[tuple[signal.Signals, float]] = LADDER,
    ) -> None:
        self._kin = frozenset(kin)
        self._owner = owner
        self._ladder = ladder

    def effect(
        self,
        service: ServiceKnown,
        named: Sequence[ProcessNamed],
        seen: Sequence[Mapping[str, object]],
    ) -> Effect:
        """Return the restart. Raises `Refused`; nothing is done yet."""
        serving = [one for one in seen if one["is_server"]]
        former = self.starter(service, serving)
        doomed = doomed_among(named, seen)
        self.check_touchable(doomed)
        servers = {int(str(one["pid"])) for one in serving}

        def run(say: Callable[[str], None]) -> str:
            first = [one for one in doomed if one.pid in servers]
            rest = [one for one in doomed if one.pid not in servers]
            with self.holding(doomed) as grips:
                self.end(first, grips, say)
                self.end(rest, grips, say)
            return self.start_again(service, former, say)

        return Effect(run)

    def starter(
        self, service: ServiceKnown, serving: Sequence[Mapping[str, object]]
    ) -> Former:
        """Return as whom it will be started again. Raises `Refused`.

        `serving` are the servers that will be ended.
        """
        if service.start is None:
            raise Refused(
                "unsupported",
                f"cannot restart {service.name}: its configuration has no"
                " start program",
            )
        check_start(service.start, self._owner)
        if len(serving) > 1:
            raise Refused(
                "unsupported",
                f"cannot restart {service.name}: {len(serving)} servers run"
                " in its directory; one start makes one of them",
            )
        return _former(service, serving)

    def check_touchable(self, doomed: Iterable[ProcessNamed]) -> None:
        """Raise `Refused` where one of them may never be signalled."""
        for one in doomed:
            flaw = untouchable(one.pid, self._kin)
            if flaw:
                raise Refused("forbidden", f"cannot end it: {flaw}")

    @contextlib.contextmanager
    def holding(
        self, doomed: Sequence[ProcessNamed]
    ) -> Iterator[dict[int, Grip]]:
        """Hold all of them before the first signal."""
        grips: dict[int, Grip] = {}
        try:
            for one in doomed:
                grip = take_grip(one, self._kin)
                if grip is not None:
                    grips[one.pid] = grip
            yield grips
        finally:
            for grip in grips.values():
                os.close(grip.descriptor)

    def end(
        self,
        some: Sequence[ProcessNamed],
        grips: Mapping[int, Grip],
        say: Callable[[str], None],
    ) -> None:
        """End some of those that are held. Raises `EffectFailed`."""
        held = [grips[one.pid] for one in some if one.pid in grips]
        for one in some:
            if one.pid not in grips:
                say(f"process {one.pid} had ended by itself")
        end_all(held, say, self._ladder)

    def start_again(
        self,
        service: ServiceKnown,
        former: Former,
        say: Callable[[str], None],
    ) -> str:
        """Start it as whom it was before. Raises `EffectFailed`."""
        start = str(service.start)
        flaw = ""
        for _ in range(_TRIES):
            check_start(start, self._owner)
            say(f"starts {start} as user {former.uid} in {former.cwd}")
            flaw = start_program(
                start, former, serves=lambda: _serves(service)
            )
            if not flaw:
                return f"{service.name} was ended and started again"
            say(flaw)
        raise EffectFailed(
            f"cannot start {service.name}, and it does not run: {flaw}"
        )


def _former(
    service: ServiceKnown, serving: Sequence[Mapping[str, object]]
) -> Former:
    for one in serving:
        cwd = one["cwd"]
        return former_of(
            int(str(one["pid"])),
            int(str(one["uid"])),
            cwd if isinstance(cwd, str) else None,
        )
    return owner_of_folder(service.asked.directory or "/")


def _serves(service: ServiceKnown) -> bool:
    return bool(find_servers(service.asked, Gaps("act"), 1.0))
