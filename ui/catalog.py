"""The gettext catalogs: loaded at run time, and kept complete by `python -m ui.catalog`."""

from __future__ import annotations

import ast
import gettext
import io
import os
import re
import string
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "locales"
SOURCE = "en"  # its catalog lists every message and translates none: copy its folder to begin a language

#: Call → where its message (and its plural) stands among the arguments, and where its context.
CALLS: dict[str, tuple[tuple[int, ...], int | None]] = {
    "_": ((0,), None), "N_": ((0,), None), "n_": ((0, 1), None), "p_": ((1,), 0), "Word": ((0,), 1),
}  # fmt: skip
#: Babel gives these two forms, where their readers have one: the noun stays as it is after a number.
ONE_FORM = {"id"}
SILENT = {"tests", "bench", "docs", "deploy", "instance", "locales", "static"}  # nobody reads the portal's words there


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The words of a language, compiled in memory; a message that is missing stays English."""
    path = po_path(language)
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def po_path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "portal.po"


def read(language: str) -> Catalog:
    return read_file(po_path(language), language)


def read_file(path: Path, language: str) -> Catalog:
    """A catalog; the marks that two merged changes leave behind are skipped, so both sides count."""
    text = re.sub(r"^(<{7}|={7}|>{7}|\|{7}).*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return with_its_forms(read_po(io.BytesIO(text.encode()), locale=language, abort_invalid=True), language)


def with_its_forms(catalog: Catalog, language: str) -> Catalog:
    if language in ONE_FORM:
        catalog.mime_headers = [("Plural-Forms", "nplurals=1; plural=0;")]
    return catalog


# --- what the code says


def source_files(root: Path = ROOT) -> Iterator[Path]:
    yield from sorted(root.glob("*.py"))
    for folder in sorted(root.iterdir()):
        if folder.is_dir() and folder.name not in SILENT and not folder.name.startswith("."):
            yield from sorted(folder.rglob("*.py"))


def extract(root: Path = ROOT) -> Catalog:
    """Every message the code asks for. A file that cannot be parsed stops it: its messages would look unused."""
    from babel.messages.catalog import Catalog  # noqa: PLC0415 - only its command needs it

    found = Catalog(fuzzy=False)
    for path in source_files(root):
        for message, context in _asked_for(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            found.add(message, context=context)
    return found


def _asked_for(tree: ast.AST) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Message and context of each call, in f-strings too, into which Babel's reader of tokens does not look."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            messages, context = CALLS[node.func.id]
            written = [a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else None for a in node.args]
            texts = tuple(written[place] for place in messages if place < len(written))
            if len(texts) == len(messages) and None not in texts:
                in_context = written[context] if context is not None and context < len(written) else None
                yield (texts if len(texts) > 1 else texts[0]), in_context


def unwritten(root: Path = ROOT) -> list[str]:
    """Calls whose message is not written out in place: no catalog could ever hold it."""
    missed = []
    for path in source_files(root):
        if path == Path(__file__).with_name("words.py"):
            continue  # where these calls are made of one another
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
                written = node.args and all(isinstance(a, ast.Constant) for a in node.args[: _texts(node.func.id)])
                if not written:
                    missed.append(f"{path.relative_to(root)}:{node.lineno}: {ast.unparse(node)[:80]}")
    return missed


def _texts(call: str) -> int:
    return 2 if call in {"n_", "p_"} else 1


# --- what is wrong with a catalog


def problems(language: str, wanted: Catalog | None = None) -> list[str]:
    """Everything a translator still has to do, one line each; empty when the language is complete."""
    wanted = extract() if wanted is None else wanted
    catalog = read(language)
    wrong = [f"missing: {_shown(message)}" for message in _messages(wanted) if _found(catalog, message) is None]
    wrong += [f"unused: {_shown(message)}" for message in _messages(catalog) if _found(wanted, message) is None]
    wrong += [f"no longer used: {_shown(message)}" for message in catalog.obsolete.values()]
    if language != SOURCE:
        wrong += [line for message in _messages(catalog) for line in _faults(message)]
    return [f"{language}: {line}" for line in wrong]


def _faults(message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield f"fuzzy: {_shown(message)}"
    written = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if not all(written):
        yield f"untranslated: {_shown(message)}"
        return
    source = [message.id] if isinstance(message.id, str) else list(message.id)
    for text in written:
        if _placeholders(text) != _placeholders(*source):
            yield f"placeholders differ: {_shown(message)} → {text}"
        if _ends(text) != _ends(source[0]):
            yield f"begins or ends with another space: {_shown(message)} → {text}"
        if any(text.count(mark) != source[0].count(mark) for mark in MARKS):
            yield f"marks differ: {_shown(message)} → {text}"


#: What Markdown and our own letters read: as many in every language.
MARKS = ("**", "`", "](", "<", ">", "\n")


def _placeholders(*texts: str) -> set[str]:
    """The names in braces, with how they are to be written; of a brace that is not closed, the text itself."""
    try:
        parts = [part for text in texts for part in string.Formatter().parse(text)]
    except ValueError:
        return set(texts)
    return {f"{name}!{how}:{form}" for _, name, form, how in parts if name is not None}


def _ends(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def _found(catalog: Catalog, message: Message) -> Message | None:
    found = catalog.get(message.id, message.context)
    return found if found is not None and found.id == message.id else None


def _shown(message: Message) -> str:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return f"{message.context} | {text}" if message.context else text


# --- bringing catalogs up to date


def update(language: str, wanted: Catalog, *, drop_unused: bool = False) -> None:
    """Add what is new, keep every translation; what the code no longer says moves to the end, or away."""
    from babel.messages.catalog import Catalog  # noqa: PLC0415 - only its command needs it

    old = read(language)
    fresh = with_its_forms(Catalog(locale=language, fuzzy=False), language)
    for message in _messages(wanted):
        known = _found(old, message) or old.obsolete.get(_key(message))
        fresh.add(message.id, known.string if known else "", context=message.context, user_comments=_notes(known))
    if not drop_unused:
        leftover = [*_messages(old), *old.obsolete.values()]
        fresh.obsolete = {_key(m): m for m in leftover if _found(wanted, m) is None and _translated(m)}
    _write(po_path(language), fresh)


def fill(language: str, more: Catalog) -> None:
    """Take translations from another catalog, such as a translator's or a glossary, for the messages we ask for."""
    ours = read(language)
    for message in _messages(ours):
        offered = _found(more, message)
        if offered is not None and _translated(offered):
            several = not isinstance(offered.string, str)
            message.string = tuple(offered.string)[-ours.num_plurals :] if several else offered.string
            message.flags = message.flags - {"fuzzy"}
    _write(po_path(language), ours)


