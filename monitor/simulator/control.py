"""The API with which a person breaks and heals simulated hosts.

On a port of its own: it must answer while a host's port is closed.
"""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse

from monitor.domain.errors import MonitorError
from monitor.simulator.faults import FAULTS, Fault, UnknownFault
from monitor.simulator.host import SimulatedHost
from monitor.simulator.http_server import bare_app

_HELP = """\
switch on   curl -X PUT {url}/hosts/HOST/faults/FAULT
with value  curl -X PUT '{url}/hosts/HOST/faults/slow?value=10'
switch off  curl -X DELETE {url}/hosts/HOST/faults/FAULT
"""


def create_control(hosts: Mapping[str, SimulatedHost]) -> FastAPI:
    """Return the application; answers are text, /hosts is JSON."""
    app = bare_app()
    app.add_exception_handler(MonitorError, _refuse)

    @app.get("/", response_class=PlainTextResponse)
    async def overview(request: Request) -> str:
        url = str(request.base_url).rstrip("/")
        states = "\n".join(map(describe, hosts.values()))
        return f"{states}\n\n{list_faults()}\n\n{_HELP.format(url=url)}"

    @app.get("/hosts")
    async def states() -> dict[str, dict[str, object]]:
        return {
            host.name: {
                "url": host.url,
                "ssh": f"{host.ssh_address}:{host.ssh_port}",
                "jobs": host.jobs,
                "faults": host.faults.active(),
            }
            for host in hosts.values()
        }

    @app.put("/hosts/{name}/faults/{fault}", response_class=PlainTextResponse)
    async def switch_on(
        name: str, fault: str, value: float | None = None
    ) -> str:
        host = _find(hosts, name)
        host.faults.switch_on(fault, value)
        return f"{describe(host)}\n"

    @app.delete(
        "/hosts/{name}/faults/{fault}", response_class=PlainTextResponse
    )
    async def switch_off(name: str, fault: str) -> str:
        host = _find(hosts, name)
        host.faults.switch_off(fault)
        return f"{describe(host)}\n"

    return app


def describe(host: SimulatedHost) -> str:
    """Return a line with a host, its addresses and what is broken."""
    faults = ", ".join(
        name if value is None else f"{name}={value:g}"
        for name, value in host.faults.active().items()
    )
    return (
        f"{host.name}  {host.url}  ssh {host.ssh_address}:{host.ssh_port}"
        f"  faults: {faults or 'none'}"
    )


def list_faults() -> str:
    """Return a line for each fault there is."""
    return "\n".join(map(_explain, FAULTS.values()))


def _explain(fault: Fault) -> str:
    takes = fault.takes and f" (value: {fault.takes}; {fault.value:g})"
    return f"{fault.name:<20}{fault.description}{takes}"


class UnknownHost(MonitorError):
    """There is no simulated host of that name."""


def _find(hosts: Mapping[str, SimulatedHost], name: str) -> SimulatedHost:
    if name not in hosts:
        raise UnknownHost(
            f"cannot find the host {name!r}; there are {', '.join(hosts)}"
        )
    return hosts[name]


async def _refuse(_: Request, error: Exception) -> PlainTextResponse:
    code = 404 if isinstance(error, (UnknownFault, UnknownHost)) else 422
    return PlainTextResponse(f"{error}\n", status_code=code)
