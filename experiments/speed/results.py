"""results.json: what was measured, row by row, all of it on one machine with the same versions."""

import datetime
import json
import sys

from environment import HERE
from machine import commit

PATH = HERE / "results.json"


class Results:
    """The rows measured so far. Rows of another machine or other versions are dropped."""

    def __init__(self, machine):
        self.machine = machine
        self.rows = {}
        if PATH.is_file():
            stored = json.loads(PATH.read_text())
            if stored["machine"] == machine:
                self.rows = stored["rows"]
            else:
                print("other machine or versions than in results.json: new table", file=sys.stderr)

    def get(self, name):
        return self.rows.get(name)

    def put(self, name, row):
        """Keeps `row`, at once: what comes next may fail."""
        date = datetime.date.today().isoformat()
        self.rows[name] = {"date": date, "commit": commit(), **row}
        text = json.dumps({"machine": self.machine, "rows": self.rows}, indent=1)
        PATH.write_text(text + "\n")
