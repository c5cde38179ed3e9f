"""What the driver wants done with a GPU, as NVML numbers it."""

import re

_NONE = 0
_CODES = {
    "none": _NONE,
    "reset": 1,
    "gpu reset": 1,
    "reboot": 2,
    "node reboot": 2,
    "drain p2p": 3,
    "drain and reset": 4,
    "recover imex domain": 5,
    "bus reset": 6,
    "system reboot": 7,
}
"""nvmlDeviceGpuRecoveryAction_t, by the words of nvidia-smi and of NVML.

5 to 7 came with nvidia-ml-py 13.615 (facts/gpu.md §2).
"""


def recovery_action_code(action: str | None) -> int | None:
    """Return NVML's number; None when nothing or nothing known is said."""
    if action is None:
        return None
    words = re.sub(r"[\s_-]+", " ", action).strip().lower()
    return _CODES.get(words)


def wants_recovery(action: str | None) -> bool:
    """Return whether the driver asks for anything, known to us or not."""
    return action is not None and recovery_action_code(action) != _NONE
