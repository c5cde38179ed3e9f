"""A token that nobody could go beyond is refused: it would lock all out."""

import pytest

from monitor.gate.act_asked import read_act
from monitor.gate.protocol import Refused


def asked(token: object) -> dict[str, object]:
    return {
        "do": "prepare",
        "service": "studio",
        "change": "c1",
        "token": token,
    }


@pytest.mark.parametrize("token", [1, 7, 2**53 - 1])
def test_tokens_as_the_journal_gives_them_out_are_read(token: int) -> None:
    assert read_act(asked(token)).token == token


@pytest.mark.parametrize("token", [2**53, 2**60, 0, -1, True, "7", None, 7.0])
def test_others_are_refused(token: object) -> None:
    with pytest.raises(Refused) as refused:
        read_act(asked(token))

    assert refused.value.reason == "bad_request"
