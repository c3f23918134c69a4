#!/usr/bin/env python3
"""Records mariadb_xa.000001 and mysql_xa.000001: XA transactions with everything that can become of them."""

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
from harness.servers import MariaDB, MySQL  # noqa: E402

# A list is one session, which ends before the next begins: so a prepared transaction is left to others.
SESSIONS = [
    ["CREATE DATABASE q", "CREATE TABLE q.a (id INT PRIMARY KEY, v VARCHAR(20))",
     "CREATE TABLE q.b (id INT PRIMARY KEY)"],
    ["XA START 'first','branch',7", "INSERT INTO q.a VALUES (1, 'first'), (2, 'first')",
     "UPDATE q.a SET v = 'changed' WHERE id = 2", "INSERT INTO q.b VALUES (1)",
     "XA END 'first','branch',7", "XA PREPARE 'first','branch',7"],
    ["INSERT INTO q.a VALUES (3, 'between')"],
    ["XA START 'undone'", "INSERT INTO q.a VALUES (4, 'undone')", "XA END 'undone'", "XA PREPARE 'undone'"],
    ["XA START 'other'", "INSERT INTO q.b VALUES (5)", "XA END 'other'", "XA PREPARE 'other'"],
    ["XA COMMIT 'first','branch',7"],
    ["XA START 'at once'", "INSERT INTO q.a VALUES (6, 'one phase')", "DELETE FROM q.a WHERE id = 1",
     "XA END 'at once'", "XA COMMIT 'at once' ONE PHASE"],
    ["XA ROLLBACK 'undone'", "XA COMMIT 'other'"],
    # The same identifier once more.
    ["XA START 'first','branch',7", "INSERT INTO q.a VALUES (7, 'again')", "XA END 'first','branch',7",
     "XA PREPARE 'first','branch',7", "XA COMMIT 'first','branch',7"],
    ["INSERT INTO q.a VALUES (8, 'end')"],
    ["XA START 'left'", "INSERT INTO q.a VALUES (9, 'left')", "XA END 'left'", "XA PREPARE 'left'"],
]

for kind in (MariaDB, MySQL):
    with kind(args=("--server-id=7",)) as server:
        server.sql("RESET MASTER" if kind is MariaDB else "RESET BINARY LOGS AND GTIDS")
        for session in SESSIONS:
            with server.connect() as connection, connection.cursor() as cursor:
                for statement in session:
                    cursor.execute(statement)
        shutil.copy(server.data / "binlog.000001", HERE / f"{kind.name}_xa.000001")
