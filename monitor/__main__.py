"""`python -m monitor` is `facefusion-monitor`."""

import sys
from importlib import import_module

INTERRUPTED = 130
"""128 and SIGINT's number, as shells say it."""


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        # Imported here: Ctrl-C while it loads is no reason for a traceback.
        code = import_module("monitor.cli.app").run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
