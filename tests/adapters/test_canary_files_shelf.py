import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.canary_files.shelf import MemoryShelf
from monitor.domain.errors import CannotTouch
from tests.fakes.clock import FakeClock


def test_an_image_is_served_until_it_is_removed() -> None:
    shelf = MemoryShelf(FakeClock())
    shelf.put("a.jpg", b"image")

    served = shelf.get("a.jpg")
    shelf.remove("a.jpg")

    assert served == b"image"
    assert shelf.get("a.jpg") is None


def test_an_unknown_name_is_no_error() -> None:
    shelf = MemoryShelf(FakeClock())

    shelf.remove("never.jpg")

    assert shelf.get("never.jpg") is None


def test_a_forgotten_image_expires() -> None:
    clock = FakeClock()
    shelf = MemoryShelf(clock, lifetime=60)
    shelf.put("a.jpg", b"image")

    clock.pass_time(59.9)
    before = shelf.get("a.jpg")
    clock.pass_time(0.1)

    assert before == b"image"
    assert shelf.get("a.jpg") is None


def test_a_full_shelf_refuses_and_keeps_what_is_in_use() -> None:
    shelf = MemoryShelf(FakeClock(), most=2)
    shelf.put("a.jpg", b"a")
    shelf.put("b.jpg", b"b")

    with pytest.raises(CannotTouch, match="cannot serve another"):
        shelf.put("c.jpg", b"c")

    assert shelf.get("a.jpg") == b"a"
    assert shelf.get("c.jpg") is None


def test_a_shelf_is_full_by_bytes_too() -> None:
    shelf = MemoryShelf(FakeClock(), most_bytes=10)
    shelf.put("a.jpg", bytes(6))

    with pytest.raises(CannotTouch, match="1 with 6 bytes"):
        shelf.put("b.jpg", bytes(5))
    shelf.put("c.jpg", bytes(4))

    assert shelf.get("c.jpg") == bytes(4)


def test_expired_images_make_room() -> None:
    clock = FakeClock()
    shelf = MemoryShelf(clock, lifetime=60, most=1)
    shelf.put("a.jpg", b"a")

    clock.pass_time(60)
    shelf.put("b.jpg", b"b")

    assert shelf.get("b.jpg") == b"b"


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdef"),
            st.integers(0, 5),
            st.sampled_from(["put", "remove", "wait"]),
        ),
        max_size=60,
    )
)
def test_a_shelf_never_holds_more_than_it_may(
    steps: list[tuple[str, int, str]],
) -> None:
    clock = FakeClock()
    shelf = MemoryShelf(clock, lifetime=10, most=3, most_bytes=8)
    for name, size, step in steps:
        if step == "remove":
            shelf.remove(name)
        elif step == "wait":
            clock.pass_time(size)
        else:
            try:
                shelf.put(name, bytes(size))
            except CannotTouch:
                continue

        held = [shelf.get(known) for known in "abcdef"]
        images = [image for image in held if image is not None]
        assert len(images) <= 3
        assert sum(map(len, images)) <= 8
