"""A journal as the release before the rungs left it, word for word.

Recorded with that release: a restart that failed, and a plan still open.
"""

from pathlib import Path

from tests.adapters.store.journal_desk import order

ASKED_BY = '{"v":1,"name":"oncall-ann","person":"ann","trigger":"person"}'
DIGEST = "8a517ade331a89a3e6015fd6e0fdb8a2a553c797482f4032d76dbb666a58d713"
PLAN = (
    '{"v":1,"id":"p2","aim":{"action":"restart","target":"studio",'
    '"url":"http://gpu1:9002","host":"gpu1","manager":"systemd",'
    '"unit":"facefusion.service","directory":"/opt/facefusion","port":9002,'
    '"boot_id":"8f2d","processes":[{"boot_id":"8f2d","pid":4711,'
    '"start_ticks":99000,"uid":1001,"cmdline":["python","facefusion.py",'
    '"run"],"cwd":"/opt/facefusion",'
    '"cgroup":"/system.slice/facefusion.service","is_server":true}],'
    '"steps":["restart facefusion.service on gpu1"],'
    '"break_glass":{"gate":"busy","reason":"the queue hangs"}},'
    f'"digest":"{DIGEST}","reason":"it hangs",'
    '"by":{"name":"oncall-ann","person":"ann","trigger":"person"},'
    '"cause":"hung","created_at":1000000.0,"expires_at":1000900.0,'
    '"gates":[{"gate":"busy","word":"skipped","because":"asked"}],'
    '"in_flight":["a swap of 12 s"],"approvals":1,"confirm":"studio"}'
)
CHANGE = (
    *(1, "c1", "p1", "restart", "studio", "gpu1", ASKED_BY, "ended"),
    *("so it went", 1000000.0, 1000005.0, 1000900.0, "monitor-1", 1),
    *(1000000.0, "failed", "so it went", ""),
)
INSERT = (
    "INSERT INTO changes VALUES"
    " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
NEW_COLUMNS = ("done", "parent")


def write_journal_of_issue_e(path: Path) -> None:
    """Make a new file what that release left, with what it had written."""
    for column in NEW_COLUMNS:
        order(path, f"ALTER TABLE changes DROP COLUMN {column}")
    order(path, "DROP TABLE alerts")
    order(path, "UPDATE alembic_version SET version_num = '0004'")
    order(path, INSERT, *CHANGE)
    kept = ("p1", PLAN.replace('"p2"', '"p1"'), DIGEST, "c1", "failed", "so")
    for number, row in enumerate(
        (kept, ("p2", PLAN, DIGEST, "", None, "")), 1
    ):
        order(
            path,
            "INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?, ?)",
            number,
            *row,
        )
