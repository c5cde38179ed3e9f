"""The web application: routes, and how errors are told."""

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from monitor.web.auth import Gate, Tokens
from monitor.web.documented import problems
from monitor.web.idempotency import Once
from monitor.web.limits import Limits
from monitor.web.outermost import Outermost
from monitor.web.problem import HANDLED, as_problem
from monitor.web.routes import (
    alerts,
    audit,
    canary_files,
    changes,
    discovery,
    docs,
    drills,
    events,
    hosts,
    looks,
    maintenance,
    metrics,
    pages,
    plans,
    probe,
    probes,
    reload,
    targets,
)
from monitor.web.serves import Api, Serves, nowhere

__all__ = ["Api", "Serves", "create_app"]


def create_app(serves: Serves) -> FastAPI:
    """Return the application; unknown paths are 404, never a landing page."""
    given = serves.tokens
    tokens = given if isinstance(given, Tokens) else Tokens(given)
    app = FastAPI(
        title="facefusion-monitor",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would redirect to any Host it is told
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    for error in HANDLED:
        app.add_exception_handler(error, as_problem)
    app.add_middleware(
        Outermost,
        broke=serves.broke,
        tokens=tokens,
        names=_names(serves.api),
        answered=serves.answered,
    )
    app.include_router(
        metrics.router(serves.render, serves.content_type, tokens),
        tags=["prometheus"],
        default_response_class=PlainTextResponse,
        responses=problems(503),
    )
    app.include_router(probes.router(serves.unready))
    app.include_router(canary_files.router(serves.shelf))
    if serves.api is not None:
        _add_api(app, serves, serves.api, tokens)
    return app


def _add_api(app: FastAPI, serves: Serves, api: Api, tokens: Tokens) -> None:
    limits = Limits(api.rates, api.clock)
    tokens.tell_failures(limits.spend_failure)
    gate = Gate(tokens, limits)
    once = Once(api.store, api.clock, serves.broke)
    app.include_router(targets.router(api, gate))
    app.include_router(looks.router(api, gate, limits, once))
    app.include_router(hosts.router(api, gate))
    app.include_router(maintenance.router(api, gate, once))
    app.include_router(pages.router(api, gate))
    app.include_router(events.router(api, gate, serves.broke))
    if api.recovery is not None:
        desk = api.recovery
        app.include_router(plans.router(api, desk, gate, once))
        app.include_router(changes.router(api, desk, gate, once))
        app.include_router(drills.router(api, desk, gate, once))
        app.include_router(audit.router(api, desk, gate))
    if api.alerts is not None:
        app.include_router(alerts.router(api, api.alerts, tokens, once))
    app.include_router(reload.router(api, gate, once))
    app.include_router(discovery.router(api, gate))
    app.router.routes.insert(0, probe.route(api, gate))
    app.include_router(docs.router(app, gate))


def _names(api: Api | None) -> Callable[[], frozenset[str]]:
    """Return how to ask which names besides this machine's own are us."""
    where = api.external_url if api else nowhere
    return lambda: _names_of(where())


@lru_cache(maxsize=16)
def _names_of(external_url: str) -> frozenset[str]:
    name = urlsplit(external_url).hostname
    return frozenset({name} if name else ())
