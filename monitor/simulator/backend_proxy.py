"""What both APIs of the simulated backend do: ask the FaceFusion server."""

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from monitor.domain.errors import MonitorError
from monitor.simulator.faults import Faults
from monitor.simulator.fetch import NotFetched
from monitor.simulator.upstream import Told, ask

STATUS_WITHIN = 5.0
JOB_WITHIN = 300.0
"""Seconds; those of the real backend (facts/facefusion.md §5.1)."""


class Failed(MonitorError):
    """The server did not do what the backend asked; `code` is ours."""

    def __init__(self, text: str, *, code: int) -> None:
        super().__init__(text)
        self.code = code


class Proxy:
    """A client of FaceFusion servers, by the guide's API.

    `ask` reaches them, as `upstream.ask` does.
    """

    def __init__(
        self, faults: Faults, ask: Callable[..., Awaitable[Told]] = ask
    ) -> None:
        self._faults = faults
        self._ask = ask

    async def status(self, url: str) -> tuple[bool, int | None, str]:
        """Return whether the server is online, its code, and what is wrong."""
        if self._faults.is_on("backend_offline_body"):
            return False, None, "Cannot connect to host"
        try:
            told = await self._ask(
                f"{url.rstrip('/')}/api/v1/status", None, within=STATUS_WITHIN
            )
        except NotFetched as error:
            return False, None, str(error)
        return told.code == HTTPStatus.OK, told.code, ""

    async def run(
        self, url: str, path: str, parameters: Mapping[str, object]
    ) -> str:
        """Return where the output of a job is. Raises `Failed`."""
        place = f"{url.rstrip('/')}/api/v1/{path}"
        try:
            told = await self._ask(place, dict(parameters), within=JOB_WITHIN)
        except NotFetched as error:
            raise Failed(
                f"FaceFusion server unavailable: {error}", code=503
            ) from None
        output = _output(told.body) if told.code == HTTPStatus.OK else ""
        if not output:
            words = told.body[:200].decode(errors="replace")
            raise Failed(f"FaceFusion processing error: {words}", code=500)
        return output


def _output(body: bytes) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return ""
    output = said.get("output_path") if isinstance(said, dict) else None
    return output if isinstance(output, str) else ""
