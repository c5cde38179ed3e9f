"""Which rungs do not apply: nobody needs to try what cannot help."""

from monitor.domain.recovery.forbidden import why_forbidden
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Action
from monitor.domain.service.sight import may_be_hidden


def not_applicable(situation: Situation) -> str:
    """Return why the action of a situation does not apply, empty if it does.

    The diagnosis forbids it; or memory is to be freed and it was seen that
    nothing of the server holds any. What was not seen may be so.
    """
    action, found = situation.action, situation.diagnosis
    why = why_forbidden(action, found.cause) if found else ""
    if found is not None and why:
        return f"{found.cause} forbids it: {why}"
    if action is Action.FREE_GPU_MEMORY and _holds_nothing(situation):
        return "no process of it holds GPU memory"
    return ""


def _holds_nothing(situation: Situation) -> bool:
    gpu, service = situation.gpu, situation.service
    if gpu is None or service is None or not gpu.cards:
        return False
    if service.strays is None or may_be_hidden(service):
        return False
    return not gpu.ours
