"""The gates: what has to hold before anything is done, one a file.

Each is a function of the situation, never raises, and refuses where it does
not know, but for what its docstring says. Their order, and what they are
called, is in `recovery.weighing`.
"""
