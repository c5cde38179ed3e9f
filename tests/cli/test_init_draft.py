"""The configuration that `init` writes: always accepted, never injected."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.adapters.ssh.settings import SshSettings
from monitor.cli.draft import draft
from monitor.cli.draft_names import Names, name_of
from monitor.config import Settings, load, show
from monitor.daemon.look_around import MachineSeen, ServerSeen, Sights
from monitor.domain.answer import Answer
from monitor.domain.gpu.reading import Gpu
from monitor.domain.recognition import Recognised, recognise

AT = 1_795_363_200.0  # 2026-11-22 16:00 UTC
NAMES = Names(target="studio", host="gpu1")
OK = Answer(
    code=200,
    content_type="application/json",
    body=b'{"status": "online"}',
    duration=0.012,
)
SERVER = ServerSeen(
    url="http://192.168.1.10:9002",
    answered=True,
    because="answered 200 in 0.012 s",
    recognised=recognise({"rest": OK}),
    status=OK,
)
SSH = SshSettings(
    address="192.168.1.10",
    user="ffmon",
    key_file=Path("observe"),
    known_hosts_file=Path("known_hosts"),
)
GPU = Gpu(
    uuid="GPU-1",
    index=0,
    name="NVIDIA GeForce RTX 3090",
    pci_bus_id="",
    memory_total_bytes=24 * 2**30,
)
MACHINE = MachineSeen(
    settings=SSH,
    reached=True,
    because="1 GPU answers",
    gpus=(GPU,),
    takes_files=True,
)
WHOLE = Sights(at=AT, server=SERVER, machine=MACHINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("init")
    (folder / "observe").write_text("key")
    (folder / "observe").chmod(0o600)
    (folder / "known_hosts").write_text("")
    return folder


def accepted(text: str, folder: Path) -> Settings:
    file = folder / "facefusion-monitor.yml"
    file.write_text(text, encoding="utf-8")
    return load(file, {}, folder)


def switched_on(text: str) -> str:
    """Take the # from all that is a setting, as a user would."""
    return re.sub(r"(?m)^( *)#(?=\S)", r"\1", text)


def test_what_was_seen_becomes_a_target_a_host_and_canaries(
    folder: Path,
) -> None:
    read = accepted(draft(WHOLE, NAMES), folder)

    (target,), (host,) = read.targets, read.hosts
    assert (target.name, target.url) == ("studio", SERVER.url)
    assert (target.host, host.ssh.address) == ("gpu1", "192.168.1.10")
    assert [canary.name for canary in target.canaries] == [
        "enhance-gfpgan_1.4",
        "enhance-codeformer",
        "enhance-restoreformer_plus_plus",
        "age",
        "swap-inswapper_128",
    ]
    assert [canary.interval for canary in target.canaries] == [
        *(300.0, 900.0, 1800.0, 1800.0, 600.0)
    ]


WAY = "canary_files: {via: sftp, directory: /var/tmp/facefusion-monitor}"


@pytest.mark.parametrize(
    ("machine", "on", "off"),
    [
        (MACHINE, 1, 0),
        (replace(MACHINE, takes_files=False), 1, 0),
        (replace(MACHINE, reached=False, gpus=()), 0, 1),
        (None, 0, 0),
    ],
)
def test_with_ssh_the_way_of_the_images_is_there_to_be_changed(
    folder: Path, machine: MachineSeen | None, on: int, off: int
) -> None:
    text = draft(replace(WHOLE, machine=machine), NAMES)

    files = accepted(text, folder).targets[0].canary_files
    assert text.count(f"\n    {WAY}") == on
    assert text.count(f"\n    #{WAY}") == off
    assert files.via == ("sftp" if on else "url")


def test_the_file_says_what_was_seen_and_when() -> None:
    text = draft(WHOLE, NAMES)

    assert "# Seen on 2026-11-22 at 16:00 UTC:" in text
    assert "/api/v1/status answered 200 in 0.012 s" in text
    assert "# - GPU 0: NVIDIA GeForce RTX 3090, 24 GiB" in text
    assert "the benchmark judges as it is" in text


def test_another_gpu_is_told_that_it_needs_a_factor() -> None:
    card = replace(GPU, name="NVIDIA A100", memory_total_bytes=None)
    sights = replace(WHOLE, machine=replace(MACHINE, gpus=(GPU, card)))

    text = draft(sights, NAMES)

    assert "# NVIDIA A100: no RTX 3090" in text
    assert "#benchmark: {factor: 1.0}" in text


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        (None, "fetched from the monitor"),
        (replace(MACHINE, reached=False, gpus=()), "nobody got in"),
        (replace(MACHINE, takes_files=False), "ffmon may not write"),
    ],
)
def test_canaries_are_off_where_their_files_could_not_go(
    folder: Path, machine: MachineSeen | None, said: str
) -> None:
    text = draft(replace(WHOLE, machine=machine), NAMES)

    assert accepted(text, folder).targets[0].canaries == ()
    assert said in " ".join(text.replace("#", "").split())
    assert len(yaml.safe_load(switched_on(text))["targets"][0]["canaries"]) > 5


