"""A simulated gate: protocol 1 of monitor/gate/README.md, in process."""
