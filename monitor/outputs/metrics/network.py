"""Series about the way to a server: ping, and its certificate."""

from monitor.domain.network import NetworkReading
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.text import Labels


def reading(sheet: Sheet, seen: NetworkReading, target: Labels) -> None:
    """Write what a ping showed, where we may send one."""
    trip, loss = seen.ping_round_trip, seen.ping_loss
    sheet.put("facefusion_ping_round_trip_seconds", trip, target)
    sheet.put("facefusion_ping_loss_ratio", loss, target)


def expiry(sheet: Sheet, at: float | None, target: Labels) -> None:
    """Write until when the certificate last seen is good, if one was."""
    name = "facefusion_tls_certificate_expiry_timestamp_seconds"
    sheet.put(name, at, target)
