"""Leaves in botocore's list of all endpoints those of some services.

usage: prune_endpoints.py FILE SERVICE…

Reading the whole list takes longer than anything else at the making of the first client.
"""

import json
import sys
from pathlib import Path

if __name__ == "__main__":
    file, services = Path(sys.argv[1]), sys.argv[2:]
    endpoints = json.loads(file.read_text(encoding="utf-8"))
    for partition in endpoints["partitions"]:
        known = partition["services"]
        partition["services"] = {name: known[name] for name in services if name in known}
    file.write_text(json.dumps(endpoints, separators=(",", ":")), encoding="utf-8")
