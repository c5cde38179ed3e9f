"""The process that serves: its unit, its identity, its listeners."""
