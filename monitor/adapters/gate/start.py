"""How a gate is started: one command and one script for every host.

The command is the same wherever we ask. Where a gate is installed, sshd
runs that instead and never shows it our command: the gate reads our first
line, which is a comment for a shell, and throws the script away. Elsewhere
the script looks for Python, which then asks for the program. It is sent
only then: not to a gate that is installed, and not into a here-document,
for which bash needs room in /tmp, on a machine whose disk may be full.
"""

from collections.abc import Sequence

from monitor.adapters.gate.lines import write_object

COMMAND = (
    "exec env -i "
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "
    "LC_ALL=C /bin/sh"
)
"""Every login shell reads it alike, also fish and csh.

It has no time limit: what it starts ends at the end of its input, which
sshd closes with the channel, and with the connection.
"""

PYTHONS = (
    "python3",
    *(f"python3.{minor}" for minor in range(9, 15)),
    "/usr/bin/python3",
    "/usr/libexec/platform-python",
)
"""Where Python may be; RHEL has its own where nobody looks for it."""

# Sent in single quotes, so it holds none. Reads exactly the program: what
# follows on standard input belongs to the gate.
_LOADER = """
import os, sys
def program(left):
    parts = []
    while left:
        part = os.read(0, left)
        if not part:
            sys.exit(1)
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
os.write(1, b"\\n{loading}\\n")
exec(compile(program({size}), "gate", "exec"))
"""

# In braces: a shell that reads byte by byte, as bash does, has then read all
# of it before Python begins to read the same input.
_SCRIPT = """{{
for python in {pythons}; do
  "$python" -Ic 'import sys; sys.exit(sys.version_info < (3, 8))' \
</dev/null >/dev/null 2>&1 || continue
  exec "$python" -Ic '{loader}' stdin --greet {word}
done
printf '\\n%s\\n' '{none}'
exit 0
}}
"""


def opening(word: str, size: int, pythons: Sequence[str] = PYTHONS) -> bytes:
    """Return what is sent first; `word` is the id of the greeting.

    `size` is the number of bytes of the program, `word` has letters and
    digits only.
    """
    script = _SCRIPT.format(
        pythons=" ".join(pythons),
        loader=_LOADER.format(
            loading=_said(word, "loading").replace('"', '\\"'), size=size
        ),
        none=_said(word, "none"),
        word=word,
    ).encode()
    hello = write_object(
        {"v": 1, "id": word, "verb": "hello", "skip": len(script)}
    )
    return b"# " + hello + script


def _said(word: str, gate: str) -> str:
    because = "cannot find Python 3.8 or newer"
    said: dict[str, object] = {"v": 1, "id": word, "gate": gate}
    if gate == "none":
        said["because"] = because
    return write_object(said).decode().rstrip("\n")
