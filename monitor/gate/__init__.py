"""The gate: what observes on a GPU host. One file there, modules here.

README.md has the protocol. Nothing here imports anything but the standard
library of Python 3.9 and its own modules.
"""
