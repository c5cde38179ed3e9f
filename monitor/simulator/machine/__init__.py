"""The machine that a simulated FaceFusion runs on, as its kernel knows it."""
