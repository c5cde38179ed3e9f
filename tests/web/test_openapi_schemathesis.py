"""What the OpenAPI promises, tried with requests that nobody thought of."""

from typing import Any

import pytest
import schemathesis
from hypothesis import settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import negative_data_rejection

from monitor.web.limits import Rate, Rates
from tests.fakes.recovery import FakeRecovery
from tests.web.api_house import EVERYBODY, GPU, ApiHouse, bearer

_ALWAYS = Rate(per_second=1e6, burst=1e9)
WHO = bearer("everybody")


def house() -> ApiHouse:
    """Return a house whose event streams end at once."""
    made = ApiHouse(
        *EVERYBODY,
        recovery=FakeRecovery,
        rates=Rates(
            reads=_ALWAYS, writes=_ALWAYS, failures=_ALWAYS, looks=_ALWAYS
        ),
    )
    made.see()
    made.see(GPU, reading=None)
    made.hub.close()
    return made


HOUSE = house()
SCHEMA = schemathesis.openapi.from_asgi(
    "/openapi.json", HOUSE.app, headers=WHO
)


def hold_to_it(case: Case[Any]) -> None:
    """Send a case; keys of other cases are no conflict of this one."""
    HOUSE.store.answers.clear()
    unseen = any(map(_is_no_word, (case.query or {}).values()))
    case.call_and_validate(
        headers=WHO,
        excluded_checks=[negative_data_rejection] if unseen else [],
    )
    assert not HOUSE.broken


def _is_no_word(value: object) -> bool:
    """Tell a list or an object: `[1]` is sent as `1`, and `[]` not at all."""
    return value is None or isinstance(value, list | dict)


@SCHEMA.parametrize()
@settings(max_examples=15, deadline=None)
def test_the_api_does_what_its_openapi_says(case: Case[Any]) -> None:
    hold_to_it(case)


@pytest.mark.slow
@pytest.mark.timeout(600)
@SCHEMA.parametrize()
@settings(max_examples=400, deadline=None)
def test_the_api_does_what_its_openapi_says_at_length(case: Case[Any]) -> None:
    hold_to_it(case)
