"""Programs that hold a port for somebody else.

One of them on the port of a target's URL is how people publish FaceFusion,
not a stranger. Names are those of /proc/PID/comm, at most 15 characters.
"""

_PROXIES = frozenset(
    {
        "apache2",
        "caddy",
        "cloudflared",
        "dropbear",
        "docker-proxy",
        "envoy",
        "frpc",
        "frps",
        "haproxy",
        "httpd",
        "lighttpd",
        "nginx",
        "pasta",
        "rinetd",
        "rootlessport",
        "slirp4netns",
        "socat",
        "squid",
        "ssh",
        "sshd",
        "sshd-session",
        "stunnel",
        "stunnel4",
        "systemd",
        "systemd-socket-",
        "tailscaled",
        "traefik",
        "varnishd",
    }
)


def is_proxy(name: str) -> bool:
    """Return whether a program of this name forwards what it hears."""
    return name.partition(":")[0].strip() in _PROXIES
