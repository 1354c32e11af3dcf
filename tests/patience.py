"""How long a test waits for what is sure to come: a busy machine is slow, not wrong."""

from __future__ import annotations

#: Seconds. Whoever waits for a process, a page or a message waits so long, and no test says less. It ends with what was
#: waited for, so that only a test that fails takes as long.
PATIENCE = 300
