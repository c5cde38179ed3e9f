"""`GET /probe`: one fresh look for Prometheus, the multi-target convention.

A plain Starlette route: FastAPI's own way would cost as much as the look.
The OpenAPI says here what FastAPI would have found out.
"""

import asyncio
from functools import lru_cache
from http import HTTPStatus
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.engine.entry import Entry
from monitor.outputs.probe_page import CONTENT_TYPE, Pages
from monitor.web.auth import Gate, needs
from monitor.web.documented import problems
from monitor.web.serves import Api

AT_ONCE = 256
"""Looks for `/probe` under way at the same time."""
_ASKED = frozenset({"target", "module"})
_HEADER = "x-prometheus-scrape-timeout-seconds"
_HEADROOM = 0.5
"""Seconds that an answer takes on its way back (DESIGN §3.3)."""
_SHORTEST = 0.05
"""Seconds that a look gets in any case."""
_GRACE = 0.2
"""Seconds beyond its time that a look gets before it is given up."""


class ProbeRoute:
    """Answers with the series of one look."""

    def __init__(self, api: Api, gate: Gate) -> None:
        self._api = api
        self._guard = needs("metrics", gate.tokens)
        self._pages = Pages()
        self._under_way = 0

    async def __call__(self, request: Request) -> Response:
        """Look, or say what the last canary showed."""
        await self._guard(request)
        entry = self._entry(request)
        limit = entry.check.timeout
        within = _within(request.headers.get(_HEADER), limit)
        seen, fresh = entry.seen, True
        if entry.check.kind == "canary":
            fresh = entry.fresh(self._api.clock.now()) is not None
        else:
            seen = await self._look(entry.check.key, within)
        if seen is None:
            raise HTTPException(
                503,
                f"cannot answer: {entry.check.key.label} has not run since"
                " the monitor started, and a canary does not run for a probe",
            )
        text = self._pages.page(entry.check, seen, fresh=fresh)
        return Response(text, headers={"Content-Type": CONTENT_TYPE})

    def _entry(self, request: Request) -> Entry:
        name, module = _asked(request.scope["query_string"])
        board = self._api.board
        target = board.targets.get(name)
        if target is None:
            raise HTTPException(
                404,
                "cannot probe: target must be the name of a configured"
                " target, not an address; GET /sd lists them",
            )
        entry = board.find(
            CheckKey(kind=Kind.TARGET, subject=name, check=module)
        ) or board.find(
            CheckKey(kind=Kind.HOST, subject=target.host, check=module)
        )
        if entry is None:
            raise HTTPException(
                400,
                f"cannot probe {name}: module must be one of its checks;"
                f" GET /api/v1/targets/{name} lists them",
            )
        return entry

    async def _look(self, key: CheckKey, within: float) -> Observation:
        if self._under_way >= AT_ONCE:
            raise HTTPException(
                503,
                f"cannot probe: {AT_ONCE} probes are under way",
                {"Retry-After": "1"},
            )
        self._under_way += 1
        try:
            async with asyncio.timeout(within + _GRACE):
                return await self._api.probe(key, within)
        except TimeoutError:
            raise HTTPException(
                504, f"cannot finish looking within {within:g} s"
            ) from None
        finally:
            self._under_way -= 1


@lru_cache(maxsize=1024)
def _asked(query: bytes) -> tuple[str, str]:
    """Return target and module; scrapers ask the same again and again."""
    asked = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    if asked.keys() - _ASKED:
        raise HTTPException(
            400, "cannot probe: it is asked with target and module only"
        )
    return asked.get("target", ""), asked.get("module", "status")


def _within(header: str | None, timeout: float) -> float:
    """Return the seconds that a look may take: never more than its own."""
    if header is None:
        return timeout
    try:
        given = float(header)
    except ValueError:
        given = float("nan")
    if not isfinite(given) or given < 0:
        raise HTTPException(
            400,
            "cannot probe: X-Prometheus-Scrape-Timeout-Seconds is no number"
            " of seconds",
        )
    return min(max(given - _HEADROOM, _SHORTEST), timeout)


def route(api: Api, gate: Gate) -> Route:
    """Return the route; it needs the scope `metrics`."""
    return Route("/probe", ProbeRoute(api, gate).__call__, methods=["GET"])


def documented() -> dict[str, Any]:
    """Return what the OpenAPI says of it."""
    return {
        "get": {
            "tags": ["prometheus"],
            "summary": "Look once, now, and answer with the series of it",
            "description": (
                "Moves no state. A canary is not run: it is shown when it "
                "last ran, and its result while that is recent enough."
            ),
            "operationId": "probe",
            "security": [{"bearer": []}],
            "parameters": [
                _parameter(
                    "target",
                    "query",
                    "The name of a configured target.",
                    {"type": "string"},
                    required=True,
                ),
                _parameter(
                    "module",
                    "query",
                    "Which of its checks, or of its host's.",
                    {"type": "string", "default": "status"},
                ),
                _parameter(
                    "X-Prometheus-Scrape-Timeout-Seconds",
                    "header",
                    "The look gets half a second less, at least 0.05 s.",
                    {"type": "number", "minimum": 0},
                ),
            ],
            "responses": {
                "200": {
                    "description": "Series in Prometheus' text format.",
                    "content": {"text/plain": {"schema": {"type": "string"}}},
                },
                **{
                    str(code): said
                    for code, said in problems(400, 404, 503, 504).items()
                    if code != HTTPStatus.TOO_MANY_REQUESTS
                },
            },
        }
    }


def _parameter(
    name: str,
    place: str,
    says: str,
    schema: dict[str, Any],
    *,
    required: bool = False,
) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": says,
        "schema": schema,
    }
