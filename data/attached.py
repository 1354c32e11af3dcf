"""Files that come with what somebody says in a conversation: kept beside it, in its transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select

from data.commands import Work
from rules.errors import Invalid
from rules.files import Accepted


@dataclass(frozen=True)
class Folder:
    """The files of one kind of conversation: their table, that of what is said, its column that names the conversation,
    how many one holds, and what is said where they are more."""

    files: Any
    said: Any
    conversation: Any
    most: int
    full: str


def keep_files(work: Work, folder: Folder, account_id: int, message: int, files: tuple[Accepted, ...]) -> None:
    """With one's own contribution."""
    if not files:
        return
    if _kept(work, folder, account_id, message) + len(files) > folder.most:
        raise Invalid(folder.full, "files", most=folder.most)
    for file in files:
        work.connection.execute(
            insert(folder.files)
            .inline()
            .values(
                account_id=account_id,
                message_id=message,
                name=file.name,
                media_type=file.media_type,
                sha256=hashlib.sha256(file.content).digest(),
                content=file.content,
            )
        )


def named(files: tuple[Accepted, ...]) -> dict[str, Any]:
    """For the audit log."""
    return {"files": [file.name for file in files]} if files else {}


def _kept(work: Work, folder: Folder, account_id: int, message: int) -> int:
    """How many the whole conversation holds by now."""
    f, m = folder.files, folder.said
    of = select(folder.conversation).where(m.account_id == account_id, m.id == message).scalar_subquery()
    query = select(func.count()).select_from(f).join(m, (m.account_id == f.account_id) & (m.id == f.message_id))
    return work.connection.scalar(query.where(m.account_id == account_id, folder.conversation == of)) or 0