def _key(message: Message) -> str | tuple[str, str]:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return (text, message.context) if message.context else text


def _notes(message: Message | None) -> list[str]:
    return list(message.user_comments) if message else []


def _translated(message: Message) -> bool:
    return any([message.string] if isinstance(message.string, str) else message.string or [])


_HEADER = """\
# The portal's words. `python -m ui.catalog update` adds what is new and keeps the order.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def _write(path: Path, catalog: Catalog) -> None:
    """Sorted, no dates or line numbers, one line a message: the diff is what changed. Replaced whole, never half."""
    text = io.BytesIO()
    write_po(text, catalog, width=0, omit_header=True, no_location=True, sort_output=True)
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    header = _HEADER.format(language=catalog.locale, plurals=catalog.plural_forms)
    unfinished.write_bytes(header.encode() + text.getvalue())
    unfinished.replace(path)


def languages() -> list[str]:
    return sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/portal.po"))


def main(arguments: list[str]) -> int:
    match arguments:
        case ["check"]:
            wanted = extract()
        case ["update", *options]:
            wanted = extract()
            for language in languages():
                update(language, wanted, drop_unused="--drop-unused" in options)
        case ["fill", language, file]:
            wanted = extract()
            fill(language, read_file(Path(file), language))
        case _:
            print("python -m ui.catalog check | update [--drop-unused] | fill LANGUAGE FILE.po")
            return 2
    wrong = unwritten() + [line for language in languages() for line in problems(language, wanted)]
    print("\n".join(wrong) or f"complete: {len(_messages(wanted))} messages in {', '.join(languages())}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
