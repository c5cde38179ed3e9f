"""Commands, exit codes and signals as the real program has them."""

import argparse
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from .jobs import Jobs
from .knobs import Knobs
from .log import banner, say
from .serving import NoPort, Server
from .staying import is_told, stay

CHECK_FAILED, FATAL = 2, 1
_STEP = 0.1


def main(words: Sequence[str]) -> int:
    arguments = _parser().parse_args(words)
    if arguments.command is None:
        _parser().print_help()
        return 0
    if not Path("facefusion.py").exists():
        # The real one looks for everything below its working directory.
        say("CORE", "cannot find facefusion.py in the working directory")
        return FATAL
    if is_told():
        return stay()
    jobs = Jobs(Path(arguments.jobs_path))
    if arguments.command == "headless-run":
        return _headless(jobs, arguments)
    return _run(jobs)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="facefusion.py")
    commands = parser.add_subparsers(dest="command")
    run = commands.add_parser("run")
    run.add_argument("--open-browser", action="store_true")
    headless = commands.add_parser("headless-run")
    headless.add_argument("-s", "--source-paths", nargs="+", default=[])
    headless.add_argument("-t", "--target-path", required=True)
    headless.add_argument("-o", "--output-path", required=True)
    for command in (run, headless):
        command.add_argument("--config-path", default="facefusion.ini")
        command.add_argument("--temp-path")
        command.add_argument("--jobs-path", default=".jobs")
        command.add_argument("--processors", nargs="+", default=[])
        command.add_argument("--execution-providers", nargs="+")
        command.add_argument("--log-level", default="info")
    return parser


def _headless(jobs: Jobs, arguments: argparse.Namespace) -> int:
    job = jobs.start("headless")
    if not Path(arguments.target_path).is_file():
        say("CORE", "choose an image or video for the target!")
        jobs.finish(job, "failed")
        return FATAL
    begun = time.monotonic()
    shutil.copyfile(arguments.target_path, arguments.output_path)
    jobs.finish(job, "completed")
    took = time.monotonic() - begun
    say("TO_IMAGE", f"processing to image succeeded in {took:.2f} seconds")
    return 0


def _run(jobs: Jobs) -> int:
    knobs = Knobs(Path(".stand-in"))
    time.sleep(knobs.number("start_seconds", 0))
    if knobs.on("exit"):
        return int(knobs.number("exit", FATAL))
    try:
        server = Server(jobs, knobs)
    except NoPort as error:
        say("CORE", str(error))
        return FATAL
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    # No handler for SIGTERM: it ends at once and clears nothing.
    server.start()
    knobs.watch(jobs)
    banner(f"* Running on local URL:  http://{server.name}:{server.port}")
    while not stop.wait(_STEP) or knobs.mine("stubborn"):
        if knobs.mine("stubborn"):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if knobs.on("deaf") and not server.is_closed:
            server.close()
    return _stopped(server, knobs)


def _stopped(server: Server, knobs: Knobs) -> int:
    """Clear up as the real one does: that takes it a second or two."""
    server.close()
    knobs.close()
    time.sleep(knobs.number("stop_seconds", 1.0))
    sys.stderr.flush()
    # Threads in the middle of a request must not keep it alive.
    os._exit(0)
