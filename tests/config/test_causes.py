"""What automation may name is what a diagnosis can be."""

from typing import get_args

from monitor.config.sections.causes import Cause
from monitor.domain.diagnosis.cause import DEPTH


def test_the_causes_of_settings_are_those_of_the_table_in_its_order() -> None:
    assert get_args(Cause) == DEPTH
