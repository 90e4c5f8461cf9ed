"""Russian name declension, prepositions and number agreement by rule."""

from __future__ import annotations

import re
from typing import Final, Literal

Gender = Literal["m", "f"]

CASES: Final = ("nom", "gen", "dat", "acc", "ins", "loc")

# How many letters to drop from the nominative, then the endings of gen, dat, acc, ins, loc.
_ENDINGS: Final[dict[str, tuple[int, str, str, str, str, str]]] = {
    "consonant": (0, "а", "у", "а", "ом", "е"),
    "soft": (1, "я", "ю", "я", "ем", "е"),
    "ий": (1, "я", "ю", "я", "ем", "и"),
    "ов": (0, "а", "у", "а", "ым", "е"),
    "ский": (2, "ого", "ому", "ого", "им", "ом"),
    "а": (1, "ы", "е", "у", "ой", "е"),
    "га": (1, "и", "е", "у", "ой", "е"),
    "я": (1, "и", "е", "ю", "ей", "е"),
    "ия": (1, "и", "и", "ю", "ей", "и"),
    "ова": (1, "ой", "ой", "у", "ой", "ой"),
    "ская": (2, "ой", "ой", "ую", "ой", "ой"),
    "indeclinable": (0, "", "", "", "", ""),
}
_GIVEN_RULES: Final[dict[Gender, tuple[tuple[str, str], ...]]] = {
    "m": (("ий", "ий"), ("[йь]", "soft"), ("[бвгдзклмнпрстфх]", "consonant")),
    "f": (("ия", "ия"), ("я", "я"), ("[гкхжшчщ]а", "га"), ("а", "а")),
}
_SURNAME_RULES: Final[dict[Gender, tuple[tuple[str, str], ...]]] = {
    "m": (("ский", "ский"), ("(?:[ое]в|[иы]н)", "ов"), ("[йь]", "soft"), ("[бвгдзклмнпрстфх]", "consonant")),
    "f": (("ская", "ская"), ("(?:[ое]в|[иы]н)а", "ова")),
}

_CONSONANT: Final = "бвгджзйклмнпрстфхцчшщ"
# «во Франции», «со Швецией», «об Армении», «об 11 погибших»; a quotation mark does not separate.
_PREPOSITION: Final = re.compile(
    rf"(?<![\w-])(?:([Вв]) (?=«?(?:[вф][{_CONSONANT}ь]|львов|мног))"
    rf"|([Сс]) (?=«?(?:[сзшж][{_CONSONANT}]|щ|мног|львов|льд|все|втор))"
    rf"|([Оо]) (?=«?(?:[аиоуэ]|11(?!\d))))",
    re.IGNORECASE,
)
_EXTENSION: Final = {"в": "о", "с": "о", "о": "б"}


def decline_given_name(name: str, *, gender: Gender) -> dict[str, str]:
    """Return the six cases of a first name; endings without a rule are indeclinable (Лилит, Софи)."""
    return _decline(name, _GIVEN_RULES[gender])


def decline_surname(name: str, *, gender: Gender) -> dict[str, str]:
    """Return the six cases of a surname.

    Surnames in -ян and Western ones in a consonant decline for men only; those in a vowel never.
    Consonant surnames in -ин or -ов that are not Russian (Чаплин) do not occur in the word lists.
    """
    return _decline(name, _SURNAME_RULES[gender])


def inflect(given: dict[str, str]) -> dict[str, str]:
    """Complete the forms of a noun with its prepositional ones; what is given explicitly stays.

    Args:
        given: forms by name. ``nom`` alone means an indeclinable noun; otherwise the missing cases stay
            missing, for a pattern that wants one to fail at load time.
    """
    forms = dict.fromkeys(CASES, given["nom"]) if given.keys() == {"nom"} else dict(given)
    prepositions = {"in": ("в", "loc"), "into": ("в", "acc"), "from": ("из", "gen")}
    prepositions |= {"with": ("с", "ins"), "about": ("о", "loc")}
    derived = {
        name: join_prepositions(f"{preposition} {forms[case]}")
        for name, (preposition, case) in prepositions.items()
        if case in forms
    }
    return derived | forms


def join_prepositions(text: str) -> str:
    """Write во, со, об for в, с, о where the next word asks for it."""
    return _PREPOSITION.sub(_extend, text)


def plural_index(number: int) -> int:
    """Return 0, 1 or 2 for the noun after a number: день, дня, дней.

    Source: Unicode CLDR plural rules, ru (one, few, many).
    """
    if number % 100 in range(11, 15):
        return 2
    return {1: 0, 2: 1, 3: 1, 4: 1}.get(number % 10, 2)


def _extend(match: re.Match[str]) -> str:
    preposition = match[0].rstrip(" ")
    return f"{preposition}{_EXTENSION[preposition.lower()]} "


def _decline(name: str, rules: tuple[tuple[str, str], ...]) -> dict[str, str]:
    rule = next((rule for ending, rule in rules if re.search(f"{ending}$", name)), "indeclinable")
    dropped, *endings = _ENDINGS[rule]
    stem = name[: len(name) - dropped]
    return {"nom": name} | {case: stem + ending for case, ending in zip(CASES[1:], endings, strict=True)}
