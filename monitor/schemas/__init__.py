"""The wire format: what the daemon and its clients say to each other.

Fields are only ever added. Times are RFC 3339 in UTC, lengths are seconds
and say so in their name; null means that nobody knows.
"""
