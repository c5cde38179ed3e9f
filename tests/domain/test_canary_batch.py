"""What the backend answers to a batch."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.answer import Answer
from monitor.domain.canary import batch
from monitor.domain.canary.job import Age, Batch, Enhance
from monitor.domain.canary.plan import CanaryPlan, Part
from monitor.domain.canary.reading import Operation, Result
from monitor.domain.canary.verdict import Verdict, rejected
from monitor.domain.errors import InvalidJob
from monitor.domain.health import Health
from tests.fakes.facefusion import answer

ENHANCE = Part(operation=Operation.ENHANCE, model="gfpgan_1.4")
AGE = Part(operation=Operation.AGE, target_age=50)
PARTS = (ENHANCE, AGE)
PLAN = CanaryPlan(
    canary="batch", operation=Operation.BATCH, timeout=60, parts=PARTS
)
URLS = ("http://sc/uploads/1.png", "http://sc/uploads/2.png")
DONE = [{"success": True, "result_url": url} for url in URLS]
FAILED = {"success": False, "error": "CUDA error"}


def said(*results: object, code: int = 200) -> Answer:
    return answer(json.dumps({"results": results}).encode(), code=code)


def refused(answered: Answer) -> Verdict:
    reached = batch.read(answered, PARTS)
    assert isinstance(reached, Verdict)
    return reached


def test_the_parts_become_one_job_on_one_image() -> None:
    job = batch.job_for(PLAN, character_id="c1", image_url="http://sc/u/f.jpg")

    assert job == Batch(
        character_id="c1",
        image_url="http://sc/u/f.jpg",
        operations=(
            Enhance(source_path="http://sc/u/f.jpg", model="gfpgan_1.4"),
            Age(source_path="http://sc/u/f.jpg", age=50),
        ),
    )


def test_a_swap_is_no_part_of_a_batch() -> None:
    swap = Part(operation=Operation.SWAP, model="inswapper_128")
    plan = CanaryPlan(
        canary="b", operation=Operation.BATCH, timeout=1, parts=(swap,)
    )

    with pytest.raises(InvalidJob, match="cannot run swap as part of a batch"):
        batch.job_for(plan, character_id="c1", image_url="http://sc/f.jpg")


def test_a_batch_that_is_done_names_every_output() -> None:
    assert batch.read(said(*DONE), PARTS) == URLS


def test_a_part_that_failed_is_named_with_its_error() -> None:
    reached = refused(said(DONE[0], FAILED))

    assert (reached.result, reached.reason) == (
        Result.ERROR,
        "processing_failed",
    )
    assert reached.because == (
        '1 of 2 operations failed: age 50 ("CUDA error")'
    )


def test_all_parts_that_failed_are_named() -> None:
    reached = refused(said(FAILED, {"success": False}))

    assert reached.because == (
        '2 of 2 operations failed: enhance gfpgan_1.4 ("CUDA error"); age 50'
    )


@pytest.mark.parametrize("url", [None, "", " ", 7, "http://sc/\x00"])
def test_a_success_without_a_result_is_none(url: object) -> None:
    reached = refused(said(DONE[0], {"success": True, "result_url": url}))

    assert reached.reason == "processing_failed"
    assert reached.because.endswith("age 50 without a result_url")


@pytest.mark.parametrize("success", [None, 1, "true", "yes"])
def test_only_true_is_a_success(success: object) -> None:
    part = {**DONE[0], "success": success}

    assert refused(said(part, DONE[1])).reason == "processing_failed"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>", "answered 200 with no JSON: we "),
        (b"[]", "answered 200 with no list of results"),
        (b"{}", "answered 200 with no list of results"),
        (b'{"results": {}}', "answered 200 with no list of results"),
        (
            b'{"results": [null]}',
            "answered 200 with 1 results for 2 operations",
        ),
    ],
)
def test_a_body_that_is_no_answer_is_bad(body: bytes, words: str) -> None:
    reached = refused(answer(body))

    assert reached.reason == "bad_body"
    assert reached.because.startswith(words)


def test_a_flood_is_no_answer() -> None:
    flood = b'{"output_path": "/x"}' + b" " * (1 << 20)

    assert refused(answer(flood)).reason == "bad_body"


def test_503_says_that_the_server_is_offline() -> None:
    reached = refused(answer(b"", code=503))

    assert reached.reason == "server_offline"


@pytest.mark.parametrize("code", [400, 404, 422])
def test_an_input_that_is_refused_says_nothing_about_the_server(
    code: int,
) -> None:
    reached = refused(answer(b'{"detail": "no such character"}', code=code))

    assert (reached.reason, reached.health) == (
        "input_rejected",
        Health.UNKNOWN,
    )


def test_what_fails_behind_a_backend_is_degraded_at_most() -> None:
    for answered in (said(FAILED, FAILED), answer(b"", code=500)):
        assert refused(answered).health is Health.DEGRADED
    kept = rejected("no such character")
    assert batch.through_backend(kept) is kept


@given(st.binary(max_size=200), st.integers(200, 599))
def test_any_bytes_give_outputs_or_a_verdict(body: bytes, code: int) -> None:
    reached = batch.read(answer(body, code=code), PARTS)

    if isinstance(reached, Verdict):
        assert reached.health in {Health.DEGRADED, Health.UNKNOWN}
        assert reached.because
    else:
        assert len(reached) == len(PARTS)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["success", "result_url", "error", "operation"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(st.lists(json_values, max_size=3))
def test_any_results_give_outputs_or_a_verdict(results: list[object]) -> None:
    reached = batch.read(said(*results), PARTS)

    if not isinstance(reached, Verdict):
        assert len(reached) == len(results) == 2
        assert all(reached)
