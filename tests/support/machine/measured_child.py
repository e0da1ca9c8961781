"""Runs the reader of photos as in service and says on standard error how much memory it had at its most."""

from __future__ import annotations

import os
import re
import resource
import sys

sys.path.insert(0, sys.argv[1])
from recovery.photos import decode_in_child

with open("/proc/self/status") as status:
    ended = decode_in_child.main()
    sys.stderr.flush()
    status.seek(0)
    peak = re.findall(r"VmHWM:\s+(\d+) kB", status.read())
used = resource.getrusage(resource.RUSAGE_SELF)
os.write(2, f" peak_kib={peak[0]} cpu={used.ru_utime + used.ru_stime:.3f}".encode())
os._exit(ended)
