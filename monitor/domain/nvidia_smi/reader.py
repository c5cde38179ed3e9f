"""The one way in: any bytes give a reading or one named refusal."""

from monitor.domain.errors import Unreadable
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.nvidia_smi.csv import read_table, table
from monitor.domain.nvidia_smi.log import read_log
from monitor.domain.nvidia_smi.refusals import kind
from monitor.domain.nvidia_smi.text import clean
from monitor.domain.nvidia_smi.xml import ROOT


def read(text: bytes) -> GpuReading:
    """Read `-q -x`, `--query-gpu` or `--query-compute-apps` (CSV).

    Text before the first line of those is skipped, but for the sentences
    that complain about GPUs: they become faults. Compute-apps CSV gives
    GPUs of which only the identity and the processes are known. Raises
    `Unreadable` for everything else, naming what it is instead.
    """
    readable = clean(text)
    if ROOT in readable:
        return read_log(readable)
    found = table(readable)
    if found is None:
        raise Unreadable(f"cannot read nvidia-smi output: {kind(readable)}")
    return read_table(found)
