"""Who asks, and who else could approve it."""

import pytest

from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Trigger
from monitor.web.auth import Tokens
from monitor.web.principals import others_who_approve
from tests.web.api_house import token

ANN = Principal(name="oncall-ann", person="ann")
ROBOT = Principal(name="alertmanager", trigger=Trigger.AUTOMATION)
ANNS = token("oncall-ann", "operate", "approve", person="ann")
ANNS_OTHER = token("ann-phone", "approve", person="ann")
BOBS = token("bob", "approve", person="bob")
BOBS_OTHER = token("bob-phone", "approve", person="bob")
CAROLS = token("carol", "operate", person="carol")
NOBODYS = token("nobody", "approve")


@pytest.mark.parametrize(
    ("by", "tokens", "count"),
    [
        (ANN, (), 0),
        (ANN, (ANNS,), 0),
        (ANN, (ANNS, ANNS_OTHER), 0),
        (ANN, (ANNS, BOBS), 1),
        (ANN, (ANNS, BOBS, BOBS_OTHER), 1),
        (ANN, (ANNS, CAROLS), 0),
        (ANN, (ANNS, NOBODYS), 0),
        (ROBOT, (ANNS, BOBS), 2),
    ],
)
def test_other_people_who_approve_are_counted_once_each(
    by: Principal, tokens: tuple[object, ...], count: int
) -> None:
    assert others_who_approve(tokens, by) == count  # type: ignore[arg-type] # all are tokens


def test_after_a_reload_others_may_approve() -> None:
    tokens = Tokens((ANNS,))
    tokens.replace((ANNS, BOBS))

    assert others_who_approve(tokens, ANN) == 1
