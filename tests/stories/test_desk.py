"""The on-call desk: init, run, status, history, maintenance, by command."""

import json
from pathlib import Path

import pytest
import yaml

from monitor.simulator.host import SimulatedHost
from tests.stories.counting_server import counting
from tests.stories.daemon import Scrape, running
from tests.stories.terminal import command

ACCESS = {
    "tokens": [
        {
            "name": "ann",
            "person": "ann",
            "token_file": "ann",
            "scopes": ["read", "operate", "maintain", "metrics"],
        }
    ]
}


@pytest.mark.timeout(120)
async def test_from_init_to_status_in_three_commands(tmp_path: Path) -> None:
    async with SimulatedHost("only", workdir=tmp_path / "only") as host:
        code, out, err = await command("init", host.url, cwd=tmp_path)
        assert code == 0, err
        path = tmp_path / "facefusion-monitor.yml"
        settings = yaml.safe_load(path.read_text())
        name = settings["targets"][0]["name"]
        code, out, err = await command("config", "check", cwd=tmp_path)
        assert code == 0, err
        path.write_text(
            path.read_text() + "\nserver: {listen: '127.0.0.1:0'}\n"
            if "server" not in settings
            else yaml.safe_dump(
                {**settings, "server": {"listen": "127.0.0.1:0"}}
            )
        )
        async with running(cwd=tmp_path) as daemon:
            await daemon.until(
                lambda s: s.health(name) != "unknown", within=20
            )

            code, out, err = await command(
                "status", "--url", daemon.url, cwd=tmp_path
            )

    assert (code, err) == (0, "")
    assert name in out
    assert "healthy" in out


@pytest.mark.timeout(120)
async def test_maintenance_labels_what_is_seen_and_has_an_end(
    tmp_path: Path,
) -> None:
    token = tmp_path / "ann"
    token.touch(0o600)
    token.write_text("hunter2hunter2")
    async with counting() as server:
        settings = {
            "server": {"listen": "127.0.0.1:0"},
            "access": ACCESS,
            "defaults": {
                "status": {
                    "interval": "1s",
                    "timeout": "500ms",
                    "confirm_interval": "200ms",
                }
            },
            "targets": [
                {"name": n, "url": server.url(n), "labels": {"site": n}}
                for n in ("studio", "attic")
            ],
        }
        path = tmp_path / "facefusion-monitor.yml"
        path.write_text(yaml.safe_dump(settings))
        async with running(cwd=tmp_path) as daemon:
            daemon.client.headers["Authorization"] = "Bearer hunter2hunter2"
            with_token = ("--url", daemon.url, "--token-file", str(token))
            await daemon.until(
                lambda s: s.health("studio") == "healthy", within=20
            )
            assert _planned(await daemon.scrape()) == (0, 0)

            code, _, err = await command(
                "maintenance",
                "start",
                "--target",
                "studio",
                "--reason",
                "new card",
                *with_token,
                cwd=tmp_path,
            )
            assert code == 64
            assert "end" in err
            code, out, err = await command(
                "maintenance",
                "start",
                "--label",
                "site=studio",
                "--for",
                "2h",
                "--reason",
                "new card",
                "--format",
                "json",
                *with_token,
                cwd=tmp_path,
            )
            assert code == 0, err
            window = json.loads(out)["id"]
            assert _planned(await daemon.scrape()) == (1, 0)
            server.sick = {"studio", "attic"}
            await daemon.until(
                lambda s: (
                    s.health("studio") == s.health("attic") == "unhealthy"
                ),
                within=20,
            )
            labelled = [
                await _in_maintenance(name, with_token, tmp_path)
                for name in ("studio", "attic")
            ]

            code, _, err = await command(
                "maintenance", "end", window, *with_token, cwd=tmp_path
            )
            assert code == 0, err
            after = _planned(await daemon.scrape())
            told = await command("status", *with_token, cwd=tmp_path)

    assert labelled == [True, False]
    assert list(after) == [0, 0]
    assert told[0] == 2
    assert "unhealthy" in told[1]


def _planned(scrape: Scrape) -> tuple[float | None, float | None]:
    name = "facefusion_maintenance"
    return scrape.value(name, target="studio"), scrape.value(
        name, target="attic"
    )


async def _in_maintenance(
    target: str, with_token: tuple[str, ...], cwd: Path
) -> bool:
    code, out, err = await command(
        "history", target, "--format", "json", *with_token, cwd=cwd
    )
    assert code == 0, err
    changed = [e for e in json.loads(out)["entries"] if e["before"]]
    return bool(changed[0]["maintenance"])
