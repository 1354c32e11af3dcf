"""What has to hold, each as a ratio to something measured in the same run, or to the time or room that was promised."""

from __future__ import annotations

from bench.measured import Limit

LIMITS: tuple[Limit, ...] = (
    # CPU of the web process for one run, against an empty page of Streamlit's in the same kind of server
    Limit("shell.empty", "an empty page in the shell", 1.5),
    Limit("shell.click", "a click without data", 2),
    Limit("shell.filter", "a click that changes the table and one chart", 4.5),
    Limit("shell.filter_bytes", "what that click sends", 22, unit="kB"),
    Limit("shell.heaviest", "the heaviest whole run", 7),
    Limit("shell.messages", "what that run sends", 40, unit="messages"),
    # a hundred tabs that ask for news, and a change every second in one of their accounts
    Limit("live.cpu", "100 open tabs and a change every second, of one core", 30, unit="%"),
    Limit("live.told", "the longest until a tab hears of a change", 2.2, unit="s"),
    Limit("live.badge", "until the envelope of whoever is written to counts it", 1, unit="s"),
    # waiting time at a million rows against ten thousand, the slowest of all lists, people and filters
    Limit("lists.rows", "a page of rows and its count, a million rows against ten thousand", 1.3),
    Limit("lists.click", "a click until the table is there, a million rows against ten thousand", 1.3),
    Limit("lists.search", "a page of what a search finds at a million rows, against 200 ms", 1),
    # finance's day and the customer's statement, at a million invoices
    # of ten thousand invoices so few are disputed that a page of those is no measure
    Limit("money.rows", "the bank's lines and what they pay, a million invoices against ten thousand", 1.3),
    Limit("money.disputes", "a page of disputes and its count, against 50 ms", 1),
    Limit("money.search", "a page of what a search finds in disputes, against 200 ms", 1),
    Limit("money.sums", "charts and totals of what is filtered, against 200 ms", 1),
    Limit("money.ageing", "open balances by age, account and day, and who is late, against 200 ms", 1),
    Limit("money.statement", "a statement of account of any day, against 1 s", 1),
    # the same at a million rows of several accounts, against one of them
    Limit("several.few", "a page of rows and its count, of twelve accounts against one", 1.5),
    Limit("several.many", "a page of rows and its count, of a hundred accounts against one", 3),
    Limit("naive.faster", "than a page that keeps the whole table and filters it in pandas", 10, at_least=True),
    Limit("generator.time", "making the million-row database, against 300 s", 1),
    Limit("report.time", "a report of 100,000 invoices, against writing them from memory", 1.5),
    Limit("report.memory", "what the process grows by while it writes one", 120, unit="MB"),
    Limit("report.flat", "that growth for a million rows, beyond ten thousand", 24, unit="MB"),
    Limit("report.first_byte", "the first byte of a report of any size, against 1 s", 1),
    Limit("imports.time", "importing 100,000 invoices, against 30 s", 1),
    Limit("sign_in.same", "the slowest refusal to sign in, against the quickest", 1.2),
    Limit("start.first", "the first start until it is ready, against 60 s", 1),
    Limit("start.again", "a restart until it is ready, against 5 s", 1),
    Limit("soak.growth", "what the process grows by in 1,000 runs, once warm", 1, unit="MB"),
)

MEASUREMENTS = tuple(dict.fromkeys(limit.measurement for limit in LIMITS))
