"""A bank's file: which columns it may have, how days and amounts are written there, and what a line is called."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from rules.money import CURRENCIES, MOST, is_exact

#: Ours → what banks call it, lower case, the likeliest first.
COLUMNS: Mapping[str, Sequence[str]] = {
    "date": ("date", "booking date", "booked on", "transaction date", "posting date", "value date", "date & time",
             "거래일자", "거래일", "거래일시", "입금일", "입금일자", "일자", "날짜", "取引日", "日付", "お取引日"),
    "amount": ("credit", "credit amount", "deposit", "deposits", "paid in", "money in", "amount", "transaction amount",
               "입금액", "입금", "입금금액", "맡기신금액", "거래금액", "금액", "入金額", "お預り金額", "入金金額"),
    "currency": ("currency", "ccy", "통화", "통화코드", "通貨"),
    "reference": ("reference", "remittance information", "description", "details", "narrative", "text", "memo",
                  "particulars", "적요", "내용", "거래내용", "메모", "통장표시내용", "摘要", "取引内容"),
    "payer": ("payer", "sender", "counterparty", "payer name", "remitter", "name", "from",
              "보낸분", "보낸사람", "의뢰인", "입금자", "입금자명", "송금인", "기재내용", "振込依頼人", "依頼人"),
}  # fmt: skip
REQUIRED = ("date", "amount")
#: Longer texts are cut: no bank writes that much.
LONGEST = 500

_DAY_FIRST_OR_LAST = re.compile(r"(\d{1,4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,4})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_NUMBER = re.compile(r"[(]?[-+]?\s*[\d.,' ]*\d[\d.,' ]*-?[)]?")
_SIGNS = re.compile(r"[₩¥￦￥$€₱₹฿원円\u00a0\u202f]|KRW|JPY|USD|PHP|IDR|INR|MYR|CNY|THB|SGD|EUR|RM|Rp")


class Verdict(StrEnum):
    """How sure it is what a line of the bank pays."""

    #: It names an invoice, or several, and is exactly what is open.
    CERTAIN = "certain"
    #: It names an invoice of which more is open; or less, and the rest of the line waits for a person.
    PART = "part"
    OVER = "over"
    #: It names none, but only one invoice has exactly this open.
    AMOUNT = "amount"
    NONE = "none"


@dataclass(frozen=True)
class BankRow:
    """Money that came in, as it stands in a file; `line` is where. Two lines that say the same are told apart by
    `nth`, so that both count and the same file again brings neither."""

    line: int
    booked_on: date
    amount: Decimal
    currency: str
    reference: str
    payer: str
    nth: int = 1

    @property
    def fingerprint(self) -> bytes:
        said = [self.booked_on.isoformat(), f"{self.amount:.2f}", self.currency, self.reference, self.payer, self.nth]
        return hashlib.sha256(json.dumps(said).encode()).digest()

    @property
    def text(self) -> str:
        return f"{self.reference} {self.payer}".strip()


def day_of(text: str, *, month_first: bool) -> date | None:
    """A day as banks write it; None where there is none. Of 3/4/2026 the whole file says which is the month."""
    if compact := _COMPACT.match(text):
        return _day(*map(int, compact.groups()))
    if (found := _DAY_FIRST_OR_LAST.match(text)) is None:
        return None
    first, second, third = (int(part) for part in found.groups())
    if len(found[1]) == 4:
        return _day(first, second, third)
    if len(found[3]) != 4:
        return None
    return _day(third, first, second) if month_first and "." not in found[0] else _day(third, second, first)


def is_month_first(texts: Iterable[str]) -> bool | None:
    """What the days of a file tell together: 25/3/2026 and 3/25/2026 can be read in one way only. None: some can be
    read in two ways, and no other tells."""
    unclear = False
    for text in texts:
        found = _DAY_FIRST_OR_LAST.match(text)
        if found is None or len(found[3]) != 4 or "." in found[0]:
            continue
        if int(found[1]) > 12 or int(found[2]) > 12:
            return int(found[2]) > 12
        unclear = unclear or found[1] != found[2]
    return None if unclear else False


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1990 <= year <= 2200 else None
    except ValueError:
        return None


def amount_of(text: str) -> Decimal | None:
    """An amount as banks write it: 1,500,000 · 1.500,25 · (20.00) · ₩1,000. A mark before exactly three digits parts
    thousands: no amount has three decimals. Nothing is 0; None is no amount."""
    bare = _SIGNS.sub("", text).strip()
    if not bare or bare == "-":
        return Decimal(0)
    if _NUMBER.fullmatch(bare) is None:
        return None
    is_out = bare.startswith(("-", "(")) or bare.endswith(("-", ")"))
    digits = re.sub(r"[^\d.,]", "", bare)
    try:
        amount = Decimal(_with_point(digits))
    except InvalidOperation:
        return None
    return (-amount if is_out else amount) if amount < MOST else None


def _with_point(digits: str) -> str:
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits
    mark, after = digits[last], digits[last + 1 :]
    is_point = digits.count(mark) == 1 and (len(after) != 3 or _both(digits))
    whole = re.sub(r"[.,]", "", digits[:last])
    return f"{whole}.{after}" if is_point else whole + after


def _both(digits: str) -> bool:
    return "." in digits and "," in digits and len(digits) - max(digits.rfind("."), digits.rfind(",")) != 4


def is_receivable(amount: Decimal, currency: str) -> bool:
    return currency in CURRENCIES and is_exact(amount, currency)


_PIECE = re.compile(r"[^\W_]+")
#: An invoice's number has so many parts at most, and at least so many letters and digits.
_PARTS, _SHORTEST = 5, 4


def numbers_in(text: str) -> frozenset[str]:
    """All that may be an invoice's number in a bank's text: its pieces, with the marks between them lost or others."""
    pieces = _PIECE.findall(text.upper())[:60]
    found = set()
    for first in range(len(pieces)):
        for last in range(first + 1, min(first + _PARTS, len(pieces)) + 1):
            some = pieces[first:last]
            if not any(letter.isdigit() for piece in some for letter in piece):
                continue
            found |= {mark.join(some) for mark in ("-", "", "/", "_", ".")}
    return frozenset(number for number in found if len(number) >= _SHORTEST)
