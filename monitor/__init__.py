"""Monitor and rescue daemon for FaceFusion GPU servers."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("facefusion-monitor")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0+unknown"
