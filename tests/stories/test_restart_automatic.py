"""A server that is diagnosed is restarted while nobody looks."""

from pathlib import Path

import pytest
import yaml

from tests.stories.restart_town import Starts, begin, sick_studio

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
RECOVERY = {"mode": "auto", "allow": ["restart"], "cooldown": "100ms"}


@pytest.mark.parametrize("mode", ["auto", "suggest"])
async def test_a_diagnosis_sets_off_what_its_rule_says(
    tmp_path: Path, mode: str
) -> None:
    recovery = {**RECOVERY, "mode": mode}
    async with sick_studio(tmp_path, recovery) as (host, config):
        settings = yaml.safe_load(config.read_text())
        settings["automation"] = [
            {"diagnosis": "process_down", "action": "restart", "do": "apply"}
        ]
        config.write_text(yaml.safe_dump(settings))
        starts = Starts(host)
        async with await begin(config, tmp_path) as monitor:
            await monitor.is_diagnosed("none")
            starts.count = 0
            host.faults.switch_on("process_killed")
            if mode == "auto":
                told = await monitor.until(
                    "changes",
                    lambda told: (
                        [o["outcome"] for o in told["changes"]]
                        == ["succeeded"]
                    ),
                )
                await monitor.is_diagnosed("none")
            else:
                told = await monitor.until(
                    "plans", lambda told: len(told["plans"]) == 1
                )

    (one,) = told["changes" if mode == "auto" else "plans"]
    assert one["asked_by"] == "automation: diagnosis process_down"
    assert one["trigger"] == "automation"
    assert starts.count == (mode == "auto")
