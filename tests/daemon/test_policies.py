"""Settings of recovery reach the gates as they are written."""

import pytest

from monitor.config.sections.recovery import Recovery
from monitor.daemon.policies import policy_of
from monitor.domain.recovery.policy import Budget
from monitor.domain.recovery.words import Action


def test_what_is_not_written_allows_nothing() -> None:
    policy = policy_of(Recovery.model_validate({}))

    assert policy.mode == "suggest"
    assert policy.allow == frozenset()
    assert policy.auto == frozenset()
    assert policy.cooldown == 600.0
    assert policy.budgets == {
        Action.RESTART: Budget(most=3, window=3600.0),
        Action.FREE_GPU_MEMORY: Budget(most=3, window=3600.0),
        Action.REBOOT: Budget(most=1, window=86_400.0),
    }


@pytest.mark.parametrize("mode", ["off", "suggest", "auto"])
def test_each_setting_has_its_place(mode: str) -> None:
    policy = policy_of(
        Recovery.model_validate(
            {
                "mode": mode,
                "allow": ["restart", "free-gpu-memory"],
                "auto": ["restart"],
                "cooldown": "2m",
                "budget": {"restart": "5/2h", "free-gpu-memory": "2/10m"},
            }
        )
    )

    assert policy.mode == mode
    assert policy.allow == {Action.RESTART, Action.FREE_GPU_MEMORY}
    assert policy.auto == {Action.RESTART}
    assert policy.cooldown == 120.0
    assert policy.budgets[Action.RESTART] == Budget(most=5, window=7200.0)
    assert policy.budgets[Action.FREE_GPU_MEMORY] == Budget(
        most=2, window=600.0
    )
