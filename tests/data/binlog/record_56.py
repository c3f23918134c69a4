#!/usr/bin/env python3
"""Records mysql56.000001: what MySQL 5.6 has of types.sql and changes.sql, with the statements beside the rows."""

import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
from harness.servers import MySQL56  # noqa: E402

types = re.sub(r", j JSON|, '\{[^']*\}'", "", (HERE / "types.sql").read_text(encoding="utf-8"))
changes = (HERE / "changes.sql").read_text(encoding="utf-8").split("FLUSH BINARY LOGS")[0]
with MySQL56(args=("--server-id=7", "--binlog-rows-query-log-events")) as server:
    server.sql("RESET MASTER")
    server.sql(types)
    server.sql(changes)
    shutil.copy(server.data / "binlog.000001", HERE / "mysql56.000001")
