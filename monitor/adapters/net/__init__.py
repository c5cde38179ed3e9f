"""The network below HTTP: TCP, ICMP and certificates."""
