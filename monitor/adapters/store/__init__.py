"""The state: one SQLite file that survives restarts.

The way of a look: `sqlite` decides whether it is news (`news`), `behind`
collects it into a batch, the writing thread puts a batch into one
transaction (`batch`, `trimming`). `opening` sees that a file is ours and
whole (`look`), copies it (`backup`) and brings it up to date (`migrating`,
`migrations/`, `schema`). Everything else turns facts into rows and back.

The way of a change: `journal` begins a transaction, `journal_plans`,
`journal_changes`, `journal_locks` and `journal_intents` see that all it
relies on still holds and write it, `journal_audit` seals what is told of it,
and it is on the disk before anybody acts.
"""

from monitor.adapters.store.sqlite import SqliteStore

__all__ = ["SqliteStore"]
