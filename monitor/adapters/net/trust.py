"""The two ways of looking at a certificate: with trust, and without.

Names are not checked here in either: that verdict is the domain's, and a
wrong name must not hide what else is wrong.
"""

import functools
import ssl


def trusting(ca_file: str | None = None) -> ssl.SSLContext:
    """Return a context that checks the chain; building it takes 30 ms."""
    context = ssl.create_default_context(cafile=ca_file)
    context.check_hostname = False
    return context


@functools.cache
def curious() -> ssl.SSLContext:
    """Return a context that takes any certificate, only to be read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
