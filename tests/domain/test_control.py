"""Whether it is us."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.control import judge_control
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health


def error(reason: str) -> CannotReach:
    return CannotReach("cannot reach it", reason=reason)


def test_one_answer_is_enough() -> None:
    verdict = judge_control({"a:53": error("timeout"), "b:53": 0.001})

    assert (verdict.health, verdict.reason) == (Health.HEALTHY, "")
    assert verdict.because == "1 of 2 control addresses answer"


def test_a_refusal_is_an_answer() -> None:
    assert judge_control({"a:53": error("refused")}).health is Health.HEALTHY


def test_all_silent_means_that_we_are_blind() -> None:
    verdict = judge_control({"a:53": error("timeout"), "b:1": error("failed")})

    assert (verdict.health, verdict.reason) == (Health.UNHEALTHY, "blind")
    assert "(a:53: timeout; b:1: failed)" in verdict.because


REASONS = ["refused", "reset", "timeout", "unreachable", "resolve", "failed"]


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.floats(min_value=0, max_value=9)
        | st.sampled_from(REASONS).map(error),
        min_size=1,
    )
)
def test_we_are_blind_exactly_when_nobody_answers(
    tried: dict[str, float | CannotReach],
) -> None:
    answered = any(
        isinstance(one, float) or one.reason in {"refused", "reset"}
        for one in tried.values()
    )

    verdict = judge_control(tried)

    assert (verdict.health is Health.HEALTHY) == answered
    assert verdict.because
