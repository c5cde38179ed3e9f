"""What a configuration may well not mean, though it can be used."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from monitor.config import Settings
from monitor.config.sections.canaries import BatchCanary
from monitor.config.sections.targets import Target
from monitor.config.values.address import Endpoint


def notes(settings: Settings) -> Iterator[str]:
    """Yield a sentence for each: no error, since a proxy may lead to us."""
    server = settings.server
    if server.external_url or not server.listen.is_loopback:
        return
    for target in settings.targets:
        if _fetches(target) and not is_here(target.url):
            yield (
                f"targets.{target.name}: its canaries' images are served by"
                " the monitor, which listens on loopback only; set"
                " server.listen and server.external_url"
            )


def is_here(url: str) -> bool:
    """Tell a server on this machine: it reaches us as we reach it."""
    return Endpoint(host=urlsplit(url).hostname or "", port=0).is_loopback


def _fetches(target: Target) -> bool:
    """Tell whether a server fetches images; those of a batch it has."""
    jobs = [c for c in target.canaries if not isinstance(c, BatchCanary)]
    return bool(jobs) and target.canary_files.via == "url"
