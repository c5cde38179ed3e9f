"""CORS as the guide sets it up: every page may call, unless the fault is on.

Without it the preflight is answered 405, as by a server that nobody set up
for browsers.
"""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.simulator.faults import Faults


class Cors:
    """An application that browsers may call from anywhere."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._closed = app
        self._open = CORSMiddleware(
            app, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"]
        )
        self._faults = faults

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer with or without the headers."""
        app = self._closed if self._faults.is_on("cors") else self._open
        await app(scope, receive, send)
