"""The web application: routes and how errors are told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from monitor.ports import Shelf
from monitor.web.auth import Token
from monitor.web.problem import as_problem
from monitor.web.routes import canary_files, metrics, probes


@dataclass(frozen=True, slots=True, kw_only=True)
class Serves:
    """What the routes answer with.

    `unready` returns why the monitor is not ready, empty when it is.
    """

    render: Callable[[], bytes]
    content_type: str
    unready: Callable[[], str]
    shelf: Shelf
    tokens: Iterable[Token] = ()


def create_app(serves: Serves) -> FastAPI:
    """Return the application; unknown paths are 404, never a landing page."""
    app = FastAPI(
        title="facefusion-monitor",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would redirect to any Host it is told
    )
    app.add_exception_handler(HTTPException, as_problem)
    app.include_router(
        metrics.router(serves.render, serves.content_type, serves.tokens)
    )
    app.include_router(probes.router(serves.unready))
    app.include_router(canary_files.router(serves.shelf))
    return app
