"""Sentences that several rules say."""

from urllib.parse import urlsplit

from monitor.domain.diagnosis.case import Case

_USUAL = {"http": 80, "https": 443}
_SILENCE = {
    "timeout": "its status gives no answer in time",
    "unreachable": "its address cannot be reached",
    "resolve": "its name leads to no address",
    "reset": "connections are closed before an answer came",
    "tls": "no TLS connection can be made",
}


def port(case: Case) -> int | None:
    """Return the port that clients use, None where the URL has none."""
    try:
        parts = urlsplit(case.target.url)
        return parts.port or _USUAL.get(parts.scheme)
    except ValueError:
        return None


def at_port(case: Case) -> str:
    """Return `port 9002`, or words for a port that is not known."""
    number = port(case)
    return "its port" if number is None else f"port {number}"


def about_status(case: Case) -> str:
    """Return what its status says, as the second half of a sentence."""
    status = case.status
    if status is None:
        return "its status is not looked at"
    if status.is_well:
        return "yet its status answers"
    if not status.is_bad:
        return "its status is not known"
    if status.reason == "refused":
        return f"connections to {at_port(case)} are refused"
    told = status.grounds.because if status.grounds else ""
    return _SILENCE.get(status.reason, f"its status: {told}")
