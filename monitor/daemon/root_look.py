"""A look at a service as root sees it, through the acting gate."""

from collections.abc import Callable, Mapping
from typing import get_args

from monitor.adapters.gate.acting import RemoteHand
from monitor.domain.errors import CannotReach, HandRefused
from monitor.domain.fleet import Target
from monitor.domain.recovery.words import Action
from monitor.domain.service.asked import Asked
from monitor.domain.service.reading import Manager, ServiceReading
from monitor.engine.recovery.scene import ServiceAddress

_MANAGERS: Mapping[str, Manager] = {one: one for one in get_args(Manager)}
WITHIN = 20.0
"""Seconds for one look; what is planned without it is refused later."""


class LookAsRoot:
    """Looks with the key that acts; it only observes with it."""

    def __init__(
        self, hands: Callable[[str, Action], RemoteHand | None]
    ) -> None:
        self._hands = hands

    async def __call__(
        self, target: Target, place: ServiceAddress
    ) -> ServiceReading | None:
        """Return what root sees, None where nobody could look."""
        hand = self._hands(target.host, Action.FREE_GPU_MEMORY)
        if hand is None:
            return None
        asked = Asked(
            target=target.name,
            manager=_MANAGERS[place.manager],
            unit=place.unit,
            directory=place.directory,
            port=place.port,
            is_loopback=False,
            start_grace=target.start_grace,
        )
        try:
            return await hand.look(asked, within=WITHIN)
        except (CannotReach, HandRefused):
            return None
