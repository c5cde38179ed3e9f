"""The state: one SQLite file that survives restarts.

The way of a look: `sqlite` decides whether it is news (`news`), `behind`
collects it into a batch, the writing thread puts a batch into one
transaction (`batch`, `trimming`). `opening` sees that a file is ours and
whole (`look`), copies it (`backup`) and brings it up to date (`migrating`,
`migrations/`, `schema`). Everything else turns facts into rows and back.
"""

from monitor.adapters.store.sqlite import SqliteStore

__all__ = ["SqliteStore"]
