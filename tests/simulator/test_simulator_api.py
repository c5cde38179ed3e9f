"""The guide's API, as a client of the rest dialect sees it."""

from pathlib import Path

import httpx
import pytest

from monitor.adapters.images import compare
from monitor.domain.canary.image import Box, flaw
from monitor.domain.canary.reading import Operation
from monitor.simulator.host import SimulatedHost
from tests.simulator.visitor import (
    ASTRONAUT,
    HOPPER,
    NO_TLS,
    Visitor,
    output,
    portrait,
    put,
)

FACES = {
    ASTRONAUT: Box(x=178, y=67, width=92, height=92),
    HOPPER: Box(x=152, y=102, width=228, height=228),
}


def _flaw(
    name: str, answer: httpx.Response, operation: Operation, blend: float = 1.0
) -> object:
    seen = compare(portrait(name), output(answer), FACES[name])
    return flaw(seen, operation=operation, blend=blend)


async def test_the_status_says_that_it_is_online(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    answer = await visitor.status(studio)

    assert answer.status_code == 200
    assert answer.json()["status"] == "online"
    assert answer.json()["version"].startswith("simulator-")
    assert answer.json()["queue_size"] == 0


@pytest.mark.parametrize("name", [ASTRONAUT, HOPPER])
@pytest.mark.parametrize(
    "model", ["gfpgan_1.4", "codeformer", "restoreformer_plus_plus"]
)
async def test_an_enhanced_face_passes_the_monitors_own_check(
    studio: SimulatedHost, visitor: Visitor, name: str, model: str
) -> None:
    answer = await visitor.post(
        studio,
        "enhance-face",
        source_path=put(studio, name),
        face_enhancer_model=model,
        face_enhancer_blend=1.0,
    )

    assert answer.status_code == 200
    assert _flaw(name, answer, Operation.ENHANCE) is None


@pytest.mark.parametrize("name", [ASTRONAUT, HOPPER])
@pytest.mark.parametrize("age", [0, 25, 45, 100])
async def test_an_aged_face_passes_the_monitors_own_check(
    studio: SimulatedHost, visitor: Visitor, name: str, age: int
) -> None:
    answer = await visitor.post(
        studio,
        "adjust-face",
        source_path=put(studio, name),
        face_editor_age=age,
        face_editor_blend=1.0,
    )

    assert answer.status_code == 200
    assert _flaw(name, answer, Operation.AGE) is None


@pytest.mark.parametrize(
    ("source", "target"), [(ASTRONAUT, HOPPER), (HOPPER, ASTRONAUT)]
)
async def test_a_swapped_face_passes_the_monitors_own_check(
    studio: SimulatedHost, visitor: Visitor, source: str, target: str
) -> None:
    answer = await visitor.post(
        studio,
        "swap-face",
        source_face_path=put(studio, source),
        target_image_path=put(studio, target),
        face_swapper_model="inswapper_128",
    )

    assert answer.status_code == 200
    assert _flaw(target, answer, Operation.SWAP) is None


async def test_a_swap_is_no_enhancement(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    answer = await visitor.post(
        studio,
        "swap-face",
        source_face_path=put(studio, HOPPER),
        target_image_path=put(studio, ASTRONAUT),
    )

    assert _flaw(ASTRONAUT, answer, Operation.ENHANCE) is not None


async def test_half_a_blend_changes_half_as_much(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    differences = []
    for blend in (1.0, 0.5, 0.0):
        answer = await visitor.post(
            studio,
            "enhance-face",
            source_path=put(studio, HOPPER),
            face_enhancer_blend=blend,
        )
        seen = compare(portrait(HOPPER), output(answer), FACES[HOPPER])
        differences.append(seen.face_difference)

    assert differences[1] == pytest.approx(differences[0] / 2, rel=0.1)
    assert differences[2] == 0


async def test_the_output_lies_beside_the_input_under_a_new_name(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    first = await visitor.enhance(studio)
    second = await visitor.enhance(studio)

    paths = {Path(one.json()["output_path"]) for one in (first, second)}
    assert len(paths) == 2
    assert {path.parent for path in paths} == {studio.canary_directory}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("enhance-face", {"face_enhancer_model": "gpen_bfr_512"}),
        ("enhance-face", {"face_enhancer_blend": 1.01}),
        ("enhance-face", {"face_enhancer_blend": -0.01}),
        ("enhance-face", {"face_enhancer_blend": "1.0"}),
        ("enhance-face", {"enhancement_model": "gfpgan_1.4"}),
        ("enhance-face", {"source_path": ""}),
        ("enhance-face", {"source_path": None}),
        ("adjust-face", {"face_editor_age": 101}),
        ("adjust-face", {"face_editor_age": -1}),
        ("adjust-face", {"face_editor_age": 44.5}),
        ("adjust-face", {"face_editor_blend": 2}),
        ("swap-face", {"face_swapper_model": "hyperswap_1a_256"}),
    ],
)
async def test_a_parameter_outside_the_guides_ranges_is_refused(
    studio: SimulatedHost,
    visitor: Visitor,
    path: str,
    body: dict[str, object],
) -> None:
    image = put(studio, ASTRONAUT)
    needed = (
        {"source_face_path": image, "target_image_path": image}
        if path == "swap-face"
        else {"source_path": image}
    )

    answer = await visitor.post(studio, path, **{**needed, **body})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "location",
    ["missing.jpg", "", ".", "../../keys/visitor", "/etc/hostname", "a\0b"],
)
async def test_what_is_no_file_of_the_host_is_not_found(
    studio: SimulatedHost, visitor: Visitor, location: str
) -> None:
    path = str(studio.canary_directory / location)

    answer = await visitor.post(studio, "enhance-face", source_path=path)

    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("cannot find the image")


async def test_a_link_that_leads_outside_is_not_found(
    studio: SimulatedHost, visitor: Visitor, outside: Path
) -> None:
    link = studio.canary_directory / "link.jpg"
    link.symlink_to(outside)

    answer = await visitor.post(studio, "enhance-face", source_path=str(link))

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "data", [b"", b"no image", portrait(ASTRONAUT)[:5000]]
)
async def test_what_is_no_image_is_a_bad_request(
    studio: SimulatedHost, visitor: Visitor, data: bytes
) -> None:
    path = studio.canary_directory / "broken.jpg"
    path.write_bytes(data)
    jobs = studio.jobs

    answer = await visitor.post(studio, "enhance-face", source_path=str(path))

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("cannot read the image")
    assert studio.jobs == jobs


async def test_a_body_that_is_too_large_is_refused(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    answer = await visitor.post(
        studio, "enhance-face", source_path="/" + "x" * 100_000
    )

    assert answer.status_code == 413


async def test_an_unknown_path_is_not_found(studio: SimulatedHost) -> None:
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        answer = await http.get(f"{studio.url}/api/v1/nothing")

    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not Found"}
