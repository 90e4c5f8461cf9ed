"""Run a command and tell time and memory: `python -S -E launch.py RESULT-FILE COMMAND…`.

A small process of its own, because the peak of memory that the kernel tells of a child includes what its parent held
when it was started.
"""

import json
import os
import sys
import time

result, command = sys.argv[1], sys.argv[2:]
began = time.perf_counter()
pid = os.posix_spawn(command[0], command, dict(os.environ))
_, status, usage = os.wait4(pid, 0)
seconds = time.perf_counter() - began
with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would double the memory of this process
    json.dump({"seconds": seconds, "peak_mb": usage.ru_maxrss / 1024, "code": os.waitstatus_to_exitcode(status)}, file)
