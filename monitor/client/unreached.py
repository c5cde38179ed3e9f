"""Why nobody could be spoken to, in our words."""

import ssl

import httpx

from monitor.client.errors import NoDaemon
from monitor.domain.quote import quote

_DEEPEST = 10
_USUAL = (
    "start it with `facefusion-monitor run`, or say where it is with --url"
    " or FACEFUSION_MONITOR_URL"
)
_ALL_FAILED = "All connection attempts failed"
"""What httpx says of a refusal and of a missing route alike."""
_HUNG_UP = (httpx.ReadError, httpx.RemoteProtocolError)
"""What http meets at a port of TLS: an alert, or a closed connection."""


def unreached(url: str, error: httpx.HTTPError) -> NoDaemon:
    """Return what an error of httpx means, and what would help."""
    said = quote(str(error)) or type(error).__name__
    advice = _USUAL
    if said == _ALL_FAILED:
        said = "nothing listens there, or there is no way"
    if _is_tls(error):
        advice = (
            "check http against https and the certificate's names, or"
            " name the authority that signed it with --ca-file"
        )
    elif isinstance(error, _HUNG_UP):
        if isinstance(error, httpx.RemoteProtocolError) or not str(error):
            said = "it hangs up, or does not answer as HTTP does"
        if url.startswith("http:"):
            tls = url.replace("http:", "https:", 1)
            advice = f"if it serves TLS, write {tls} as --url; else {_USUAL}"
    return NoDaemon(f"cannot reach the daemon at {url}: {said}; {advice}")


def _is_tls(error: BaseException | None) -> bool:
    """Tell whether TLS is at the bottom of it."""
    seen = 0
    while error is not None and seen < _DEEPEST:
        if isinstance(error, ssl.SSLError):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False
