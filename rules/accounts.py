"""Customers' accounts: how deep they may stand below each other, and what somebody may give as a reason."""

from __future__ import annotations

import re

#: An account, a part of it, and so on: what people can still tell apart. The database counts too.
LEVELS = 5
#: A reason is a sentence that its reader learns something from.
SHORTEST_REASON, LONGEST_REASON = 10, 1000
LONGEST_NAME = 200
#: As codes stand in addresses and files.
CODE = re.compile(r"[A-Za-z0-9_.-]{1,50}")
