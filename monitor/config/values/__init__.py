"""The kinds of value a setting can have, and how each is written."""
