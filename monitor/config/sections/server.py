"""`server`: where the monitor itself can be reached."""

from pydantic import Field

from monitor.config.sections.section import Section
from monitor.config.values.address import Listen
from monitor.config.values.file import PublicFile, SecretFile
from monitor.config.values.url import ServerUrl


class Tls(Section):
    """Serve https."""

    cert_file: PublicFile = Field(
        description="PEM file with the certificate and its chain.",
        examples=["tls/cert.pem"],
    )
    key_file: SecretFile = Field(
        description="PEM file with the certificate's private key.",
        examples=["tls/key.pem"],
    )
    client_ca_file: PublicFile | None = Field(
        default=None,
        description=(
            "PEM file with the authorities whose client certificates are "
            "asked for; none are asked for without it."
        ),
        examples=["tls/clients.pem"],
    )


class Server(Section):
    """The HTTP server of metrics, API and console."""

    listen: Listen = Field(
        default="127.0.0.1:10777",
        validate_default=True,
        description=(
            "Address and port to listen on. Other than loopback needs "
            "access.tokens. Port 0 lets the system choose one."
        ),
        examples=["127.0.0.1:10777", "[::1]:10777"],
    )
    tls: Tls | None = Field(
        default=None,
        description="Certificate and key; plain http without it.",
        examples=[{"cert_file": "tls/cert.pem", "key_file": "tls/key.pem"}],
    )
    external_url: ServerUrl | None = Field(
        default=None,
        description=(
            "How FaceFusion servers and people reach the monitor, for links "
            "and for canary files that are served over HTTP."
        ),
        examples=["https://monitor.example"],
    )
