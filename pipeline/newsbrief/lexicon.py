"""Word lists: TOML entries to inflected forms in three languages."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pipeline.newsbrief import armenian, english, russian
from pipeline.newsbrief.checks import check_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES: Final = ("en", "ru", "hy")
GENDERS: Final = ("m", "f", "n", "pl")

_INFLECT: Final[dict[str, Callable[[dict[str, str]], dict[str, str]]]] = {
    "en": english.inflect,
    "ru": russian.inflect,
    "hy": armenian.inflect,
}
_CLASS_NAME: Final = re.compile(r"[a-z]+(?:_[a-z]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One word or name in three languages.

    Attributes:
        id: unique in its class.
        forms: language, then form name, to text.
        genders: language to ``m``, ``f``, ``n`` or ``pl``, where the entry has one.
        number: the value of a number entry.
    """

    id: str
    forms: Mapping[str, Mapping[str, str]]
    genders: Mapping[str, str]
    number: int | None = None


Classes = Mapping[str, tuple[Entry, ...]]


def read_toml(path: Path, *, problems: list[str]) -> dict[str, Any]:
    """Read a TOML file; a syntax error is added to ``problems`` and gives an empty table."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path.name}: not valid TOML: {error}")
        return {}


def build_classes(document: Mapping[str, Any], *, source: str, problems: list[str]) -> dict[str, tuple[Entry, ...]]:
    """Build the word lists of one file, every top-level array of tables but ``pattern``.

    Args:
        document: the file as read.
        source: the file's name, for messages.
        problems: where each defect is added, naming file, class, entry and language.
    """
    classes: dict[str, tuple[Entry, ...]] = {}
    for name, rows in document.items():
        if name == "pattern":
            continue
        where = f"{source}: [[{name}]]"
        if not _CLASS_NAME.fullmatch(name):
            problems.append(f"{where}: a class name has lower-case letters and underscores only")
        elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            problems.append(f"{where}: expected an array of tables")
        else:
            built = [build_entry(row, where=where, problems=problems) for row in rows]
            classes[name] = tuple(entry for entry in built if entry)
            problems.extend(_find_duplicates(classes[name], where=where))
    return classes


def build_entry(row: Mapping[str, Any], *, where: str, problems: list[str]) -> Entry | None:
    """Build one entry with its derived forms; return None, and say why, where it is malformed."""
    where = f"{where} {row.get('id', '(no id)')}"
    found = [f"{where}: '{key}' is missing" for key in ("id", *LANGUAGES) if key not in row]
    found += [f"{where}: unknown key '{key}'" for key in row if key not in ("id", "g", *LANGUAGES)]
    tables = {language: _as_table(row.get(language, "")) for language in LANGUAGES}
    if "g" in row:
        tables["ru"].setdefault("g", row["g"])
    for language, table in tables.items():
        if language in row:
            wrong = _check_table(table, language=language)
            found += [f"{where}: {language}: {problem}" for problem in wrong]
    problems.extend(found)
    return None if found else make_entry(row["id"], tables)


def make_entry(identifier: str, tables: Mapping[str, Mapping[str, str]], *, number: int | None = None) -> Entry:
    """Derive the forms of an entry from the given ones.

    Args:
        identifier: the entry's id.
        tables: language to given forms, each with ``nom`` and optionally the gender ``g``.
        number: the value of a number entry.
    """
    given = {
        language: {form: text for form, text in table.items() if form != "g"} for language, table in tables.items()
    }
    return Entry(
        id=identifier,
        forms={language: _INFLECT[language](forms) for language, forms in given.items()},
        genders={language: table["g"] for language, table in tables.items() if "g" in table},
        number=number,
    )


def _as_table(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {"nom": value}


def _check_table(table: Mapping[str, Any], *, language: str) -> Iterable[str]:
    if "nom" not in table:
        yield "the form 'nom' is missing"
    for form, text in table.items():
        if not isinstance(text, str) or not text:
            yield f"'{form}' must be text"
        else:
            yield from (f"'{form}': {problem}" for problem in check_text(text, language=language))
    if table.get("g", "m") not in GENDERS:
        yield f"'g' must be one of {', '.join(GENDERS)}"


def _find_duplicates(entries: Iterable[Entry], *, where: str) -> Iterable[str]:
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        names = [("id", entry.id), *((language, entry.forms[language]["nom"]) for language in LANGUAGES)]
        for kind, text in names:
            if (kind, text) in seen:
                yield f"{where} {entry.id}: {kind} '{text}' is there twice"
            seen.add((kind, text))
