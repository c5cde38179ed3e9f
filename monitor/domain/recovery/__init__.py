"""What may be done to a server, and what became of it: pure decisions."""
