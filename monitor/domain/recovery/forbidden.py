"""What a diagnosis forbids, whoever asks: it would make things worse.

Beside it stands what merely is no remedy of a cause: that people may try.
"""

from collections.abc import Mapping

from monitor.domain.recovery.words import Action

_SETTINGS = "settings have to change, and it would come back the same"
_LOOPS = "it would not start again, or end at once"
_NO_EYES = "nobody sees what it is done to, or what becomes of it"
_NO_GPU = "a new process would not get the GPU, and run on the CPU or not"

_ALL: Mapping[str, str] = {
    "monitor_blind": _NO_EYES,
    "host_unreachable": _NO_EYES,
    "ssh_unavailable": _NO_EYES,
    "disk_full": f"until there is room on the disk {_LOOPS}",
    "model_files_corrupt": f"until the model's file is whole {_LOOPS}",
    "dependency_missing": f"until what is missing is there {_LOOPS}",
    "network_blocked": "the server is well, and something stands before it",
    "bound_to_loopback": _SETTINGS,
    "tls_invalid": _SETTINGS,
    "wrong_dialect": "the server is well, and asked in the wrong dialect",
    "canary_input_rejected": "the server is well, and our canary is not",
    "content_declined": "the server is well, and declined our picture",
    "busy": "it works, and answers when it is done",
}
_RESTART: Mapping[str, str] = {
    "gpu_lost": _NO_GPU,
    "gpu_wedged": f"{_NO_GPU}; the old one may not even end",
    "gpu_reset_required": _NO_GPU,
    "driver_mismatch": f"{_NO_GPU}; the old one still has it",
    "gpu_hardware": "it heals no card, and what still works would end",
    "gpu_busy": "somebody else's work is on the card, and stays there",
}
_NO_PROOF = "that memory came back could not be seen"
_FREE: Mapping[str, str] = {
    "gpu_lost": f"{_NO_PROOF}, and {_NO_GPU}",
    "gpu_wedged": f"{_NO_PROOF}, and who waits for the GPU may not even end",
    "gpu_reset_required": _NO_GPU,
    "driver_mismatch": f"{_NO_PROOF}, and {_NO_GPU}",
    "gpu_hardware": "it heals no card, and what still works would end",
    "gpu_busy": "the memory is somebody else's, and stays theirs",
}
FORBIDDEN: Mapping[Action, Mapping[str, str]] = {
    Action.RESTART: {**_ALL, **_RESTART},
    Action.FREE_GPU_MEMORY: {**_ALL, **_FREE},
    Action.REBOOT: _ALL,
    Action.RECOVER: {},
}
"""By action and cause, why not. `recover` is forbidden by none: a rung that
is gets passed over."""


def why_forbidden(action: Action, cause: str) -> str:
    """Return why a cause forbids an action, empty where it does not."""
    return FORBIDDEN[action].get(cause, "")
