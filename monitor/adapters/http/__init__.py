"""The HTTP door: bounded in time and size, without proxies or redirects."""
