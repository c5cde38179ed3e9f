"""What the settings let be done to each server."""

from collections.abc import Mapping

from monitor.config import Settings
from monitor.config.sections.recovery import Recovery
from monitor.domain.recovery.policy import Budget, Policy
from monitor.domain.recovery.words import Action


def policies(settings: Settings) -> Mapping[str, Policy]:
    """Return the policy of every target, by name."""
    return {one.name: policy_of(one.recovery) for one in settings.targets}


def policy_of(recovery: Recovery) -> Policy:
    """Return the settings of one target as the gates read them."""
    budgets = recovery.budget
    written = {
        Action.RESTART: budgets.restart,
        Action.FREE_GPU_MEMORY: budgets.free_gpu_memory,
        Action.REBOOT: budgets.reboot,
    }
    return Policy(
        mode=recovery.mode,
        allow=frozenset(map(Action, recovery.allow)),
        auto=frozenset(map(Action, recovery.auto)),
        cooldown=recovery.cooldown,
        budgets={
            action: Budget(most=one.times, window=one.per)
            for action, one in written.items()
        },
    )
