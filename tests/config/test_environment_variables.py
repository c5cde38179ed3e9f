"""`${NAME}` keeps secrets out of the file, and out of what we print."""

import re
from pathlib import Path

from monitor.config import Settings, load, show


def _loaded(folder: Path, text: str, **environ: str) -> Settings:
    (folder / "a.yml").write_text(text)
    return load(Path("a.yml"), environ, folder)


TARGET = "targets:\n  - name: studio\n    url: http://${HOST}:9002\n"


def test_a_variable_is_put_in_wherever_it_stands(folder: Path) -> None:
    settings = _loaded(folder, TARGET, HOST="192.168.1.10")

    assert settings.targets[0].url == "http://192.168.1.10:9002"


def test_a_number_may_come_from_a_variable(folder: Path) -> None:
    text = f"{TARGET}    status: {{failures: '${{N}}'}}\n    gpus: ['${{N}}']"

    settings = _loaded(folder, text, HOST="a", N="7")

    assert settings.targets[0].status.failures == 7
    assert settings.targets[0].gpus == (7,)


def test_two_dollars_are_one_and_one_alone_is_itself(folder: Path) -> None:
    text = f"{TARGET}    labels: {{a: $${{HOST}}, b: $HOST, c: a$}}"
    text = text.replace("{a: $${HOST}", "{a: '$${HOST}'")

    settings = _loaded(folder, text, HOST="x")

    assert settings.targets[0].labels == {
        "a": "${HOST}",
        "b": "$HOST",
        "c": "a$",
    }


def test_what_was_put_in_is_not_looked_at_again(folder: Path) -> None:
    text = f"{TARGET}    labels: {{a: '${{A}}'}}"

    settings = _loaded(folder, text, HOST="x", A="${HOST} $$")

    assert settings.targets[0].labels == {"a": "${HOST} $$"}


def test_what_came_from_a_variable_is_never_shown(folder: Path) -> None:
    settings = _loaded(folder, TARGET, HOST="hidden")

    shown = show(settings)

    assert shown["targets"][0]["url"] == "***"
    assert shown["targets"][0]["name"] == "studio"
    assert "hidden" not in repr(settings) + str(settings)


def test_a_secret_default_is_masked_in_every_target(folder: Path) -> None:
    text = (
        "defaults: {labels: {site: '${SITE}'}}\n"
        "targets:\n"
        "  - {name: a, url: 'http://a'}\n"
        "  - {name: b, url: 'http://b', labels: {site: open}}\n"
    )

    shown = show(_loaded(folder, text, SITE="hidden"))

    sites = [target["labels"]["site"] for target in shown["targets"]]
    assert sites == ["***", "open"]


def test_a_secret_that_a_jump_takes_over_is_masked_there_too(
    folder: Path,
) -> None:
    text = (
        "hosts:\n"
        "  - name: a\n"
        "    ssh:\n"
        "      address: a\n"
        "      user: ${WHO}\n"
        "      key_file: secrets/observe\n"
        "      jump: bastion\n"
        "targets: [{name: a, url: 'http://a'}]\n"
    )

    settings = _loaded(folder, text, WHO="hidden")

    assert settings.hosts[0].ssh.jump
    assert settings.hosts[0].ssh.jump.user == "hidden"
    assert not re.search("hidden", str(show(settings)))


def test_a_secret_jump_is_masked_as_a_whole(folder: Path) -> None:
    text = (
        "hosts:\n"
        "  - name: a\n"
        "    ssh:\n"
        "      address: a\n"
        "      user: ${WHO}\n"
        "      key_file: secrets/observe\n"
        "      jump: ${WAY}\n"
        "targets: [{name: a, url: 'http://a'}]\n"
    )

    settings = _loaded(folder, text, WHO="hidden", WAY="bastion:22")

    ssh = show(settings)["hosts"][0]["ssh"]
    assert (ssh["user"], ssh["jump"]) == ("***", "***")


def test_a_secret_number_is_masked_and_its_equals_are_not(
    folder: Path,
) -> None:
    text = f"{TARGET}    status: {{failures: '${{N}}', successes: 3}}\n"

    shown = show(_loaded(folder, text, HOST="a", N="3"))

    status = shown["targets"][0]["status"]
    assert (status["failures"], status["successes"]) == ("***", 3)


def test_passwords_of_the_database_are_masked(folder: Path) -> None:
    good = "targets: [{name: a, url: 'http://a'}]\n"
    addresses = {
        "postgresql+psycopg://me:p/a:ss@w@db/x": "://me:***@db/x",
        "postgresql+psycopg://db/x?user=me&password=p": "password=***",
        "postgresql+psycopg://me@db/x": "://me@db/x",
        "sqlite:///a.db": "sqlite:///a.db",
    }
    for address, masked in addresses.items():
        text = f"{good}state: {{url: '{address}'}}\n"

        shown = show(_loaded(folder, text))

        assert shown["state"]["url"].endswith(masked)


def test_a_secret_file_is_not_read_and_its_path_is_shown(
    folder: Path,
) -> None:
    text = (
        "access: {tokens: [{name: a, token_file: secrets/token,"
        " scopes: [read]}]}\n"
        "targets: [{name: a, url: 'http://a'}]\n"
    )

    settings = _loaded(folder, text)

    (token,) = show(settings)["access"]["tokens"]
    assert token["token_file"] == str(folder / "secrets" / "token")
