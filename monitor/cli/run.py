"""`run`: the daemon."""

import asyncio

from monitor.cli.load import settings
from monitor.cli.options import ConfigFile
from monitor.daemon.serve import serve
from monitor.outputs import log


def run(config: ConfigFile = None) -> None:
    """Watch the configured servers until SIGTERM or Ctrl-C."""
    loaded = settings(config)
    log.set_up(loaded.log.level, loaded.log.format)
    asyncio.run(serve(loaded))
