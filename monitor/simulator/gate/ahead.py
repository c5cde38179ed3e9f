"""What `prepare` looks at beside the service: what an effect needs."""

from monitor.simulator.gate.parts import Look
from monitor.simulator.gate.site import Answer, Question

_OF_CARDS = ("code", "stdout")


def looked_ahead(look: Look, request: Question) -> Answer:
    """Return the part that its `for` needs, nothing for another request."""
    if request.get("do") != "prepare":
        return {}
    if request.get("for") == "free-gpu-memory":
        seen = look.observe("gpu", {}) or {}
        return {"gpu": {key: seen[key] for key in _OF_CARDS}}
    if request.get("for") == "reboot":
        return {"machine": look.observe("machine", {})}
    return {}
