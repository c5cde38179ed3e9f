"""A state file as the first release wrote it, word for word."""

import sqlite3
from contextlib import closing
from pathlib import Path

SCHEMA = """
CREATE TABLE canary_runs (
    id INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    check_name TEXT NOT NULL, at FLOAT NOT NULL, duration FLOAT NOT NULL,
    health TEXT NOT NULL, because TEXT NOT NULL, reason TEXT NOT NULL,
    canary TEXT NOT NULL, operation TEXT NOT NULL, model TEXT NOT NULL,
    result TEXT NOT NULL, seconds FLOAT, output_valid BOOLEAN, low FLOAT,
    high FLOAT, ratio FLOAT, PRIMARY KEY (id)
);
CREATE INDEX canary_runs_by_check
    ON canary_runs (kind, subject, check_name, at);
CREATE TABLE transitions (
    id INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    check_name TEXT NOT NULL, at FLOAT NOT NULL, before TEXT NOT NULL,
    after TEXT NOT NULL, because TEXT NOT NULL, PRIMARY KEY (id)
);
"""
ROWS = """
INSERT INTO canary_runs VALUES (1, 'target', 'studio', 'canary.swap', 2.0,
    9.0, 'degraded', 'slow', 'slow', 'swap', 'swap', 'inswapper_128', 'slow',
    8.5, 1, 3.0, 4.0, 2.125);
INSERT INTO transitions VALUES
    (1, 'target', 'studio', 'status', 1.0, 'unknown', 'healthy', 'answers'),
    (2, 'target', 'studio', 'status', 3.0, 'healthy', 'unhealthy', 'refused');
"""


def write_file_of_issue_a(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(SCHEMA + ROWS)
