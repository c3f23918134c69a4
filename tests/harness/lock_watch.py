"""Looks at the locks of the change reader while it works, again and again."""

import threading
import time

from .servers import CDC_USER

# The server's own view of its locks; both switches are off by default somewhere.
SERVER_OPTIONS = ("--performance-schema=ON", "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON",
                  "--performance-schema-instrument=statement/%=ON")
# Metadata locks under which others can write.
HARMLESS = ("INTENTION_EXCLUSIVE", "SHARED", "SHARED_HIGH_PRIO", "SHARED_READ", "SHARED_WRITE")
LOOK_EVERY = 0.02


class LockWatch(threading.Thread):
    """`blocking`: seconds for which each lock that keeps writers off was seen, by (thread, type). `rows_locked`: the
    most rows or tables that a transaction of the reader had locked. `longest_view`: seconds for which one statement's
    worth of reading kept a table's definition."""

    def __init__(self, server, database):
        super().__init__(daemon=True)
        self._link = server.connect()
        self._database = database
        self._stopping = threading.Event()
        self._since = {}
        self.blocking, self.rows_locked, self.longest_view, self.looks, self.views_seen = {}, 0, 0.0, 0, 0
        self.error = None

    def run(self):
        try:
            while not self._stopping.wait(LOOK_EVERY):
                self.look()
        except Exception as error:  # shown by stop()
            self.error = error

    def look(self):
        with self._link.cursor() as cursor:
            cursor.execute(
                "SELECT l.OWNER_THREAD_ID, l.LOCK_TYPE FROM performance_schema.metadata_locks l "
                "JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID WHERE l.OBJECT_TYPE = 'TABLE' "
                f"AND l.OBJECT_SCHEMA = '{self._database}' AND t.PROCESSLIST_USER = '{CDC_USER}' "
                "AND l.LOCK_STATUS = 'GRANTED'")
            now, held = time.monotonic(), set(cursor.fetchall())
            cursor.execute(
                "SELECT MAX(trx_rows_locked + trx_tables_locked) FROM information_schema.innodb_trx x "
                "JOIN information_schema.processlist p ON p.ID = x.trx_mysql_thread_id "
                f"WHERE p.USER = '{CDC_USER}'")
            self.rows_locked = max(self.rows_locked, cursor.fetchone()[0] or 0)
        self._since = {lock: self._since.get(lock, now) for lock in held}
        for (thread, kind), since in self._since.items():
            self.views_seen += 1
            if kind in HARMLESS:
                self.longest_view = max(self.longest_view, now - since)
            else:
                self.blocking[thread, kind] = max(self.blocking.get((thread, kind), 0), now - since)
        self.looks += 1

    def stop(self):
        self._stopping.set()
        self.join()
        self._link.close()
        if self.error:
            raise self.error
