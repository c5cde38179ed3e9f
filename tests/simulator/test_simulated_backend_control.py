"""Breaking and healing the simulated backend over HTTP."""

import httpx
import pytest

from monitor.simulator.backend import SimulatedBackend
from monitor.simulator.backend_control import backend_routes
from monitor.simulator.control import create_control


async def ask(
    backend: SimulatedBackend, method: str, path: str
) -> httpx.Response:
    app = create_control({})
    app.include_router(backend_routes(backend))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://control"
    ) as http:
        return await http.request(method, path)


async def test_a_fault_is_switched_on_and_off_again() -> None:
    async with SimulatedBackend() as backend:
        broken = await ask(backend, "PUT", "/backend/faults/backend-503")
        told = await ask(backend, "GET", "/backend")
        healed = await ask(backend, "DELETE", "/backend/faults/backend_503")

    line = f"backend  {backend.url}  faults: "
    assert broken.text == told.text == f"{line}backend_503\n"
    assert healed.text == f"{line}none\n"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_an_unknown_fault_is_refused(method: str) -> None:
    backend = SimulatedBackend()

    answer = await ask(backend, method, "/backend/faults/hang")

    assert answer.status_code == 404
    assert "backend_down" in answer.text
