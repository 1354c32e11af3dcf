"""How long `./portal import` takes for a hundred thousand invoices with their lines."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from bench.measured import Result, Spread
from bench.plan import Bench
from bench.stage import Data
from data.instance import Login
from data.settings import CHECKOUT

PROMISED = 30.0
LINES = 3
ACCOUNTS = 40
FIRST_DAY = date(2024, 1, 1)

ENTITY = ("entity", "name", "country", "currency", "tax_id", "address", "finance_email", "tax_rounding")
ACCOUNT = ("account", "name", "parent", "country", "currency", "locale", "time_zone", "account_manager")
INVOICE = (
    "number", "type", "issuer", "account", "issue_date", "due_date", "currency", "subtotal", "tax", "total", "paid",
    "purchase_order",
)  # fmt: skip
LINE = ("number", "line", "description", "site", "product", "quantity", "unit_price", "charge", "tax", "amount")


def measure(bench: Bench) -> Iterator[Result]:
    """Into a database that has issuers and accounts and nothing else, as the first import of a customer's books."""
    rows = bench.plan.import_rows
    folder = bench.stage.folder / "import"
    folder.mkdir(exist_ok=True)
    invoices, lines = _write_files(folder, rows)
    data = bench.stage.fresh("import")
    _run(bench, data, "entities", folder / "entities.csv")
    _run(bench, data, "accounts", folder / "accounts.csv")
    first = _run(bench, data, "invoices", invoices, "--lines", str(lines))
    again = _run(bench, data, "invoices", invoices, "--lines", str(lines))
    bench.stage.remove(data)
    note = f"{first:.1f} s for {rows:,} invoices with {rows * LINES:,} lines; the same files again {again:.1f} s"
    yield Result("imports.time", Spread.of([first / PROMISED]), "", note)


def _run(bench: Bench, data: Data, kind: str, file: Path, *more: str) -> float:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")},
        "DATABASE_URL": data.owner_url,
        "PORTAL_HOME": str(bench.stage.folder / "home-import"),
        **{f"PORTAL_{login.name}_URL": data.url(login) for login in Login},
    }
    command = [sys.executable, str(CHECKOUT / "cli.py"), "import", kind, str(file), *more]
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"import {kind} failed: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    return time.perf_counter() - started


def _write_files(folder: Path, rows: int) -> tuple[Path, Path]:
    """Invoices whose lines sum to their totals, four in five of them paid."""
    _write(
        folder / "entities.csv",
        ENTITY,
        [("EX-US", "Example US", "US", "USD", "00", "1 Way", "finance@us.example", "invoice")],
    )
    accounts = [f"IMPORT-{number:03}" for number in range(ACCOUNTS)]
    _write(
        folder / "accounts.csv",
        ACCOUNT,
        [(code, code.title(), "", "US", "USD", "en", "America/New_York", "") for code in accounts],
    )
    rng = Random(1)
    invoices, lines = [], []
    for number in range(rows):
        drawn = [_line(f"IN-{number:07}", place, rng) for place in range(1, LINES + 1)]
        lines += drawn
        invoices.append(_invoice(f"IN-{number:07}", accounts[number % ACCOUNTS], drawn, number))
    _write(folder / "invoices.csv", INVOICE, invoices)
    _write(folder / "invoice_lines.csv", LINE, lines)
    return folder / "invoices.csv", folder / "invoice_lines.csv"


def _line(number: str, place: int, rng: Random) -> tuple[object, ...]:
    amount = Decimal(rng.randrange(1_000, 900_000)) / 100
    words = f"Cabinet {rng.randrange(900)}, feed A"
    return number, place, words, "", "cabinet", 1, amount, "recurring", "0.00", amount


def _invoice(number: str, account: str, lines: Sequence[tuple[object, ...]], place: int) -> tuple[object, ...]:
    total = sum((Decimal(str(line[-1])) for line in lines), Decimal(0))
    issued = FIRST_DAY + timedelta(days=place % 700)
    paid = Decimal("0.00") if place % 5 == 0 else total
    return (
        number, "invoice", "EX-US", account, issued, issued + timedelta(days=30), "USD", total, "0.00", total, paid, "",
    )  # fmt: skip


def _write(file: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(rows)
