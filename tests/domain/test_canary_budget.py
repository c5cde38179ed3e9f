"""What canaries may take of a GPU's time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.canary.budget import (
    Gpus,
    Share,
    Spent,
    over,
    share_gpus,
    together,
)

STUDIO = Share(target="studio", host="gpu1", budget=0.05)
gpus = st.lists(
    st.integers(0, 3) | st.sampled_from(["GPU-a", "GPU-b"]), max_size=3
).map(tuple)
shares = st.builds(
    Share,
    target=st.sampled_from("abc"),
    host=st.sampled_from(["", "gpu1", "gpu2"]),
    gpus=gpus,
)


def test_five_percent_are_three_minutes_an_hour() -> None:
    assert over(STUDIO, Spent(own=179.9)) == ""
    assert over(STUDIO, Spent(own=180.0)) == (
        "canaries took 180 s of the GPU's last hour, its budget of 0.05 is"
        " 180 s"
    )


def test_servers_on_one_gpu_share_its_time() -> None:
    crowded = Spent(own=90.0, others=90.0, servers=2)

    assert over(STUDIO, crowded) == (
        "canaries of 2 servers on the same GPU took 180 s of its last hour,"
        " the budget of 0.05 is 180 s"
    )


def test_a_server_that_used_less_than_its_part_may_go_on() -> None:
    assert over(STUDIO, Spent(own=89.9, others=500.0, servers=2)) == ""


def test_while_there_is_time_left_nobody_counts_parts() -> None:
    assert over(STUDIO, Spent(own=100.0, others=79.0, servers=2)) == ""


@pytest.mark.parametrize(
    ("mine", "theirs", "shared"),
    [
        ((), (), True),
        ((), (1,), True),
        ((0,), (), True),
        ((0,), (1,), False),
        ((0, 1), (1, 2), True),
        (("GPU-a",), ("GPU-b",), False),
        (("GPU-a",), ("GPU-a",), True),
        ((0,), ("GPU-a",), True),
    ],
)
def test_servers_of_one_host_share_what_both_use(
    *, mine: Gpus, theirs: Gpus, shared: bool
) -> None:
    one = Share(target="a", host="gpu1", gpus=mine)
    other = Share(target="b", host="gpu1", gpus=theirs)

    assert share_gpus(one, other) is shared


def test_servers_on_no_host_share_nothing() -> None:
    one, other = Share(target="a"), Share(target="b")

    assert not share_gpus(one, other)
    assert together(one, [one, other]) == (one,)


def test_servers_of_two_hosts_share_nothing() -> None:
    one = Share(target="a", host="gpu1")
    other = Share(target="b", host="gpu2")

    assert not share_gpus(one, other)


@given(shares, shares)
def test_sharing_is_mutual(one: Share, other: Share) -> None:
    assert share_gpus(one, other) == share_gpus(other, one)
    assert share_gpus(one, one)
