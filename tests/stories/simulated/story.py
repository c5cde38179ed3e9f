"""The shape of a story: well, a fault, its cause and page, a cure, well."""

from collections.abc import Callable, Sequence
from itertools import groupby

from monitor.domain.diagnosis.cause import NONE
from monitor.domain.diagnosis.paging import Page
from tests.stories.simulated.house import House, Named

LASTS = 60.0
"""Seconds for which a cause, and being well again, has to last."""
_HEALTH = {"critical": "unhealthy", "warning": "degraded", "info": "degraded"}
Deed = Callable[[], None]


class Story:
    """What befalls one server, from its fault to its cure.

    It begins when it is told, with a house that is well; `target` is the
    first server unless it is named.
    """

    def __init__(self, house: House, target: str = "") -> None:
        self.house = house
        self.target = target or house.name
        self.server = house.town.servers[self.target]
        self._began = house.clock.now()
        self._pages = len(house.pages)
        self._ended = len(house.ended)
        assert house.diagnosis_of(self.target).cause == NONE

    def breaks(self, fault: str, value: float | None = None) -> None:
        """Switch a fault of the server, or of its machine, on."""
        self.server.faults.switch_on(fault, value)

    def heals(self, fault: str) -> None:
        """Switch it off."""
        self.server.faults.switch_off(fault)

    async def is_named(  # noqa: PLR0913 - what a diagnosis is, in words
        self,
        cause: str,
        *,
        within: float,
        severity: str = "critical",
        health: str = "",
        remedies: Sequence[str] = (),
        lasts: float = LASTS,
    ) -> None:
        """Wait for a cause; see what is said of it, and that it stays."""
        await self.house.until(cause, within=within, target=self.target)
        self._says(cause, severity, health, remedies)
        await self.house.pass_time(lasts)
        self._says(cause, severity, health, remedies)

    async def is_over(self, *, within: float) -> None:
        """Wait until it is well; see that it stays, and nobody is paged."""
        await self.house.until(NONE, within=within, target=self.target)
        await self.house.pass_time(LASTS)
        assert self.house.diagnosis_of(self.target).cause == NONE
        assert len(self.told) == len(self._all_ended)

    @property
    def causes(self) -> list[str]:
        """Every cause since it began, `none` before it and after it."""
        named = [one.cause for one in self._named]
        return [NONE, *(cause for cause, _ in groupby(named))]

    @property
    def pages(self) -> list[str]:
        """The severities of the pages that somebody was told."""
        return [page.severity.value for page in self.told]

    @property
    def told(self) -> list[Page]:
        """The pages that somebody was told of this server."""
        pages = self.house.pages[self._pages :]
        mine = [one for one in pages if one.target == self.target]
        return [page for page in mine if page.is_told]

    @property
    def _all_ended(self) -> list[Page]:
        ended = [one.page for one in self.house.ended[self._ended :]]
        mine = [one for one in ended if one.target == self.target]
        return [page for page in mine if page.is_told]

    @property
    def _named(self) -> list[Named]:
        since = self.house.since(self._began)
        return [one for one in since if one.target == self.target]

    def _says(
        self, cause: str, severity: str, health: str, remedies: Sequence[str]
    ) -> None:
        held = self.house.diagnosis_of(self.target)
        assert (held.cause, held.severity.value) == (cause, severity)
        assert held.health.value == (health or _HEALTH[severity])
        assert [one.value for one in held.remedies] == list(remedies)
        assert held.because
        assert held.facts


async def a_fault(  # noqa: PLR0913 - a story in one sentence
    house: House,
    fault: str,
    cause: str,
    *,
    within: float,
    over: float,
    severity: str = "critical",
    health: str = "",
    remedies: Sequence[str] = (),
    value: float | None = None,
    lasts: float = LASTS,
    starting: bool = False,
) -> None:
    """Tell the story of one fault of the simulator, and of nothing else.

    `starting`: that cause may come first. Otherwise nothing does.
    """
    story = Story(house)
    story.breaks(fault, value)
    await story.is_named(
        cause,
        within=within,
        severity=severity,
        health=health,
        remedies=remedies,
        lasts=lasts,
    )
    story.heals(fault)
    await story.is_over(within=over)
    first = ["starting"] if starting else []
    assert story.causes == [NONE, *first, cause, NONE]
    assert story.pages == ([] if severity == "info" else [severity])
