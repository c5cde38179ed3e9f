"""`/docs`: the API described from our own files."""

import re
from importlib.resources import files

import pytest

from tests.web.api_house import ApiHouse

PARTS = ("swagger-ui-bundle.js", "swagger-ui.css", "docs.js", "docs.css")


async def test_the_page_fetches_nothing_from_elsewhere() -> None:
    async with ApiHouse().client() as client:
        page = await client.get("/docs")

    named = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert set(named) - {"data:,", "/openapi.json"} == {
        f"/docs/{part}" for part in PARTS
    }
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy


@pytest.mark.parametrize("part", [*PARTS, "LICENSE", "NOTICE"])
async def test_every_part_of_the_page_is_served(part: str) -> None:
    async with ApiHouse().client() as client:
        answer = await client.get(f"/docs/{part}")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/")


@pytest.mark.parametrize(
    "name", ["..%2fapp.py", "README.md", "docs.html", "%2e%2e", "nothing"]
)
async def test_no_other_file_is_served(name: str) -> None:
    async with ApiHouse().client() as client:
        answer = await client.get(f"/docs/{name}")

    assert answer.status_code == 404


def test_the_vendored_files_come_with_their_licences() -> None:
    folder = files("monitor.web") / "static" / "swagger-ui"

    assert "Apache License" in (folder / "LICENSE").read_text()
    assert (folder / "swagger-ui-bundle.js.LICENSE.txt").is_file()


async def test_every_route_declares_its_errors_as_problem_documents() -> None:
    async with ApiHouse().client() as client:
        said = (await client.get("/openapi.json")).json()

    for path, operations in said["paths"].items():
        if path.startswith("/-/") and path != "/-/reload":
            continue  # open, and plain text
        for operation in operations.values():
            assert operation["security"] == [{"bearer": []}], path
            assert {"401", "403", "500"} <= operation["responses"].keys()
    assert "HTTPValidationError" not in str(said)
    assert said["components"]["securitySchemes"]["bearer"]["type"] == "http"


async def test_every_field_of_the_wire_format_is_described() -> None:
    async with ApiHouse().client() as client:
        said = (await client.get("/openapi.json")).json()

    bare = [
        f"{name}.{field}"
        for name, schema in said["components"]["schemas"].items()
        for field, about in schema.get("properties", {}).items()
        if "description" not in about
        and "$ref" not in about
        and "$ref" not in str(about.get("items", ""))
    ]
    assert set(bare) <= REFERENCES


REFERENCES = {
    "Check.last",
    "Target.maintenance",
}
