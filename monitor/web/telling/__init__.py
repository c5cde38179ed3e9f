"""Says in the words of the wire what the domain and the board know."""
