"""`/docs` and `/openapi.json`: the API, described and to be tried out.

swagger-ui is served from our own files: nothing comes from elsewhere, and
the page's policy would not let it.
"""

from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from monitor import __version__
from monitor.schemas.problem import Problem
from monitor.schemas.wire import Wire
from monitor.web.auth import Gate
from monitor.web.documented import error
from monitor.web.routes import events, probe

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
"""swagger-ui styles its own elements, so inline styles are let through."""
_KINDS = {
    "docs.css": "text/css; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "LICENSE": "text/plain; charset=utf-8",
    "NOTICE": "text/plain; charset=utf-8",
}
_PAGE = "docs.html"


def router(app: FastAPI, gate: Gate) -> APIRouter:
    """Return the routes; they need the scope `read`."""
    routes = APIRouter(
        include_in_schema=False, dependencies=[Depends(gate.needs("read"))]
    )

    @routes.get("/openapi.json")
    def openapi() -> JSONResponse:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return JSONResponse(app.openapi_schema)

    # Not async: they read files.
    @routes.get("/docs")
    def page() -> Response:
        return _file(_PAGE, "text/html; charset=utf-8")

    @routes.get("/docs/{name}")
    def part(name: str) -> Response:
        kind = _KINDS.get(name)
        if kind is None:
            raise HTTPException(404)
        return _file(name, kind)

    return routes


def _file(name: str, kind: str) -> Response:
    folder = files("monitor.web") / "static"
    path = folder / name
    if not path.is_file():
        path = folder / "swagger-ui" / name
    return Response(
        path.read_bytes(),
        headers={"Content-Type": kind, "Content-Security-Policy": POLICY},
    )


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document."""
    said = get_openapi(
        title="facefusion-monitor",
        version=__version__,
        summary="Watches FaceFusion servers.",
        description=(
            "Times are RFC 3339 in UTC, lengths are in seconds. What carries "
            "facts carries their age. Errors are problem documents "
            "(RFC 9457)."
        ),
        routes=app.routes,
    )
    for operations in said["paths"].values():
        for operation in operations.values():
            if "422" in operation["responses"]:
                operation["responses"]["422"] = error(422)
    said["paths"]["/probe"] = probe.documented()
    schemas = said["components"]["schemas"]
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    models: list[type[Wire]] = [Problem, *events.MODELS.values()]
    for model in models:
        schema = model.model_json_schema(
            ref_template="#/components/schemas/{model}"
        )
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    return said
