"""A machine that may be acted on, a daemon that does, and two people."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from monitor.config import load
from monitor.daemon.install import install, plan_for
from tests.hosts.sshd import make_key
from tests.machines.host import SystemdHost
from tests.stories.daemon import Daemon, running
from tests.stories.machine_town import TARGET, write_configuration

PEOPLE = ("ann", "bob")
SCOPES = ["read", "metrics", "maintain", "operate", "approve"]
CONFIG = "/etc/facefusion-monitor-gate.json"
STARTS = "/var/lib/starts"
COUNTING = f"""\
install -d /etc/systemd/system/facefusion.service.d
cat >/etc/systemd/system/facefusion.service.d/counted.conf <<'END'
[Service]
ExecStartPre=+/bin/sh -c 'echo started >>{STARTS}'
END
: >{STARTS}
systemctl daemon-reload
"""
"""The effects of a restart, counted by the machine itself."""
_STEP = 0.1
Answer = dict[str, Any]


@dataclass
class Rescue:
    """What ann and bob do over HTTP, and what the machine saw of it."""

    host: SystemdHost
    daemon: Daemon
    folder: Path

    def by(self, person: str) -> dict[str, str]:
        """Return the headers of a person's requests."""
        secret = (self.folder / person).read_text().strip()
        return {"Authorization": f"Bearer {secret}"}

    async def ask(
        self, method: str, path: str, body: object = None, *, by: str = "ann"
    ) -> httpx.Response:
        return await self.daemon.client.request(
            method,
            f"/api/v1/{path}",
            json=body,
            headers=self.by(by),
            timeout=30,
        )

    async def plans(
        self, reason: str = "it is sick", **more: object
    ) -> Answer:
        """Plan a restart, as soon as the gates allow it."""
        answer = await self.tries_to_plan(reason, **more)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def tries_to_plan(
        self, reason: str = "it is sick", **more: object
    ) -> httpx.Response:
        body = {"action": "restart", "reason": reason, **more}
        return await self.ask("POST", f"targets/{TARGET}/plans", body)

    async def restarts(self, *, within: float = 90) -> Answer:
        """Plan and apply, and return the change as it ended."""
        plan = await self.plans()
        answer = await self.ask("POST", f"plans/{plan['id']}/apply", {})
        assert answer.status_code == 202, answer.text
        return await self.ends(answer.json()["id"], within=within)

    async def ends(self, change: str, *, within: float = 90) -> Answer:
        """Wait for a change's outcome."""
        told: Answer = {}
        try:
            async with asyncio.timeout(within):
                while not told.get("outcome"):
                    await asyncio.sleep(_STEP)
                    answer = await self.ask("GET", f"changes/{change}")
                    told = dict(answer.json())
        except TimeoutError:
            raise AssertionError(f"no outcome in {within} s: {told}") from None
        return told

    async def is_diagnosed(self, cause: str, *, within: float = 60) -> None:
        """Wait until the server's diagnosis is this."""
        told = ""
        try:
            async with asyncio.timeout(within):
                while told != cause:
                    await asyncio.sleep(_STEP)
                    answer = await self.ask("GET", f"targets/{TARGET}")
                    told = str(answer.json()["diagnosis"]["cause"])
        except TimeoutError:
            raise AssertionError(f"not {cause} but {told}") from None

    async def audit(self) -> list[Answer]:
        answer = await self.ask("GET", "audit?limit=1000")
        return list(answer.json()["entries"])

    async def audit_is_whole(self) -> None:
        answer = await self.ask("GET", "audit/verification")
        assert answer.json()["ok"] is True, answer.text

    def starts(self) -> int:
        """Return how often systemd has started FaceFusion meanwhile."""
        return len(self.host.run(f"cat {STARTS}").splitlines())


async def install_gate(host: SystemdHost, path: Path) -> None:
    """Install the gate as an operator does, the act key too."""
    admin = path.with_name("admin")
    public = make_key(admin).strip()
    host.run(
        "mkdir -p -m 700 /root/.ssh;"
        f" echo '{public}' >/root/.ssh/authorized_keys;"
        " chmod 600 /root/.ssh/authorized_keys"
    )
    settings = load(path, {}, path.parent)
    (one,) = settings.hosts
    await install(one, plan_for(settings, one), user="root", key_file=admin)
    config = host.path(CONFIG)
    told = json.loads(config.read_text())
    # By its process ids the machine of a test is a container.
    config.write_text(json.dumps({**told, "contained": True}))


def write_rescue(
    host: SystemdHost,
    folder: Path,
    more: Mapping[str, object],
    *,
    hurry: bool = True,
    keys: Sequence[str] = ("act",),
) -> Path:
    """Write the configuration of a monitor that may act on the server.

    `keys` are those that the machine takes: act, reboot.
    """
    path = write_configuration(host, folder, hurry=hurry, more=more)
    settings = yaml.safe_load(path.read_text())
    for name in keys:
        make_key(folder / name)
        ssh = settings["hosts"][0]["ssh"]
        ssh[f"{name}_key_file"] = str(folder / name)
    settings["access"] = {"tokens": [_token(folder, p) for p in PEOPLE]}
    path.write_text(yaml.safe_dump(settings))
    return path


def _token(folder: Path, person: str) -> Answer:
    file = folder / person
    file.touch(0o600)
    file.write_text(f"a-token-of-{person}-{'x' * 32}")
    return {
        "name": person,
        "person": person,
        "token_file": str(file),
        "scopes": SCOPES,
    }


RESTARTS = {"allow": ["restart"], "cooldown": "1s"}


@asynccontextmanager
async def rescued(  # noqa: PLR0913 - all that two rescues may differ in
    host: SystemdHost,
    folder: Path,
    *,
    recovery: Mapping[str, object] = RESTARTS,
    more: Mapping[str, object] | None = None,
    hurry: bool = True,
    module: str = "monitor",
) -> AsyncIterator[Rescue]:
    """Run a daemon that watches a machine and may act on its server."""
    wanted = {
        "start_grace": "10s",
        "recovery": dict(recovery),
        **(more or {}),
    }
    allowed = recovery.get("allow")
    may_reboot = isinstance(allowed, list) and "reboot" in allowed
    keys = ("act", "reboot") if may_reboot else ("act",)
    path = write_rescue(host, folder, wanted, hurry=hurry, keys=keys)
    await install_gate(host, path)
    host.run(COUNTING)
    arguments = ("--config", str(path))
    async with running(*arguments, cwd=folder, module=module) as daemon:
        rescue = Rescue(host, daemon, folder)
        daemon.client.headers.update(rescue.by("ann"))
        await rescue.is_diagnosed("none")
        yield rescue
