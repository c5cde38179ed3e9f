"""https: who gets in, with which versions, and a certificate renewed."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from monitor.config.sections.server import Tls
from monitor.daemon.tls import read_tls
from monitor.domain.errors import ConfigurationError
from tests.stories.web_server import HOME, WebServer, web_server
from tests.web.api_house import ApiHouse


@dataclass
class Papers:
    """Files of one authority, as `server.tls` names them."""

    folder: Path
    authority: trustme.CA

    def settings(self, *, clients: bool = False) -> Tls:
        return Tls.model_validate(
            {
                "cert_file": self.folder / "cert.pem",
                "key_file": self.folder / "key.pem",
                "client_ca_file": self.folder / "ca.pem" if clients else None,
            }
        )

    def renew(self) -> None:
        issued = self.authority.issue_cert(HOME)
        issued.private_key_pem.write_to_path(str(self.folder / "key.pem"))
        (self.folder / "cert.pem").write_bytes(
            b"".join(blob.bytes() for blob in issued.cert_chain_pems)
        )
        self.authority.cert_pem.write_to_path(str(self.folder / "ca.pem"))

    def client(self, *, shown: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        if shown:
            self.authority.issue_cert("client").configure_cert(context)
        return context


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    made = Papers(tmp_path, trustme.CA())
    made.renew()
    return made


async def healthy(server: WebServer, context: ssl.SSLContext) -> int:
    async with httpx.AsyncClient(verify=context, timeout=5) as client:
        url = f"https://{HOME}:{server.port}/-/healthy"
        return (await client.get(url)).status_code


async def serial(server: WebServer, context: ssl.SSLContext) -> str:
    _, writer = await server.connect(tls=context)
    shown = writer.get_extra_info("peercert")
    writer.close()
    return str(shown["serialNumber"])


async def test_https_is_spoken_with_the_configured_certificate(
    papers: Papers,
) -> None:
    tls = read_tls(papers.settings())

    async with web_server(ApiHouse().app, tls=tls) as server:
        code = await healthy(server, papers.client())

    assert code == 200


async def test_with_a_client_authority_only_its_clients_get_in(
    papers: Papers,
) -> None:
    tls = read_tls(papers.settings(clients=True))

    async with web_server(ApiHouse().app, tls=tls) as server:
        code = await healthy(server, papers.client(shown=True))
        with pytest.raises(httpx.TransportError):
            await healthy(server, papers.client())

    assert code == 200


async def test_nothing_older_than_tls_1_2_is_spoken(papers: Papers) -> None:
    tls = read_tls(papers.settings())

    assert tls.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_a_renewed_certificate_is_shown_to_the_next_connection(
    papers: Papers,
) -> None:
    client = papers.client()
    tls = read_tls(papers.settings())
    async with web_server(ApiHouse().app, tls=tls) as server:
        first = await serial(server, client)
        papers.renew()

        await server.server.change_tls(read_tls(papers.settings()))
        second = await serial(server, client)
        code = await healthy(server, client)

    assert first != second
    assert code == 200


async def test_other_clients_get_in_once_their_authority_is_in_force(
    papers: Papers,
) -> None:
    tls = read_tls(papers.settings())
    async with web_server(ApiHouse().app, tls=tls) as server:
        before = await healthy(server, papers.client())

        await server.server.change_tls(read_tls(papers.settings(clients=True)))
        shown = await healthy(server, papers.client(shown=True))
        with pytest.raises(httpx.TransportError):
            await healthy(server, papers.client())

    assert (before, shown) == (200, 200)


async def test_plain_http_does_not_become_https_while_it_is_served(
    papers: Papers,
) -> None:
    async with web_server(ApiHouse().app) as server:
        with pytest.raises(ConfigurationError, match="restart"):
            await server.server.change_tls(read_tls(papers.settings()))


@pytest.mark.parametrize("flaw", ["", "no PEM", "another key"])
def test_a_bad_file_is_refused_by_its_name(papers: Papers, flaw: str) -> None:
    key = papers.folder / "key.pem"
    if flaw == "another key":
        issued = trustme.CA().issue_cert(HOME)
        issued.private_key_pem.write_to_path(str(key))
    else:
        key.write_text(flaw)

    with pytest.raises(
        ConfigurationError, match=r"cannot serve TLS.*key\.pem"
    ):
        read_tls(papers.settings())


def test_a_client_authority_that_is_none_is_refused_by_its_name(
    papers: Papers,
) -> None:
    (papers.folder / "ca.pem").write_text("nothing")

    with pytest.raises(ConfigurationError, match=r"authorities in .*ca\.pem"):
        read_tls(papers.settings(clients=True))


def test_a_key_with_a_password_is_refused_and_nobody_is_asked(
    papers: Papers,
) -> None:
    path = papers.folder / "key.pem"
    key = load_pem_private_key(path.read_bytes(), None)
    path.write_bytes(
        key.private_bytes(
            Encoding.PEM,
            PrivateFormat.PKCS8,
            BestAvailableEncryption(b"secret"),
        )
    )

    with pytest.raises(ConfigurationError, match="the key has a password"):
        read_tls(papers.settings())
