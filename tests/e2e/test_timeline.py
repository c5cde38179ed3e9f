"""The timeline is measured as it says, at a pace that a test can wait for."""

from pathlib import Path

import pytest

from tests.bench.fault_town import Scene
from tests.bench.fault_watch import OURS, THEIRS
from tests.conftest import component
from tests.e2e.test_pages import KEPT, KEPT_HERE
from tests.e2e.timeline import print_story, told
from tests.servers import alertmanager
from tests.servers.prometheus import RULES

FAULTS = ("process_killed", "gpu_lost")
WINDOW, HEALS_WITHIN = 30.0, 60.0


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_each_fault_is_paged_once_named_and_resolved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A probe alone sees one of the two, and names neither."""
    for program in ("prometheus", "prometheus-blackbox-exporter"):
        component(program)
    component(alertmanager.PROGRAM)
    rules = tmp_path / "rules.yml"
    rules.write_text(RULES.read_text().replace(KEPT, KEPT_HERE))
    scene = Scene(
        names=FAULTS, every="2s", canaries="15s", failed_for="10s", rules=rules
    )

    story = await told(scene, tmp_path, WINDOW, HEALS_WITHIN)
    print_story(story)
    ours = story.lines[OURS]
    theirs = story.lines[THEIRS]["process_killed"]

    assert story.is_over(), story
    assert {name: line.causes for name, line in ours.items()} == {
        "process_killed": ["process_down"],
        "gpu_lost": ["gpu_lost"],
    }
    assert [len(line.pages) for line in ours.values()] == [1, 1]
    assert (len(theirs.pages), theirs.causes) == (1, [])
    assert story.lines[THEIRS]["gpu_lost"].pages == set()
    first, second = ours["process_killed"].paged, theirs.paged
    assert first is not None
    assert second is not None
    assert first < second
    assert "2 of 2 paged" in capsys.readouterr().out
