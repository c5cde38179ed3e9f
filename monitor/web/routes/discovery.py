"""`GET /sd`: Prometheus' HTTP service discovery for `/probe`."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request

from monitor.domain import fleet
from monitor.domain.observation import Kind
from monitor.engine.board import Board
from monitor.schemas.discovery import TargetGroup
from monitor.web.auth import Gate
from monitor.web.documented import problems
from monitor.web.serves import Api


def router(api: Api, gate: Gate) -> APIRouter:
    """Return the route; it needs the scope `metrics`."""
    routes = APIRouter(
        tags=["prometheus"], dependencies=[Depends(gate.needs("metrics"))]
    )

    # Not async: a thousand targets are told in a thread, off the loop.
    @routes.get("/sd", summary="Targets for http_sd", responses=problems())
    def discovery(request: Request) -> list[TargetGroup]:
        url = urlsplit(api.external_url() or str(request.base_url))
        where = {
            "__scheme__": url.scheme,
            "__metrics_path__": url.path.rstrip("/") + "/probe",
        }
        return [
            TargetGroup(
                targets=(url.netloc,),
                labels={**where, **_labels(target, api.board)},
            )
            for target in tuple(api.board.targets.values())
            if api.board.checks_of(Kind.TARGET, target.name)
        ]

    return routes


def _labels(target: fleet.Target, board: Board) -> dict[str, str]:
    checks = board.checks_of(Kind.TARGET, target.name)
    meta = {
        "target": target.name,
        "host": target.host,
        "url": target.url,
        "dialect": target.dialect,
        "modules": ",".join(entry.check.key.check for entry in checks),
        **{f"label_{name}": value for name, value in target.labels},
    }
    return {
        "__param_target": target.name,
        "__param_module": "status",
        "instance": target.name,
        **{f"__meta_facefusion_{name}": value for name, value in meta.items()},
    }
