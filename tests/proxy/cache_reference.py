"""What the cache's index must do, written as plainly as it can be: a list, looked through from end to end.

Shares no code with the index. Slow on purpose.
"""

from __future__ import annotations


class Reference:
    """Rows in the order in which they were last used, the least used first."""

    def __init__(self, max_entries, max_bytes):
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self.rows = []

    def fresh(self, key, now, max_age):
        return [
            row
            for row in self.rows
            if row["key"] == key and self.lives(row, now) and (max_age is None or self.age(row, now) < max_age)
        ]

    def age(self, row, now):
        """A clock that was set back says nothing of how old it is; it is taken for as old as it seems too young."""
        return now - row["stored_at"] if now >= row["stored_at"] else row["stored_at"] - now

    def lives(self, row, now):
        return self.age(row, now) < row["expires_at"] - row["stored_at"]

    def find(self, key, now, variants, max_age):
        """The ids of which any one may be served."""
        rows = [row for row in self.fresh(key, now, max_age) if row["slot"] < (variants or 1)]
        return [row["id"] for row in rows] if len(rows) == (variants or 1) else []

    def used(self, entry_id):
        [row] = [row for row in self.rows if row["id"] == entry_id]
        self.rows.remove(row)
        self.rows.append(row)

    def slot(self, key, now, variants):
        taken = {row["slot"]: row for row in self.rows if row["key"] == key}
        free = [slot for slot in range(variants or 1) if slot not in taken or not self.lives(taken[slot], now)]
        if free:
            return free[0]
        return sorted(range(variants or 1), key=lambda slot: (taken[slot]["stored_at"], slot))[0]

    def put(self, row, now, bucket_max):
        before = {each["id"] for each in self.rows} | {row["id"]}
        self.rows = [each for each in self.rows if (each["key"], each["slot"]) != (row["key"], row["slot"])]
        self.rows.append(row)
        if bucket_max is not None:
            mine = [each for each in self.rows if each["seed"] == row["seed"]]
            for each in mine[: max(0, len(mine) - bucket_max)]:
                self.rows.remove(each)
        return before

    def over(self):
        return len(self.rows) > self.max_entries or sum(row["size"] for row in self.rows) > self.max_bytes
