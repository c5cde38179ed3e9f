"""The guide's REST API, spoken straight to the FaceFusion server.

The paths and parameters are those that StoryCanvas sends
(facts/facefusion.md §5.1). There is no authentication in this dialect.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from monitor.adapters.http.client import HttpClient
from monitor.domain.answer import Answer
from monitor.domain.canary.job import Age, Enhance, Job, Swap, check

STATUS_LIMIT = 256 * 1024
"""Bytes of a status: real ones have under 1 kB."""
JOB_LIMIT = 1024 * 1024
"""Bytes of a job's answer, which holds a path and no image."""


class Rest:
    """A server that speaks the guide's API, as `monitor.ports.FaceFusion`."""

    dialect = "rest"

    def __init__(self, base_url: str, http: HttpClient) -> None:
        self._base = urlsplit(base_url)
        self._http = http
        self._status = self._url("/api/v1/status")

    async def status(self, *, within: float) -> Answer:
        """Ask for the status on a connection of its own."""
        return await self._http.get(
            self._status, within=within, limit=STATUS_LIMIT
        )

    async def run(self, job: Job, *, within: float) -> Answer:
        """Run one job; `Answer.duration` is what a client waits.

        Raises `InvalidJob` before anything is sent.
        """
        check(job)
        path, parameters = _spelled(job)
        return await self._http.send(
            "POST",
            self._url(path),
            json=parameters,
            within=within,
            limit=JOB_LIMIT,
        )

    def _url(self, path: str) -> str:
        whole = self._base.path.rstrip("/") + path
        return urlunsplit(self._base._replace(path=whole, fragment=""))


def _spelled(job: Job) -> tuple[str, Mapping[str, object]]:
    """Return the job's path and its parameters, by their names there."""
    match job:
        case Enhance():
            return "/api/v1/enhance-face", {
                "source_path": job.source_path,
                "face_enhancer_model": job.model,
                "face_enhancer_blend": job.blend,
            }
        case Age():
            return "/api/v1/adjust-face", {
                "source_path": job.source_path,
                "face_editor_age": job.age,
                "face_editor_blend": job.blend,
            }
        case Swap():
            return "/api/v1/swap-face", {
                "source_face_path": job.source_face_path,
                "target_image_path": job.target_image_path,
                "face_swapper_model": job.model,
            }
