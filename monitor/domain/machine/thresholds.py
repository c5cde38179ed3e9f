"""When a machine is in trouble, and why these figures.

Shares are from 0 to 1, sizes bytes, lengths seconds.
"""

_MIB = 1024**2
_GIB = 1024**3

FULL_SHARE = 0.01
FULL_BYTES = 256 * _MIB
"""One minute of 1080p video as frames needs 4 GB (facts/facefusion.md §4,
12): with less than 256 MiB even a single image's temporary files fail."""
SMALL_DISK_BYTES = 10 * FULL_BYTES
"""Below this size a disk is judged by its share alone: a boot partition of
200 MiB is not full because it is small."""

LOW_SHARE = 0.05
LOW_BYTES = 10 * _GIB
"""With this much room no disk is full or low, however small the share: 1 %
of 20 TB is 200 GB. It is about three minutes of frames."""

LOW_MEMORY_SHARE = 0.03
"""The kernel's MemAvailable already counts what caches can give back: below
3 % it pages code out, and the OOM killer is next."""

LOAD_PER_CPU = 4.0
"""Load counts what waits for disks too, and FaceFusion starts 8 threads
(facts/facefusion.md §1.2): one or two per CPU is an ordinary job."""

WEDGED_AFTER = 20.0
"""Age of an nvidia-smi in D state. Without persistence the driver takes 1
to 3 s a GPU, crowded chassis took over 15 s (facts/gpu.md §1)."""

OOM_WITHIN = 600.0
"""How long an OOM kill is told: what ate the memory is still there."""

CLOCK_TOLD = 30.0
"""A clock that is further off is told. It is no fault of the machine: ours
may be the wrong one."""
