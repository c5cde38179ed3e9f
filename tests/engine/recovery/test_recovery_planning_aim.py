"""What is other than planned, and what a capture tells, in words."""

from dataclasses import replace

import pytest

from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action
from monitor.engine.recovery.planning_aim import differences
from monitor.engine.recovery.proving_before import Before, before_of

AIM = Aim(
    action=Action.REBOOT,
    target="studio",
    url="http://studio:9002",
    host="gpu1",
    manager="systemd",
    unit="facefusion.service",
    directory="/srv/facefusion",
    port=9002,
    boot_id="a-boot",
    processes=(),
    steps=(),
)


def test_other_cards_are_told() -> None:
    aim = replace(AIM, cards=("GPU-0",))

    found = list(differences(aim, replace(aim, cards=("GPU-1",))))

    assert found == ["the GPUs that it uses are others now"]


def test_bystanders_that_came_and_went_are_told_by_name() -> None:
    aim = replace(AIM, bystanders=("annex", "ann is logged in"))
    now = replace(aim, bystanders=("annex", "bob is logged in"))

    found = list(differences(aim, now))

    assert found == ["new: bob is logged in", "no more: ann is logged in"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "1",
        '{"gpu": {}}',
        '{"gpu": []}',
        '{"machine": {}}',
        '{"machine": 1}',
        '{"gpu": {"at": "x", "cards": [], "uses": []}}',
        '{"gpu": {"at": 1, "cards": [{"size": 1}], "uses": []}}',
        '{"gpu": {"at": 1, "cards": [], "uses": [{"whose": "x"}]}}',
    ],
)
def test_a_capture_that_is_none_of_ours_tells_nothing(text: str) -> None:
    assert before_of(text) == Before()


def test_a_capture_tells_how_many_cards_there_were() -> None:
    assert before_of('{"machine": {"gpus": 2}}') == Before(gpus=2)
