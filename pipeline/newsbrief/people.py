"""The class `person`: first names and surnames, combined within a name tradition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipeline.newsbrief import russian
from pipeline.newsbrief.checks import check_text
from pipeline.newsbrief.lexicon import Entry, make_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LISTS: Final[dict[str, russian.Gender]] = {"male": "m", "female": "f"}
_KEYS: Final = {"origin", "en", "ru", "hy"}


def build_people(document: Mapping[str, Any], *, source: str, problems: list[str]) -> tuple[Entry, ...]:
    """Combine every first name with every surname of the same origin.

    Args:
        document: lists ``male``, ``female`` and ``surname`` of tables with ``origin``, ``en``, ``ru``, ``hy``;
            a surname may add ``en_f``, ``ru_f``, ``hy_f``.
        source: the file's name, for messages.
        problems: where each defect is added.
    """
    found = list(_check(document, source=source))
    problems.extend(found)
    if found:
        return ()
    return tuple(
        _person(first, surname, gender=gender)
        for name, gender in _LISTS.items()
        for first in document[name]
        for surname in document["surname"]
        if first["origin"] == surname["origin"]
    )


def _check(document: Mapping[str, Any], *, source: str) -> Iterable[str]:
    for name in (*_LISTS, "surname"):
        rows = document.get(name)
        if not rows:
            yield f"{source}: [[{name}]] is missing"
            continue
        for row in rows:
            where = f"{source}: [[{name}]] {row.get('en')}"
            if missing := sorted(_KEYS - row.keys()):
                yield f"{where}: {', '.join(missing)} missing"
            for key, text in row.items():
                if key != "origin":
                    yield from (f"{where}: {key}: {problem}" for problem in check_text(text, language=key[:2]))


def _person(first: Mapping[str, str], surname: Mapping[str, str], *, gender: russian.Gender) -> Entry:
    suffix = "_f" if gender == "f" else ""
    last = {language: surname.get(f"{language}{suffix}", surname[language]) for language in ("en", "ru", "hy")}
    given_cases = russian.decline_given_name(first["ru"], gender=gender)
    surname_cases = russian.decline_surname(last["ru"], gender=gender)
    name = f"{first['en']} {last['en']}"
    tables = {
        "en": {"nom": name},
        "ru": {case: f"{given_cases[case]} {surname_cases[case]}" for case in russian.CASES},
        "hy": {"nom": f"{first['hy']} {last['hy']}"},
    }
    return make_entry(name, {language: table | {"g": gender} for language, table in tables.items()})
