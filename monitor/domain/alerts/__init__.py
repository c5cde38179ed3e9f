"""Alerts that others tell us of, and what they set off."""
