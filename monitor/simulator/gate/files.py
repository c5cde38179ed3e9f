"""The verb `files`: the real gate's, on this host's own files alone."""

from pathlib import Path

from monitor.gate.files import files_verb
from monitor.gate.gaps import Gaps
from monitor.gate.protocol import Refused
from monitor.simulator.gate.site import Answer, Question, Site


def files(site: Site, request: Question) -> Answer:
    """Do what `do` says, below the canary directory. Raises `Refused`.

    A real gate also returns another recent file of its machine; the machine
    that simulates has files of its own, which are none of our business.
    """
    path = request.get("path")
    if isinstance(path, str) and not _is_ours(path, site.root):
        raise Refused(
            "forbidden", "cannot touch a file outside of the simulated host"
        )
    return files_verb(dict(request), str(site.canaries), Gaps("files"))


def _is_ours(path: str, root: Path) -> bool:
    try:
        return Path(path).parent.resolve().is_relative_to(root)
    except (OSError, ValueError):
        return False
