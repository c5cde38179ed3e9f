"""A history is read backwards, page by page, to its very beginning."""

from pathlib import Path

from monitor.domain.observation import Kind
from tests.adapters.store_desk import opened, turned


async def test_each_page_goes_on_where_the_last_one_ended(
    tmp_path: Path,
) -> None:
    pages: list[list[float]] = []
    before: int | None = None
    with opened(tmp_path / "state.db") as store:
        for at in range(5):
            await store.remember(turned(at))

        for _ in range(4):
            page = await store.history(
                Kind.TARGET, "studio", since=0, limit=2, before=before
            )
            pages.append([moment.at for moment in page])
            before = page[-1].id if page else before

    assert pages == [[4, 3], [2, 1], [0], []]
