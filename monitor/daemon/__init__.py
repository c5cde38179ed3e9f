"""The composition root: builds, wires, runs; no judgement in here."""
