"""What is installed in a Python, from the names of folders alone.

Only the packages that onnxruntime uses a GPU with are told; what else lies
there is nobody's business.
"""

from __future__ import annotations

import os
import posixpath
import re
from typing import NamedTuple

from monitor.gate.gaps import Gaps
from monitor.gate.procfiles import read_whole
from monitor.gate.pythons import PythonPlace

_PACKAGES_TOLD = re.compile(
    r"onnxruntime(-[a-z0-9]{1,20}){0,3}|torch"
    r"|tensorrt(-cu[0-9]{1,3})?|nvidia-(cudnn|cublas)(-cu[0-9]{1,3})?"
)
_INSTALLED = re.compile(
    r"([A-Za-z0-9_.-]{1,80}?)-([A-Za-z0-9_.!+]{1,64})\.dist-info"
)
_LIBRARY_FOLDERS = ("lib", "lib64", "local/lib")
_PACKAGE_FOLDERS = ("site-packages", "dist-packages")
_VERSIONED = re.compile(r"python(3\.[0-9]{1,3})t?")
_ANY_VERSION = "python3"
"""Debian's folder of packages for all its Pythons."""

_PROVIDERS = ("cuda", "tensorrt")
_PACKAGES_AT_MOST = 20_000
_SETTINGS_AT_MOST = 65536


class PackagesFound(NamedTuple):
    """Packages, and onnxruntime's provider libraries; None for unknown."""

    packages: list[dict[str, str]]
    providers: list[str] | None


def gpu_packages(place: PythonPlace, gaps: Gaps) -> PackagesFound | None:
    """Return what a Python has for the GPU, None where it is not known."""
    folders = _package_folders(place, gaps)
    if not folders:
        return None
    found: dict[str, str] = {}
    for folder in folders:
        names = _names_in(folder)
        if names is None:
            gaps.add("packages", f"cannot list {_shown(folder, place)}")
            return None
        for name, version in map(_package, names):
            if name:
                found.setdefault(name, version)
    packages = [{"name": one, "version": found[one]} for one in sorted(found)]
    return PackagesFound(packages, _providers(folders, place, gaps))


def _package(name: str) -> tuple[str, str]:
    """Return name and version of a package that is told, else nothing."""
    match = _INSTALLED.fullmatch(name)
    if not match:
        return "", ""
    package = re.sub(r"[-_.]+", "-", match.group(1)).lower()
    told = _PACKAGES_TOLD.fullmatch(package) is not None
    return (package, match.group(2)) if told else ("", "")


def _providers(
    folders: list[str], place: PythonPlace, gaps: Gaps
) -> list[str] | None:
    """Return which provider libraries lie beside onnxruntime."""
    for folder in folders:
        runtime = os.path.join(folder, "onnxruntime", "capi")
        try:
            names = os.listdir(runtime)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            gaps.add("providers", f"cannot list {_shown(runtime, place)}")
            return None
        return [
            one
            for one in _PROVIDERS
            if f"libonnxruntime_providers_{one}.so" in names
        ]
    return []


def _package_folders(place: PythonPlace, gaps: Gaps) -> list[str]:
    """Return the folders in which this Python looks for packages."""
    prefix = posixpath.dirname(posixpath.dirname(place.path))
    folders = _folders_below(prefix, place)
    settings = _settings(prefix, place)
    if settings.get("include-system-site-packages", "").lower() == "true":
        home = settings.get("home", "")
        folders += _folders_below(posixpath.dirname(home), place)
    versions = {_version_in(one) for one in folders} - {""}
    if len(versions) > 1:
        folders = _those_of(_version_of(place), folders)
    if not folders:
        gaps.add("packages", f"cannot find the packages of {place.path}")
        return []
    return folders


def _folders_below(prefix: str, place: PythonPlace) -> list[str]:
    """Return folders of packages, each once: lib64 is often lib."""
    found: dict[str, str] = {}
    for library in _LIBRARY_FOLDERS:
        inside = os.path.join(prefix.lstrip("/"), library)
        above = os.path.join(place.root, inside)
        for name in sorted(_names_in(above) or ()):
            if name != _ANY_VERSION and not _VERSIONED.fullmatch(name):
                continue
            for packages in _PACKAGE_FOLDERS:
                folder = os.path.join(above, name, packages)
                if os.path.isdir(folder):
                    found.setdefault(os.path.realpath(folder), folder)
    return list(found.values())


def _those_of(version: str, folders: list[str]) -> list[str]:
    """Return the folders for a version, none where it is not known."""
    fits = (version, "")
    return [one for one in folders if version and _version_in(one) in fits]


def _version_of(place: PythonPlace) -> str:
    """Return the version that a Python's name tells, "" for none."""
    path = os.path.join(place.root, place.path.lstrip("/"))
    names = (os.path.basename(path), os.path.basename(os.path.realpath(path)))
    found = (_VERSIONED.fullmatch(name) for name in names)
    return next((match.group(1) for match in found if match), "")


def _version_in(folder: str) -> str:
    """Return the version that a folder of packages is for, "" for any."""
    match = _VERSIONED.fullmatch(os.path.basename(os.path.dirname(folder)))
    return match.group(1) if match else ""


def _settings(prefix: str, place: PythonPlace) -> dict[str, str]:
    """Return what pyvenv.cfg says, nothing where there is none."""
    path = os.path.join(place.root, prefix.lstrip("/"), "pyvenv.cfg")
    try:
        text = read_whole(path, _SETTINGS_AT_MOST).decode("utf-8", "replace")
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.split("\n"))
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _names_in(folder: str) -> list[str] | None:
    try:
        return os.listdir(folder)[:_PACKAGES_AT_MOST]
    except OSError:
        return None


def _shown(folder: str, place: PythonPlace) -> str:
    return "/" + os.path.relpath(folder, place.root)
