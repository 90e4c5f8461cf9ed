"""Slot references of a pattern: what a slot says for each entry of its class."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.newsbrief import russian
from pipeline.newsbrief.lexicon import GENDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.newsbrief.lexicon import Classes, Entry

_REFERENCE: Final = re.compile(
    r"(?P<name>(?P<class>[a-z]+(?:_[a-z]+)*)\d*)(?:\.(?P<form>\w+)|(?P<choice>[?#])(?P<alternatives>.*))?"
)
_N_NUMBER_FORMS: Final = {"en": 2, "ru": 3, "hy": 2}
_N_NAMED: Final = 3


class SlotError(ValueError):
    """A slot reference cannot be resolved; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A slot as written between braces.

    Attributes:
        name: the slot's name, its class and an optional digit.
        word_class: the class.
        form: the named form; None with ``alternatives``.
        choice: ``?`` by gender, ``#`` by number, else None.
        alternatives: the texts to choose from.
    """

    name: str
    word_class: str
    form: str | None
    choice: str | None
    alternatives: tuple[str, ...]


def parse_reference(written: str) -> Reference | None:
    """Read what stands between the braces of a slot; None where it is malformed."""
    match = _REFERENCE.fullmatch(written)
    if not match:
        return None
    alternatives = tuple(match["alternatives"].split("|")) if match["choice"] else ()
    form = None if match["choice"] else match["form"] or "nom"
    return Reference(
        name=match["name"],
        word_class=match["class"],
        form=form,
        choice=match["choice"],
        alternatives=alternatives,
    )


def resolve(reference: Reference, classes: Classes, *, language: str) -> tuple[str, ...]:
    """Return the slot's text for each entry of its class, in their order.

    Raises:
        SlotError: no such class; a form or gender is missing; a wrong number of alternatives.
    """
    entries = classes.get(reference.word_class)
    if entries is None:
        raise SlotError(f"no class '{reference.word_class}'")
    if reference.choice == "?":
        return _by_gender(entries, reference.alternatives, language=language)
    if reference.choice == "#":
        return _by_number(entries, reference.alternatives, language=language)
    form = reference.form or "nom"
    if lacking := [entry.id for entry in entries if form not in entry.forms[language]]:
        raise SlotError(f"form '{form}' is missing for {_name_some(lacking)}")
    return tuple(entry.forms[language][form] for entry in entries)


def _by_gender(entries: Sequence[Entry], alternatives: tuple[str, ...], *, language: str) -> tuple[str, ...]:
    if len(alternatives) not in range(2, len(GENDERS) + 1):
        raise SlotError(f"{len(alternatives)} alternatives; expected m|f, m|f|n or m|f|n|pl")
    by_gender = dict(zip(GENDERS, alternatives, strict=False))
    if lacking := [entry.id for entry in entries if entry.genders.get(language) not in by_gender]:
        raise SlotError(f"no g, or one that is none of {', '.join(by_gender)}, in {language} of {_name_some(lacking)}")
    return tuple(by_gender[entry.genders[language]] for entry in entries)


def _by_number(entries: Sequence[Entry], alternatives: tuple[str, ...], *, language: str) -> tuple[str, ...]:
    if len(alternatives) != _N_NUMBER_FORMS[language]:
        raise SlotError(f"{len(alternatives)} alternatives; {language} has {_N_NUMBER_FORMS[language]}")
    numbers = [entry.number for entry in entries if entry.number is not None]
    if len(numbers) != len(entries):
        raise SlotError("only a class of whole numbers can choose by number")
    return tuple(alternatives[_number_index(number, language=language)] for number in numbers)


def _number_index(number: int, *, language: str) -> int:
    return russian.plural_index(number) if language == "ru" else int(number != 1)


def _name_some(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _N_NAMED} more" if len(names) > _N_NAMED else ""
    return ", ".join(names[:_N_NAMED]) + rest
