"""nvidia-smi's output, read or refused by name."""

from monitor.domain.nvidia_smi.reader import read
from monitor.domain.nvidia_smi.run import Told, interpret

__all__ = ["Told", "interpret", "read"]
