"""The routes with which a person breaks and heals the simulated backend.

For the control API of the hosts, which answers while a port is closed.
"""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from monitor.simulator.backend import SimulatedBackend


def backend_routes(backend: SimulatedBackend) -> APIRouter:
    """Return `/backend`; unknown faults raise `UnknownFault`."""
    router = APIRouter(
        prefix="/backend", default_response_class=PlainTextResponse
    )

    @router.get("")
    async def state() -> str:
        return describe(backend)

    @router.put("/faults/{fault}")
    async def switch_on(fault: str) -> str:
        backend.faults.switch_on(fault)
        return describe(backend)

    @router.delete("/faults/{fault}")
    async def switch_off(fault: str) -> str:
        backend.faults.switch_off(fault)
        return describe(backend)

    return router


def describe(backend: SimulatedBackend) -> str:
    """Return a line with its address and what is broken."""
    faults = ", ".join(backend.faults.active()) or "none"
    return f"backend  {backend.url}  faults: {faults}\n"
