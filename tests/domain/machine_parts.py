"""Parts of a gate's answer about a machine on which all is well."""

from collections.abc import Sequence

BOOT = "0f5e8a4e-6d4c-4b39-9a52-000000000001"
GIB = 1024**3
AT = 2_000_000.0


def answer(
    at: float = AT, *, gaps: Sequence[object] = (), **parts: object
) -> dict[str, object]:
    """Return an answer with these parts, by a clock as ours."""
    return {
        "v": 1,
        "id": "2",
        "at": at,
        "boot_id": BOOT,
        "parts": parts,
        "gaps": list(gaps),
    }


def machine(**fields: object) -> dict[str, object]:
    """Return the part machine, with some fields changed."""
    return {
        "boot_id": BOOT,
        "boot_time": AT - 5000.0,
        "uptime": 5000.0,
        "now": AT,
        "load": [0.5, 0.4, 0.3],
        "cpus": 16,
        "memory_total": 64 * GIB,
        "memory_available": 32 * GIB,
        "drivers": [
            {
                "pid": 77,
                "name": "nvidia-smi",
                "state": "D",
                "age": 40.0,
                "wchan": "os_rpc",
            }
        ],
        "gpus_on_bus": ["0000:01:00.0"],
        "driver_module": "535.161.07",
        **fields,
    }


def disk(**fields: object) -> dict[str, object]:
    """Return a disk that is half full, with some fields changed."""
    return {
        "path": "/",
        "total": 100 * GIB,
        "free": 50 * GIB,
        "inodes_total": 1000,
        "inodes_free": 900,
        **fields,
    }
