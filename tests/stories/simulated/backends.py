"""The StoryCanvas backend on the street, and its way to the servers."""

import asyncio
from importlib.resources import files

from starlette.types import Receive, Scope, Send

from monitor.domain.errors import CannotReach
from monitor.simulator.backend import UPLOADS, create_backend
from monitor.simulator.backend_faults import BACKEND_FAULTS
from monitor.simulator.backend_proxy import Proxy
from monitor.simulator.faults import Faults
from monitor.simulator.fetch import NotFetched
from monitor.simulator.upstream import Told
from tests.stories.simulated.wires import Server, Wire

_LIMIT = 1 << 20


class BackendMachine:
    """A machine that the backend alone runs on.

    `slowness` is how many seconds every answer takes longer.
    """

    def __init__(self, url: str, wire: Wire) -> None:
        self.url = url
        self.is_up = True
        self.faults = Faults(self._changed, BACKEND_FAULTS)
        self.slowness = 0.0
        self._wire = wire
        self._app = create_backend(
            self.faults,
            Proxy(self.faults, self._ask),
            "http://127.0.0.1:7870",
            uploads=lambda: f"{url}/uploads/",
        )
        self.server = Server(self._slowly)

    def listens(self, port: int) -> bool:
        """Return whether it takes connections there."""
        del port  # it has one
        return not self.faults.is_on("backend_down")

    async def _ask(
        self, url: str, parameters: dict[str, object] | None, *, within: float
    ) -> Told:
        method = "GET" if parameters is None else "POST"
        try:
            answer = await self._wire.send(
                method, url, json=parameters, within=within, limit=_LIMIT
            )
        except CannotReach as error:
            raise NotFetched(str(error)) from None
        return Told(code=answer.code, body=answer.body)

    async def _slowly(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        await asyncio.sleep(self.slowness)
        await self._app(scope, receive, send)

    def _changed(self, name: str) -> None:
        if name == "backend_down":
            self.server.cut()


def upload(name: str) -> bytes | None:
    """Return one of the images that lie at the backend."""
    if name not in UPLOADS:
        return None
    return (files("monitor") / "portraits" / UPLOADS[name]).read_bytes()
