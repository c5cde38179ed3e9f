"""Removes each safety guard in turn and expects its tests to fail.

Run by `make guards`. A guard whose tests still pass without it is not
guarded by anything; then this exits 1. The work tree is never changed: each
guard is removed in a copy.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("monitor", "tests", "pyproject.toml")
SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A line of code that keeps us safe, and the tests that say so."""

    says: str
    file: str
    line: str
    without: str
    tests: str


GUARDS = (
    Guard(
        says="a host key that nobody recorded is refused",
        file="monitor/adapters/ssh/trust.py",
        line="        raise self._refusal(\n"
        '            f"{_shown(kind, blob)} is not in {self._file}", blob\n'
        "        )",
        without="        return",
        tests="tests/hosts/test_ssh_real_trust.py",
    ),
    Guard(
        says="a changed host key is refused",
        file="monitor/adapters/ssh/trust.py",
        line="            raise self._changed(kind, blob, old)",
        without="            return",
        tests="tests/hosts/test_ssh_real_trust.py",
    ),
    Guard(
        says="an output outside our directory is never removed",
        file="monitor/adapters/ssh/sftp_rules.py",
        line='    return path.startswith(directory.rstrip("/") + "/")',
        without="    return bool(path or directory)",
        tests="tests/hosts/test_ssh_real_sftp_clean.py",
    ),
    Guard(
        says="an output that is no regular file is never touched",
        file="monitor/adapters/ssh/sftp_rules.py",
        line="    if not entry.is_file:",
        without="    if entry is None:",
        tests="tests/hosts/test_ssh_real_sftp_clean.py"
        " tests/hosts/test_ssh_real_sftp_fetch.py",
    ),
    Guard(
        says="an output older than the request is never touched",
        file="monitor/adapters/ssh/sftp_rules.py",
        line="    if not since or entry.mtime < since:",
        without="    if not since:",
        tests="tests/hosts/test_ssh_real_sftp_clean.py"
        " tests/hosts/test_ssh_real_sftp_fetch.py",
    ),
    Guard(
        says="an output is fetched from the server's own origin only",
        file="monitor/adapters/canary_files/url.py",
        line="named is None or not _same_origin(named, self._server)",
        without="named is None",
        tests="tests/adapters/test_canary_files_url.py",
    ),
    Guard(
        says="XML that declares entities is refused",
        file="monitor/domain/nvidia_smi/xml.py",
        line='    if "<!ENTITY" in text[:start]:',
        without='    if "<!ENTITY" in "":',
        tests="tests/domain/test_nvidia_smi_xml.py",
    ),
    Guard(
        says="an image with too many pixels is not decoded",
        file="monitor/adapters/images.py",
        line="        if width * height > MOST_PIXELS:",
        without="        if width * height < 0:",
        tests="tests/adapters/test_images.py",
    ),
    Guard(
        says="a compressed body never grows beyond the limit",
        file="monitor/adapters/http/decode.py",
        line="unpacker.decompress(body, limit + 1)",
        without="unpacker.decompress(body)[: limit + 1]",
        tests="tests/adapters/test_http_decode.py",
    ),
    Guard(
        says="an endless body is cut off",
        file="monitor/adapters/http/exchange.py",
        line="            if len(body) > self._limit:",
        without="            if len(body) < 0:",
        tests="tests/adapters/test_http_floods.py",
    ),
    Guard(
        says="a job outside the guide's ranges is never sent",
        file="monitor/adapters/facefusion/rest.py",
        line="        check(job)\n",
        without="",
        tests="tests/adapters/test_rest_jobs.py",
    ),
    Guard(
        says="a check that still runs is not started again",
        file="monitor/engine/watch.py",
        line="        if check.key in self._running:",
        without="        if check.key is None:",
        tests="tests/engine/test_watch.py",
    ),
    Guard(
        says="a look that never ends is cut off",
        file="monitor/engine/watch.py",
        line="            await asyncio.wait({task}, timeout=check.deadline)",
        without="            await asyncio.wait({task})",
        tests="tests/engine/test_watch.py",
    ),
    Guard(
        says="a reading that is too old is no fact",
        file="monitor/engine/board.py",
        line="abs(now - at) <= self.check.stale_after",
        without="at - now <= self.check.stale_after",
        tests="tests/engine/test_board.py tests/outputs",
    ),
    Guard(
        says="a token of another scope reads nothing",
        file="monitor/web/auth.py",
        line="        if scope not in token.scopes:",
        without="        if scope is None:",
        tests="tests/web",
    ),
    Guard(
        says="the daemon serves with its tokens",
        file="monitor/daemon/serve.py",
        line="                tokens=read_tokens(settings),",
        without="",
        tests="tests/stories/test_one_server.py -k tokens",
    ),
    Guard(
        says="another canary's upload is never removed",
        file="monitor/adapters/ssh/sftp_rules.py",
        line="    return UPLOAD.fullmatch(name) is not None",
        without="    return name is None",
        tests="tests/hosts/test_ssh_real_sftp_clean.py",
    ),
    Guard(
        says="no token reads nothing",
        file="monitor/web/auth.py",
        line="        if token is None:",
        without="        if token is None and not known:",
        tests="tests/web",
    ),
)


def kept(guard: Guard) -> bool:
    """Return whether the tests notice that the guard is gone."""
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        copy = Path(folder) / "main"
        _copy(copy)
        path = copy / guard.file
        code = path.read_text()
        if code.count(guard.line) != 1:
            print(f"not there once: {guard.line!r} in {guard.file}")
            return False
        path.write_text(code.replace(guard.line, guard.without))
        return _tests_fail(guard, copy)


def _copy(copy: Path) -> None:
    copy.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, copy / name)


def _tests_fail(guard: Guard, copy: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--timeout=30"]
    ran = subprocess.run(  # noqa: S603 - our own tests, from the table above
        [*command, "-p", "no:cacheprovider", *guard.tests.split()],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},  # for their processes
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if ran.returncode == 1:  # 2 and up: pytest itself could not run
        return True
    print(ran.stdout[-2000:])
    return False


def main() -> int:
    """Remove every guard once and say how many were missed."""
    missed = 0
    for guard in GUARDS:
        noticed = kept(guard)
        missed += not noticed
        print("killed  " if noticed else "SURVIVED", guard.says, flush=True)
    print(f"{len(GUARDS) - missed} of {len(GUARDS)} killed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
