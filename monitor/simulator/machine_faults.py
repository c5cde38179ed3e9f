"""More faults of the machine and its GPUs, and what only looks like one."""

from monitor.simulator.fault import Fault

MACHINE_FAULTS = (
    Fault(
        name="gpu_reset_required",
        description="the first GPU wants a reset: jobs fail",
    ),
    Fault(
        name="gpu_hardware",
        description="the first GPU could not put a bad row of memory aside",
    ),
    Fault(
        name="second_user",
        description="somebody else works on the first GPU, too",
        takes="how many times as long jobs take",
        value=2.5,
    ),
    Fault(
        name="host_overloaded",
        description="other programs want more CPUs than there are",
        takes="how many times as long jobs take",
        value=3.0,
    ),
    Fault(
        name="power_cap",
        description="harmless: the first GPU's clocks keep to its power limit",
    ),
    Fault(
        name="phantom_load",
        description="harmless: the first GPU says 100 % and nobody uses it",
    ),
    Fault(
        name="mig",
        description="harmless: the first GPU is partitioned and tells no use",
    ),
    Fault(
        name="inforom",
        description="nvidia-smi warns of the first GPU's infoROM; jobs go on",
    ),
)
"""What a row means is done in `nvidia_smi/`, `gate/` and `jobs.py`."""
