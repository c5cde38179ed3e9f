"""The command line: one command a file, errors without tracebacks."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from monitor import __version__
from monitor.cli import (
    apply,
    approve,
    attest,
    audit,
    canary,
    cancel,
    changes,
    check,
    config,
    demo,
    deny,
    diagnose,
    drill,
    exit_codes,
    gpu,
    history,
    host,
    maintenance,
    pages,
    plan,
    status,
)
from monitor.cli import run as run_command
from monitor.cli.acting import NOT_KNOWN
from monitor.cli.init import init
from monitor.cli.misuse import misuse
from monitor.cli.simulate import simulate
from monitor.client import NoDaemon, NotOurs
from monitor.domain.errors import (
    ConfigurationError,
    MonitorError,
    NotConfigured,
)
from monitor.domain.health import Health

_TELL_HEALTH = {"check", "diagnose", "canary", "gpu", "status"}
_DECIDE = {"approve", "deny", "cancel", "attest"}
_ACT = _DECIDE | {"plan", "apply", "changes", "audit", "drill"}
_ABOUT = """Monitor and rescue daemon for FaceFusion GPU servers.

Exit codes: 0 done or healthy, 1 failed or degraded, 2 unhealthy, 3 unknown,
64 bad usage, 78 bad configuration, 130 interrupted. 1 to 3 as health come
from check, diagnose, canary, gpu and status. From plan, apply, approve, deny,
cancel, changes, attest, drill and audit: 1 refused, nothing was done; 2
failed; 3 not known, or no daemon answers.
"""

app = typer.Typer(
    name="facefusion-monitor",
    help=_ABOUT,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"facefusion-monitor {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    _version_wanted: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    pass


app.command()(run_command.run)
app.command()(demo.demo)
app.command()(simulate)
app.command()(init)
app.command()(check.check)
app.command()(diagnose.diagnose)
app.command()(canary.canary)
app.command()(gpu.gpu)
app.command()(status.status)
app.command()(history.history)
app.command()(pages.pages)
app.command()(plan.plan)
app.command()(apply.apply)
app.command()(approve.approve)
app.command()(deny.deny)
app.command()(cancel.cancel)
app.command()(changes.changes)
app.command()(attest.attest)
app.command()(drill.drill)
app.add_typer(audit.app, name="audit")
app.add_typer(maintenance.app, name="maintenance")
app.add_typer(host.app, name="host")
app.add_typer(config.app, name="config")


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    try:
        done = typer.main.get_command(app).main(
            list(arguments) or ["--help"],
            "facefusion-monitor",
            standalone_mode=False,
        )
    except TyperException as error:
        return _cannot(misuse(error), exit_codes.USAGE)
    except ConfigurationError as error:
        return _cannot(str(error), exit_codes.CONFIGURATION)
    except NotConfigured as error:
        return _cannot(str(error), exit_codes.USAGE)
    except (MonitorError, OSError) as error:
        return _cannot(_words(error), _failed(arguments, error))
    except (Abort, KeyboardInterrupt):
        return exit_codes.INTERRUPTED
    return done if isinstance(done, int) else exit_codes.OK


def _words(error: MonitorError | OSError) -> str:
    if isinstance(error, MonitorError):
        return str(error)
    what = f" with {error.filename}" if error.filename else ""
    return (
        f"cannot finish{what}: {error.strerror or error};"
        " check the path, its permissions and the free disk space"
    )


def _failed(arguments: Sequence[str], error: MonitorError | OSError) -> int:
    """Return the code of a command that could not do its work.

    For those that tell a health it is unknown: 1 would mean degraded. For
    those that act 1 means that nothing was done, which nobody knows whom no
    daemon answers.
    """
    command = arguments[0] if arguments else ""
    if command in _TELL_HEALTH:
        return exit_codes.OF_HEALTH[Health.UNKNOWN]
    if command in _ACT and isinstance(error, NoDaemon | NotOurs):
        return NOT_KNOWN
    return exit_codes.FAILED


def _cannot(text: str, code: int) -> int:
    sys.stderr.write(f"{text}\n")
    return code
