"""The StoryCanvas backend: its legacy API and its v1, and jobs through both.

The paths and parameters are those of facts/facefusion.md §5.1 and the guide:
legacy takes query parameters, and a JSON array for a batch; v1 takes JSON.
Neither has authentication.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from monitor.adapters.facefusion import storycanvas_words as words
from monitor.adapters.http.client import HttpClient
from monitor.domain.answer import Answer
from monitor.domain.backend import APIS, is_certain, speaks
from monitor.domain.canary.job import Batch, Job, check
from monitor.domain.errors import CannotReach, InvalidJob
from monitor.domain.storycanvas import job_answer

STATUS_LIMIT = 256 * 1024
"""Bytes of a status: real ones have under 1 kB."""
JOB_LIMIT = 1024 * 1024
"""Bytes of a job's answer, which holds addresses and no image."""
_ROOTS = {"v1": "/api/v1/facefusion", "legacy": "/api/facefusion"}
_SHORTEST = 0.01
"""Seconds that a second question gets at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """What the backend is told and asked.

    `facefusion_url` is the server it shall look at, empty for its own
    default. `api` is v1, legacy or auto; `character_id` one of its
    characters, which legacy jobs need.
    """

    facefusion_url: str = ""
    api: str = "auto"
    character_id: str = ""


class StoryCanvas:
    """The backend at `base_url`: `ports.Backend` and `ports.FaceFusion`.

    With `auto`, the API that last answered as such is asked first; as soon
    as it does not, the other one is tried. `api` says which one answered.
    """

    dialect = "storycanvas"

    def __init__(
        self, base_url: str, http: HttpClient, vantage: Vantage | None = None
    ) -> None:
        self._base = base_url.rstrip("/")
        self._http = http
        self._vantage = vantage or Vantage()
        self._fixed = self._vantage.api != "auto"
        self._sure = self._fixed
        self.api = self._vantage.api if self._fixed else APIS[0]

    async def status(self, *, within: float) -> Answer:
        """Ask the backend what it thinks of the server."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + within
        answer = await self._status(self.api, within)
        if not speaks(self.api, answer):
            left = max(_SHORTEST, ends - loop.time())
            answer = await self._other(left) or answer
        self._sure = self._fixed or is_certain(self.api, answer)
        return answer

    async def run(self, job: Job, *, within: float) -> Answer:
        """Run one job; its output is named as in the guide's API.

        Raises `InvalidJob` before anything is sent, also for what the
        legacy API cannot say.
        """
        check(job)
        loop = asyncio.get_running_loop()
        ends = loop.time() + within
        if not self._sure:
            await self.status(within=within)
        left = max(_SHORTEST, ends - loop.time())
        if self.api == "legacy":
            return job_answer(await self._run_legacy(job, left))
        path, parameters = words.v1(job)
        url = self._url("v1", path, {})
        answer = await self._post(url, self._known() | parameters, left)
        return job_answer(answer)

    async def batch(self, job: Batch, *, within: float) -> Answer:
        """Run several operations in one request, by the legacy API.

        The batch of v1 sends its operations to paths that no server has
        (facts/facefusion.md §5.1).
        """
        operations = [words.operation(one, job) for one in job.operations]
        query = self._known() | {"character_id": job.character_id}
        url = self._url("legacy", "batch-process", query)
        return await self._post(url, operations, within)

    async def _other(self, within: float) -> Answer | None:
        """Ask the other API; from now on that one, if it answers."""
        if self._fixed:
            return None
        other = next(api for api in APIS if api != self.api)
        with contextlib.suppress(CannotReach):
            answer = await self._status(other, within)
            if speaks(other, answer):
                self.api = other
                return answer
        return None

    async def _status(self, api: str, within: float) -> Answer:
        asked = self._vantage.facefusion_url
        query = {"facefusion_url": asked} if asked else {}
        url = self._url(api, "status", query)
        return await self._http.get(url, within=within, limit=STATUS_LIMIT)

    async def _run_legacy(self, job: Job, within: float) -> Answer:
        if not self._vantage.character_id:
            raise InvalidJob(
                "cannot run this job: the backend's legacy API needs one of"
                " its characters; set backend.character_id"
            )
        path, parameters = words.legacy(job)
        url = self._url("legacy", path, self._known() | parameters)
        return await self._post(url, None, within)

    def _known(self) -> dict[str, object]:
        """Return what every job is told: the character and the server."""
        told = {
            "character_id": self._vantage.character_id,
            "facefusion_url": self._vantage.facefusion_url,
        }
        return {name: value for name, value in told.items() if value}

    async def _post(
        self,
        url: str,
        json: Mapping[str, object] | Sequence[object] | None,
        within: float,
    ) -> Answer:
        return await self._http.send(
            "POST", url, json=json, within=within, limit=JOB_LIMIT
        )

    def _url(self, api: str, path: str, query: Mapping[str, object]) -> str:
        url = f"{self._base}{_ROOTS[api]}/{path}"
        if not query:
            return url
        return f"{url}?{urlencode(query, safe='', quote_via=quote)}"
