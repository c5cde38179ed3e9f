"""Bus ids made fit to be compared.

XML of nvidia-smi has an eight-digit domain and a function, its error texts
a four-digit domain, the kernel a four-digit domain and no function, and
letters come in both cases (facts/gpu.md §2).
"""

_FUNCTION = ".0"
"""A GPU is function 0 of its device; its sound is function 1."""


def slot(bus_id: str) -> str:
    """Return a bus id as nvidia-smi's XML spells it now."""
    domain, separator, rest = bus_id.strip().upper().partition(":")
    if not separator:
        return domain
    function = "" if "." in rest else _FUNCTION
    return f"{domain:0>8}:{rest}{function}"
