"""How a state database of an older release becomes one of this release."""
