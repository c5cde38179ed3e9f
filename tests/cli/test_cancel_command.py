"""`cancel`: it never says cancelled when it was too late."""

import json

import pytest

from tests.cli.operating import Operator
from tests.fakes.recovery_documents import CHANGE, change, ended

CANCEL = ("cancel", CHANGE)


def test_a_change_that_was_not_begun_is_cancelled(operator: Operator) -> None:
    operator.desk.course = [change(state="draining")]

    said = operator.says(*CANCEL)

    assert (said.code, said.err) == (0, "")
    assert said.out == "restart of studio: cancelled; nothing was done\n"


@pytest.mark.parametrize("state", ["intent", "sent", "verifying", "unknown"])
def test_what_was_begun_goes_on_and_that_is_said(
    operator: Operator, state: str
) -> None:
    operator.desk.course = [change(state=state)]
    operator.desk.too_late = True

    said = operator.says(*CANCEL)

    assert said.code == 1
    assert said.out == (
        f"restart of studio: not cancelled; it was too late: it is {state}"
        " and goes on to its outcome. Follow it with"
        f" `facefusion-monitor changes {CHANGE} --follow`\n"
    )


def test_what_has_ended_is_not_called_cancelled(operator: Operator) -> None:
    operator.desk.course = [ended("failed")]

    said = operator.says(*CANCEL)

    assert said.code == 1
    assert said.out == (
        "restart of studio: not cancelled; it had ended before: failed\n"
    )


def test_json_is_the_document_of_the_wire(operator: Operator) -> None:
    operator.desk.course = [change(state="sent")]
    operator.desk.too_late = True

    said = operator.says(*CANCEL, "--format", "json")

    assert said.code == 1
    assert json.loads(said.out)["state"] == "sent"


def test_an_unknown_change_is_bad_usage(operator: Operator) -> None:
    said = operator.says("cancel", "c9")

    assert said.code == 64
    assert said.err == (
        f"cannot find change 'c9': the daemon at {operator.url} has none of"
        " that id; `facefusion-monitor changes` lists them\n"
    )


def test_what_is_no_id_is_not_sent(operator: Operator) -> None:
    said = operator.says("cancel", "c1 && reboot")

    assert said.code == 64
    assert said.err.startswith("cannot use CHANGE: 'c1 && reboot' is not an")
    assert operator.desk.asked == []
