"""The file and the lists it follows: what counts when one goes bad."""

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.config import Found, Listed
from monitor.daemon.configuration import Configuration
from monitor.domain.errors import ConfigurationError

GOOD = "- targets: ['10.0.0.2:9002']\n"
OTHER = "- targets: ['10.0.0.3:9002']\n"
URL = "http://inventory.example/"


class Office:
    """A configuration file, and the lists that somebody else keeps."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "facefusion-monitor.yml"
        self.write("targets: [{name: studio, url: http://10.0.0.1:9002}]")
        self.fleet = folder / "fleet"
        self.fleet.mkdir()
        self.configuration = Configuration(None, {}, folder)

    def write(self, text: str) -> None:
        self.file.write_text(f"{text}\ntargets_from: [{{file: fleet/*.yml}}]")

    def put(self, name: str, text: str) -> None:
        (self.fleet / name).write_text(text)

    def reload(self, *fetched: Found) -> tuple[list[str], tuple[str, ...]]:
        written = self.configuration.read()
        found = [*self.configuration.sources(written), *fetched]
        loaded = self.configuration.load(written, found)
        self.configuration.keep(loaded)
        names = [target.name for target in loaded.settings.targets]
        return names, loaded.problems


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def web(text: str) -> Found:
    listed = Listed(name=URL, data=text.encode())
    return Found(source=URL, lists=(listed,))


def test_files_and_answers_add_up(office: Office) -> None:
    office.put("a.yml", GOOD)

    names, problems = office.reload(web(OTHER))

    assert names == ["studio", "10.0.0.2-9002", "10.0.0.3-9002"]
    assert problems == ()


@pytest.mark.parametrize("text", ["- {", "- targets: ['ftp://x']", "", "[]"])
def test_a_list_that_goes_bad_counts_as_it_was(
    office: Office, text: str
) -> None:
    office.put("a.yml", GOOD)
    office.put("b.yml", OTHER)
    office.reload()

    office.put("a.yml", text)
    names, problems = office.reload()

    assert names == ["studio", "10.0.0.2-9002", "10.0.0.3-9002"]
    assert len(problems) == 1
    assert "a.yml" in problems[0]
    assert problems[0].startswith("cannot use")


def test_a_list_that_goes_bad_twice_counts_as_it_last_was_good(
    office: Office,
) -> None:
    office.put("a.yml", GOOD)
    office.reload()
    for text in ("- {", "- targets: 4"):
        office.put("a.yml", text)
        office.reload()

    office.put("a.yml", OTHER)
    names, problems = office.reload()

    assert names == ["studio", "10.0.0.3-9002"]
    assert problems == ()


def test_a_list_that_was_never_good_leaves_the_rest(office: Office) -> None:
    office.put("a.yml", "- {")
    office.put("b.yml", OTHER)

    names, problems = office.reload()

    assert names == ["studio", "10.0.0.3-9002"]
    assert len(problems) == 1


def test_a_list_that_contradicts_another_one_is_the_one_left_out(
    office: Office,
) -> None:
    office.put("a.yml", GOOD)
    office.put("b.yml", GOOD)

    names, problems = office.reload()

    assert names == ["studio", "10.0.0.2-9002"]
    assert "b.yml" in problems[0]


def test_a_file_that_was_removed_takes_its_targets_along(
    office: Office,
) -> None:
    office.put("a.yml", GOOD)
    office.put("b.yml", OTHER)
    office.reload()

    (office.fleet / "a.yml").unlink()
    names, problems = office.reload()

    assert names == ["studio", "10.0.0.3-9002"]
    assert problems == ()


def test_when_all_files_are_gone_the_last_ones_count(office: Office) -> None:
    office.put("a.yml", GOOD)
    office.reload()

    (office.fleet / "a.yml").unlink()
    names, problems = office.reload()

    assert names == ["studio", "10.0.0.2-9002"]
    assert "no such file" in problems[0]


def test_a_file_that_cannot_be_read_counts_as_it_was(office: Office) -> None:
    office.put("a.yml", GOOD)
    office.put("b.yml", OTHER)
    office.reload()

    (office.fleet / "a.yml").unlink()
    (office.fleet / "a.yml").symlink_to("nowhere")
    names, problems = office.reload()

    assert sorted(names) == ["10.0.0.2-9002", "10.0.0.3-9002", "studio"]
    assert "a.yml" in problems[0]


def test_an_answer_that_does_not_come_leaves_the_last_one(
    office: Office,
) -> None:
    office.put("a.yml", GOOD)
    office.reload(web(OTHER))

    silent = Found(source=URL, problems={URL: "cannot reach it"})
    names, problems = office.reload(silent)

    assert names == ["studio", "10.0.0.2-9002", "10.0.0.3-9002"]
    assert problems == ("cannot reach it",)


def test_a_target_on_a_host_that_no_list_brought_is_watched_without_it(
    office: Office,
) -> None:
    office.put(
        "a.yml",
        "- targets: [{name: a, url: 'http://x', host: gpu9,"
        " canaries: [{operation: age}]}]",
    )

    names, problems = office.reload()

    assert names == ["studio", "a"]
    [problem] = problems
    assert problem == (
        "cannot use the host of a: none is called gpu9; add it to hosts."
        " Until then a runs no canaries"
    )


def test_an_error_in_the_file_itself_is_refused(office: Office) -> None:
    office.put("a.yml", GOOD)
    office.reload()

    office.write("targets: [{name: studio}]")

    with pytest.raises(ConfigurationError, match=r"targets\[0\]"):
        office.reload()


def test_one_error_among_five_hundred_targets_is_named_with_its_line(
    office: Office,
) -> None:
    lines = [
        f"  - {{name: t{n}, url: 'http://10.0.0.1:{9000 + n}'}}"
        for n in range(500)
    ]
    lines[321] = "  - {name: t321, url: 'http://10.0.0.1:9321', statsu: {}}"
    office.put("a.yml", GOOD)

    office.write("targets:\n" + "\n".join(lines))

    with pytest.raises(ConfigurationError) as caught:
        office.reload()
    assert str(caught.value).count("\n") == 0
    assert "yml:323: targets[321].statsu:" in str(caught.value)
    assert "did you mean status" in str(caught.value)


def test_the_addresses_to_ask_are_named_and_not_yet_asked(
    office: Office,
) -> None:
    office.file.write_text(f"targets_from: [{{http: '{URL}'}}]")

    found = office.configuration.sources(office.configuration.read())

    assert found == [Found(source=URL)]


def test_without_a_file_there_is_the_server_of_the_environment(
    tmp_path: Path,
) -> None:
    configuration = Configuration(
        None, {"FACEFUSION_URL": "http://10.0.0.9:7870"}, tmp_path
    )

    written = configuration.read()
    loaded = configuration.load(written, configuration.sources(written))

    assert [t.url for t in loaded.settings.targets] == ["http://10.0.0.9:7870"]


def test_a_file_that_did_not_change_is_parsed_once(office: Office) -> None:
    written = office.configuration.read()
    assert written is not None
    office.configuration.sources(written)
    broken = replace(written, data=b"{")

    with pytest.raises(ConfigurationError):
        office.configuration.sources(broken)

    assert office.configuration.sources(written)


FLEET = "- targets:\n" + "".join(
    f"  - {{name: t{n}, url: 'http://10.0.1.{n}:9002'}}\n" for n in range(200)
)
TAKES_T7 = "- targets: [{name: t7, url: 'http://10.9.9.9:1'}]"


def test_a_new_list_that_takes_a_name_leaves_the_old_list_alone(
    office: Office,
) -> None:
    office.reload(web(FLEET))

    office.put("a.yml", TAKES_T7)
    names, problems = office.reload(web(FLEET))

    assert len(names) == 201
    assert "a.yml as it is now: it contradicts what was there" in problems[0]


def test_of_several_changed_lists_only_the_one_to_blame_is_given_up(
    office: Office,
) -> None:
    office.put("b.yml", GOOD)
    office.reload(web(FLEET))

    office.put("a.yml", TAKES_T7)
    office.put("b.yml", OTHER)
    names, problems = office.reload(web(FLEET))

    assert "10.0.0.3-9002" in names
    assert len(names) == 202
    assert "a.yml" in problems[0]


def test_two_lists_that_contradict_a_third_are_both_given_up(
    office: Office,
) -> None:
    office.reload(web(FLEET))

    office.put("a.yml", TAKES_T7)
    office.put("b.yml", TAKES_T7.replace("t7", "t8"))
    names, problems = office.reload(web(FLEET))

    assert len(names) == 201
    assert {"a.yml", "b.yml"} <= {
        name for name in ("a.yml", "b.yml") if name in " ".join(problems)
    }


def test_a_file_that_takes_a_name_of_a_list_is_refused(
    office: Office,
) -> None:
    office.put("a.yml", FLEET)
    office.reload()

    office.write("targets: [{name: t7, url: 'http://10.0.0.7:9002'}]")

    with pytest.raises(ConfigurationError, match="t7"):
        office.reload()


def test_a_file_that_two_wildcards_name_counts_once(office: Office) -> None:
    office.put("a.yml", GOOD)
    office.file.write_text(
        "targets_from: [{file: fleet/*.yml}, {file: fleet/a*.yml}]"
    )

    names, problems = office.reload()

    assert names == ["10.0.0.2-9002"]
    assert problems == ()


def test_a_list_that_is_empty_from_the_start_is_told(office: Office) -> None:
    office.put("a.yml", "[]")
    written = office.configuration.read()

    loaded = office.configuration.load(
        written, office.configuration.sources(written)
    )

    [note] = loaded.notes
    assert note.endswith("a.yml names no host and no target")
    assert loaded.problems == ()
