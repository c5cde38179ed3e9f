"""Reads a certificate in DER form, without believing it."""

import warnings

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from monitor.domain.certificate import Certificate
from monitor.domain.errors import Unreadable

_UNREADABLE = (
    ValueError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_MOST = 1000
"""Names that are kept: a certificate may be as long as its sender likes."""


def read_certificate(der: bytes, *, flaw: str = "") -> Certificate:
    """Return what a certificate says. Raises `Unreadable`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # oddities are the server's
            return _read(x509.load_der_x509_certificate(der), flaw)
    except _UNREADABLE as error:
        raise Unreadable(
            f"cannot read the server's certificate: {error or type(error)}"
        ) from None


def _read(read: x509.Certificate, flaw: str) -> Certificate:
    entries = _entries(read)
    names = entries.get_values_for_type(x509.DNSName) if entries else []
    addresses = entries.get_values_for_type(x509.IPAddress) if entries else []
    return Certificate(
        not_before=read.not_valid_before_utc.timestamp(),
        not_after=read.not_valid_after_utc.timestamp(),
        names=tuple(names[:_MOST]),
        addresses=tuple(str(address) for address in addresses[:_MOST]),
        flaw=flaw,
    )


def _entries(read: x509.Certificate) -> x509.SubjectAlternativeName | None:
    oid = ExtensionOID.SUBJECT_ALTERNATIVE_NAME
    try:
        found = read.extensions.get_extension_for_oid(oid)
    except x509.ExtensionNotFound:
        return None
    value = found.value
    return value if isinstance(value, x509.SubjectAlternativeName) else None
