"""Notices as staff work on them: written, published, added to."""

from data.noticing.publishing import (
    AddToNotice,
    Announcement,
    PublishNotice,
    SaveNotice,
    WithdrawNotice,
    Words,
)
from data.noticing.reading import (
    Editable,
    Reached,
    Written,
    WrittenAsked,
    accounts_to_tell,
    editable,
    list_written,
    reach,
)

__all__ = [
    "AddToNotice", "Announcement", "Editable", "PublishNotice", "Reached", "SaveNotice", "WithdrawNotice", "Words",
    "Written", "WrittenAsked", "accounts_to_tell", "editable", "list_written", "reach",
]  # fmt: skip
