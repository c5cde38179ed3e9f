"""`run`: the daemon."""

import os
from pathlib import Path

from monitor.cli.assumed import ASSUMED, is_assumed
from monitor.cli.options import ConfigFile
from monitor.daemon import serve
from monitor.daemon.configuration import Configuration
from monitor.outputs import log


def run(config: ConfigFile = None) -> None:
    """Watch the configured servers until SIGTERM or Ctrl-C.

    SIGHUP reloads the configuration, its keys, tokens and certificates.
    """
    configuration = Configuration(config, os.environ, Path.cwd())
    base = configuration.base()
    log.set_up(base.log.level, base.log.format)
    if is_assumed(config):
        log.get().warning("nothing is configured", because=ASSUMED)
    serve.run(configuration)