def test_canaries_of_a_server_on_this_machine_need_no_ssh(
    folder: Path,
) -> None:
    here = replace(SERVER, url="http://localhost:7870")

    text = draft(Sights(at=AT, server=here), NAMES)

    assert len(accepted(text, folder).targets[0].canaries) == 5


def test_another_dialect_is_written_and_gets_no_canaries(
    folder: Path,
) -> None:
    page = Recognised(dialect="gradio", because="it is a page")
    server = replace(SERVER, recognised=page)

    read = accepted(draft(replace(WHOLE, server=server), NAMES), folder)

    assert read.targets[0].dialect == "gradio"
    assert read.targets[0].canaries == ()


def test_an_unknown_dialect_is_said_and_not_guessed(folder: Path) -> None:
    nothing = Recognised(dialect="", because="it looks like nothing")
    server = replace(SERVER, recognised=nothing)

    text = draft(replace(WHOLE, server=server), NAMES)

    assert "# - dialect: none: it looks like nothing" in text
    assert accepted(text, folder).targets[0].dialect == "rest"


def test_a_machine_that_let_nobody_in_is_switched_off_and_explained(
    folder: Path,
) -> None:
    closed = replace(MACHINE, reached=False, because="cannot log in: no key")

    text = draft(replace(WHOLE, machine=closed), NAMES)

    assert accepted(text, folder).hosts == ()
    assert "# - ssh: cannot log in: no key" in text
    mended = switched_on(text.partition("# The monitor itself.")[0])
    assert accepted(mended, folder).hosts[0].name == "gpu1"


def test_the_commented_defaults_are_the_defaults(folder: Path) -> None:
    text = draft(WHOLE, NAMES)
    plain, _, below = text.partition("# The monitor itself.")
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "secrets/prometheus").write_text("token")
    (folder / "secrets/prometheus").chmod(0o600)

    shown = show(accepted(plain + switched_on(f"# {below}"), folder))

    as_before = show(accepted(text, folder))
    assert [token["name"] for token in shown["access"]["tokens"]] == [
        "prometheus"
    ]
    assert {**shown, "access": None} == {**as_before, "access": None}


HOSTILE = st.text(max_size=60) | st.sampled_from(
    [
        "x\ntargets: []",
        "x\r- evil",
        "x\u2028evil: 1",
        "x\x85evil: 1",
        "${HOME}",
        "\ufeff---",
        "# ' \" {} [] & * !",
    ]
)


@settings(max_examples=50, deadline=None)
@given(words=st.lists(HOSTILE, min_size=5, max_size=5))
def test_nothing_that_was_said_gets_into_the_settings(
    folder: Path, words: list[str]
) -> None:
    because, version, ran, gpu, status = words
    sights = Sights(
        at=AT,
        server=replace(
            SERVER,
            because=status,
            recognised=Recognised(
                dialect="rest", because=because, version=version
            ),
        ),
        machine=replace(MACHINE, because=ran, gpus=(replace(GPU, name=gpu),)),
    )

    text = draft(sights, NAMES)

    calm = yaml.safe_load(draft(WHOLE, NAMES))
    assert yaml.safe_load(text) == calm
    assert accepted(text, folder).targets[0].name == "studio"


@pytest.mark.parametrize("path", ["${HOME}", "$$", "$${HOME}", "${", "a'b{}"])
def test_an_address_is_never_filled_in_from_the_environment(
    folder: Path, path: str
) -> None:
    url = f"http://studio.example/{path}"
    sights = replace(WHOLE, server=replace(SERVER, url=url))

    read = accepted(draft(sights, NAMES), folder)

    assert read.targets[0].url == url


@given(
    path=st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0/"),
        min_size=1,
        max_size=40,
    )
)
def test_what_was_typed_stays_one_value(path: str) -> None:
    odd = replace(MACHINE, settings=replace(SSH, key_file=Path(path)))

    text = draft(replace(WHOLE, machine=odd), NAMES)

    written = yaml.safe_load(text)["hosts"][0]["ssh"]["key_file"]
    assert written.replace("$$", "$") == path


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("studio.example", "studio"),
        ("192.168.1.10", "192.168.1.10"),
        ("2001:db8::1", "2001-db8--1"),
        ("_Odd_.example", "odd_"),
        ("___", "facefusion"),
        ("localhost", "facefusion"),
        ("127.0.0.7", "facefusion"),
        ("a" * 200, "a" * 63),
    ],
)
def test_a_target_is_named_after_its_server(host: str, name: str) -> None:
    assert name_of(host) == name


def test_a_machine_nobody_named_is_gpu1() -> None:
    names = Names.of("http://studio.example:9002", None)

    assert names == Names(target="studio", host="gpu1")
