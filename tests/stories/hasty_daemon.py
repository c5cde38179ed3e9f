"""The normal daemon, but impatient while it recovers a server.

Run as `python -m tests.stories.hasty_daemon run --config FILE`. What a proof
waits for is short, and its looks come often; everything else is as it is.
"""

import sys
from types import ModuleType

from monitor.domain.recovery import proof_reboot


def hurry(module: ModuleType, **short: float) -> None:
    """Set constants of a module, in seconds; each has to be there."""
    for name, seconds in short.items():
        assert hasattr(module, name), (module, name)
        setattr(module, name, seconds)


# Others import these by name: they are short before anybody has them.
hurry(proof_reboot, DOWN_WITHIN=12.0, BACK_WITHIN=25.0, GPUS_WITHIN=8.0)

from monitor.actions import restart  # noqa: E402 - after the reboot's limits
from monitor.cli.app import run  # noqa: E402 - after the reboot's limits
from monitor.daemon import recovering  # noqa: E402 - after them, too
from monitor.engine.recovery import (  # noqa: E402 - after them, too
    proving_kit,
    runner_gates,
)

# These are read as they are used.
hurry(restart, SETTLES_WITHIN=10.0, CANARIES_WITHIN=15.0)
hurry(recovering, TICK=0.5)
hurry(proving_kit, LOOKS_EVERY=0.5)
hurry(runner_gates, LOOKS_AGAIN_AFTER=1.0)

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
