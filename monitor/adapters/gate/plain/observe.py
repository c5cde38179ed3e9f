"""One look at a host by plain commands, answered as a gate answers."""

from collections.abc import Mapping

from monitor.adapters.gate.plain.answer import Answer
from monitor.adapters.gate.plain.plan import Plan
from monitor.adapters.gate.plain.script import asking
from monitor.adapters.gate.plain.sections import cut
from monitor.domain.errors import CannotReach, Unreadable
from monitor.ports import Shell

Parts = Mapping[str, Mapping[str, object]]


async def observe(
    shell: Shell, where: str, parts: Parts, because: str, *, within: float
) -> dict[str, object]:
    """Return the body of an answer; `because` says why there is no gate.

    Raises `CannotReach`.
    """
    plan = Plan(parts, because)
    ran = await shell.run(asking(plan.requests), within=within)
    try:
        return Answer(plan, cut(ran.stdout, len(plan.requests))).body
    except Unreadable as error:
        raise CannotReach(
            f"cannot use the answer of {where}: {error}; "
            "run `/bin/sh` there by hand to see why",
            reason="unreadable",
        ) from error
