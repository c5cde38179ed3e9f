"""Puts the modules of monitor/gate into the one file that hosts get.

The file is readable: whoever installs it sees what it may do. It is the same
for the same modules, byte by byte.
"""

import ast
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files
from threading import Lock

from monitor import __version__
from monitor.gate.protocol import PROTOCOL

_ROOM = "monitor.gate."
_FIRST = "from __future__ import annotations"
_HEAD = '''#!/usr/bin/python3 -I
"""facefusion-monitor's gate {version}, protocol {protocol}.

Observes this machine for the monitor, as the user of the key that sshd
starts it for; that needs no root. With the role act, which sudoers must
allow, it runs as root and restarts what root named in
/etc/facefusion-monitor-gate.json. One JSON line in, one out; listens nowhere.
Made from the modules of monitor/gate by monitor/adapters/gate/bundle.py:
change those, not this file.
"""

from __future__ import annotations

{imports}
'''
_TAIL = """

if __name__ == "__main__":
    raise SystemExit(gate_main(sys.argv[1:]))
"""


_MAKING = Lock()
"""Held while it is made: threads that parse at once may end each other's
work in CPython 3.11 (github.com/python/cpython/issues/106905)."""


def program() -> bytes:
    """Return the gate as one Python file, at our own version."""
    with _MAKING:
        return _made()


@cache
def _made() -> bytes:
    return bundled(gate_modules(), __version__).encode()


def gate_modules() -> dict[str, str]:
    """Return the text of every module of the gate by its name."""
    return {
        entry.name.removesuffix(".py"): entry.read_text("utf-8")
        for entry in files("monitor.gate").iterdir()
        if entry.name.endswith(".py") and entry.name != "__init__.py"
    }


def bundled(modules: dict[str, str], version: str) -> str:
    """Return the modules as one file, each after those that it needs."""
    texts = {**modules, "version": f'GATE_VERSION = "{version}"\n'}
    trees = {name: ast.parse(text) for name, text in texts.items()}
    needs = {name: _needs(tree) for name, tree in sorted(trees.items())}
    imports = {"import sys"}
    parts = []
    for name in TopologicalSorter(needs).static_order():
        imports |= _imports(trees[name])
        parts.append(f"\n\n# --- {name} ---\n\n{_body(texts[name])}\n")
    head = _HEAD.format(
        version=version, protocol=PROTOCOL, imports=_joined(imports)
    )
    return head + "".join(parts) + _TAIL


def _needs(tree: ast.Module) -> list[str]:
    return sorted(
        str(node.module).removeprefix(_ROOM)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and _is_ours(node)
    )


def _is_ours(node: ast.ImportFrom) -> bool:
    return str(node.module).startswith(_ROOM)


def _imports(tree: ast.Module) -> set[str]:
    """Return what a module imports of the standard library, a name each."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {f"import {name.name}" for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not _is_ours(node):
            found |= {
                f"from {node.module} import {name.name}" for name in node.names
            }
    return found - {_FIRST}


def _joined(imports: set[str]) -> str:
    return "\n".join(sorted(imports, key=lambda one: (one[:4] == "from", one)))


def _body(text: str) -> str:
    """Return a module without its imports; what it says of itself stays."""
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            last = node.end_lineno or node.lineno
            lines[node.lineno - 1 : last] = [""] * (last - node.lineno + 1)
    kept = "\n".join(lines).strip()
    while "\n\n\n\n" in kept:
        kept = kept.replace("\n\n\n\n", "\n\n\n")
    return kept
