"""What the backend answers to a batch: an output for each part, or why not.

The guide's contract: 200 and a JSON object whose `results` has one entry an
operation, each with `success` and `result_url`, or with `error`.

A batch goes through the backend, and what fails there may be the backend's
fault. So a failed one is degraded at most: whether the server is unhealthy is
what its own canaries say, without anybody between. An output that was seen
and is bad is the server's all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus

from monitor.domain.answer import Answer
from monitor.domain.canary import answer as single
from monitor.domain.canary import paths, verdict
from monitor.domain.canary.job import Age, Batch, Enhance
from monitor.domain.canary.plan import CanaryPlan, Part
from monitor.domain.canary.reading import Operation
from monitor.domain.canary.verdict import Verdict
from monitor.domain.errors import InvalidJob, Unreadable
from monitor.domain.health import Health
from monitor.domain.quote import quote


def job_for(plan: CanaryPlan, *, character_id: str, image_url: str) -> Batch:
    """Return a plan's parts as one job. Raises `InvalidJob`."""
    return Batch(
        character_id=character_id,
        image_url=image_url,
        operations=tuple(_operation(one, image_url) for one in plan.parts),
    )


def read(answered: Answer, parts: Sequence[Part]) -> tuple[str, ...] | Verdict:
    """Return where each part's output is, or the verdict on the batch."""
    read_or_failed = _read(answered, parts)
    if isinstance(read_or_failed, Verdict):
        return through_backend(read_or_failed)
    return read_or_failed


def through_backend(reached: Verdict) -> Verdict:
    """Return the verdict, not worse than degraded."""
    if reached.health is Health.UNHEALTHY:
        return replace(reached, health=Health.DEGRADED)
    return reached


def _operation(part: Part, image_url: str) -> Enhance | Age:
    match part.operation:
        case Operation.ENHANCE:
            return Enhance(source_path=image_url, model=part.model)
        case Operation.AGE:
            return Age(source_path=image_url, age=part.target_age)
        case other:
            raise InvalidJob(f"cannot run {other.value} as part of a batch")


def _read(
    answered: Answer, parts: Sequence[Part]
) -> tuple[str, ...] | Verdict:
    if answered.code == HTTPStatus.SERVICE_UNAVAILABLE:
        return verdict.failed(
            "server_offline",
            "the backend answered 503: it says that the server is offline",
        )
    if answered.code != HTTPStatus.OK or len(answered.body) > single.LARGEST:
        refused = single.read(answered)
        return refused if isinstance(refused, Verdict) else _bad("no results")
    results = _results(answered)
    if isinstance(results, str):
        return _bad(results)
    if len(results) != len(parts):
        return _bad(f"{len(results)} results for {len(parts)} operations")
    return _outputs(results, parts)


def _results(answered: Answer) -> list[object] | str:
    """Return the list of results, or what is there instead."""
    try:
        said = answered.json()
    except Unreadable as error:
        return f"no JSON: we {error}"
    results = said.get("results") if isinstance(said, Mapping) else None
    return results if isinstance(results, list) else "no list of results"


def _outputs(
    results: Sequence[object], parts: Sequence[Part]
) -> tuple[str, ...] | Verdict:
    outputs: list[str] = []
    flaws: list[str] = []
    for result, part in zip(results, parts, strict=True):
        fields = result if isinstance(result, Mapping) else {}
        url = fields.get("result_url")
        if fields.get("success") is not True:
            flaws.append(f"{_title(part)}{_error(fields)}")
        elif not isinstance(url, str) or paths.flaw(url):
            flaws.append(f"{_title(part)} without a result_url")
        else:
            outputs.append(url)
    if not flaws:
        return tuple(outputs)
    return verdict.failed(
        "processing_failed",
        f"{len(flaws)} of {len(parts)} operations failed: {'; '.join(flaws)}",
    )


def _title(part: Part) -> str:
    detail = part.model
    if part.operation is Operation.AGE:
        detail = str(part.target_age)
    return f"{part.operation.value} {detail}"


def _error(fields: Mapping[str, object]) -> str:
    said = fields.get("error")
    return f' ("{quote(said)}")' if isinstance(said, str) and said else ""


def _bad(what: str) -> Verdict:
    return verdict.failed("bad_body", f"answered 200 with {what}")
