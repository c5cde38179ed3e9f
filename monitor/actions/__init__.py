"""One file a thing done: its steps, and how it is proved."""
