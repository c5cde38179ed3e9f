import pytest

from monitor.adapters.canary_files.path import PathFiles
from monitor.domain.errors import CannotTouch

PATHS = ("/data/source.jpg", "/data/target.jpg")


async def test_the_configured_paths_are_used_in_order() -> None:
    placed = await PathFiles(PATHS).place([b"a", b"b"], within=1)

    assert placed.locations == PATHS


async def test_a_wrong_number_of_paths_is_refused() -> None:
    with pytest.raises(CannotTouch, match="cannot use 2 configured paths"):
        await PathFiles(PATHS).place([b"a"], within=1)


async def test_no_output_can_be_fetched() -> None:
    files = PathFiles(PATHS)
    placed = await files.place([b"a", b"b"], within=1)

    with pytest.raises(CannotTouch, match=r"cannot fetch '/out\.png'"):
        await files.fetch(placed, "/out.png", within=1)


async def test_cleaning_touches_nothing() -> None:
    files = PathFiles(PATHS)
    placed = await files.place([b"a", b"b"], within=1)

    await files.clean(placed, "/out.png", within=1)

    assert (await files.place([b"a", b"b"], within=1)) == placed
