"""Patterns: compiled at load time to segments, rendered to sentences in three languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pipeline.newsbrief import armenian, english, russian
from pipeline.newsbrief.checks import check_final_mark, check_text
from pipeline.newsbrief.lexicon import LANGUAGES
from pipeline.newsbrief.slots import SlotError, parse_reference, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pipeline.newsbrief.lexicon import Classes

KINDS: Final = ("body", "headline", "caption")

_SLOT: Final = re.compile(r"\{([^{}]*)\}")
_JOIN: Final[dict[str, Callable[[str], str]]] = {
    "en": english.join_articles,
    "ru": russian.join_prepositions,
    "hy": armenian.join_articles,
}

# Literal text, or the index of a slot and the slot's text for each entry of its class.
Segment = str | tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A slot: its name, the size of its class, and the indices of earlier slots of the same class."""

    name: str
    n_entries: int
    rivals: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A compiled sentence pattern; ``templates`` by language."""

    id: str
    topic: str
    kind: str
    slots: tuple[Slot, ...]
    templates: Mapping[str, tuple[Segment, ...]]

    def draw(self, random: Callable[[], float]) -> list[int]:
        """Draw an entry's index for each slot, those of one class all different.

        Args:
            random: gives uniform numbers in [0, 1).
        """
        drawn: list[int] = []
        for slot in self.slots:
            index = int(random() * slot.n_entries)
            while slot.rivals and any(drawn[rival] == index for rival in slot.rivals):
                index = int(random() * slot.n_entries)
            drawn.append(index)
        return drawn

    def render(self, language: str, drawn: Sequence[int]) -> str:
        """Return the sentence for the drawn entries, one index per slot in the order of ``slots``."""
        segments = self.templates[language]
        text = "".join([part if isinstance(part, str) else part[1][drawn[part[0]]] for part in segments])
        return capitalize(_JOIN[language](text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """All patterns, in the order of files and in them; and the topics, one per file."""

    patterns: tuple[Pattern, ...]
    topics: tuple[str, ...]


def capitalize(text: str) -> str:
    """Make the first letter a capital; a text that begins with a digit stays."""
    for index, letter in enumerate(text):
        if letter.isalnum():
            # Unicode's capital of the ligature և is Եւ; the reformed orthography writes Եվ.
            capital = "Եվ" if letter == "և" else letter.upper()
            return text[:index] + capital + text[index + 1 :]
    return text


def compile_pattern(
    row: Mapping[str, Any], classes: Classes, *, topic: str, source: str, problems: list[str]
) -> Pattern | None:
    """Compile one pattern against the word lists.

    Args:
        row: the pattern's table.
        classes: the word lists that its slots name.
        topic: the topic of its file.
        source: the file's name, for messages.
        problems: where each defect is added, naming file, pattern, language and slot.

    Returns:
        The pattern, or None where it has a defect.
    """
    found = list(_check_keys(row))
    slots: tuple[Slot, ...] = ()
    templates: dict[str, tuple[Segment, ...]] = {}
    kind = row.get("kind", "body")
    if not found:
        slots = _find_slots(row, classes, problems=found)
        for language in LANGUAGES:
            wrong = [*check_text(_SLOT.sub("0", row[language]), language=language)]
            wrong += check_final_mark(row[language], language=language, kind=kind)
            templates[language] = _compile(row[language], slots, classes, language=language, problems=wrong)
            found += [f"{language}: {problem}" for problem in wrong]
    problems.extend(f"{source}: {row.get('id', '(no id)')}: {problem}" for problem in found)
    if found:
        return None
    return Pattern(id=row["id"], topic=topic, kind=kind, slots=slots, templates=templates)


def _check_keys(row: Mapping[str, Any]) -> Iterator[str]:
    for key in ("id", *LANGUAGES):
        if not isinstance(row.get(key), str):
            yield f"'{key}' is missing or no text"
    for key in row:
        if key not in ("id", "kind", *LANGUAGES):
            yield f"unknown key '{key}'"
    if row.get("kind", "body") not in KINDS:
        yield f"kind '{row['kind']}' is none of {', '.join(KINDS)}"


def _find_slots(row: Mapping[str, Any], classes: Classes, *, problems: list[str]) -> tuple[Slot, ...]:
    used = {language: _name_slots(row[language]) for language in LANGUAGES}
    word_classes = {name: word_class for names in used.values() for name, word_class in names.items()}
    for language, names in used.items():
        problems.extend(
            f"{language}: slot {{{name}}} is missing; another language uses it"
            for name in word_classes
            if name not in names
        )
    slots: list[Slot] = []
    for name, word_class in word_classes.items():
        rivals = tuple(index for index, slot in enumerate(slots) if word_classes[slot.name] == word_class)
        n_entries = len(classes.get(word_class, ()))
        if word_class in classes and n_entries <= len(rivals):
            problems.append(f"slot {{{name}}}: class '{word_class}' has only {n_entries} entries")
        slots.append(Slot(name=name, n_entries=n_entries, rivals=rivals))
    return tuple(slots)


def _name_slots(template: str) -> dict[str, str]:
    references = (parse_reference(written) for written in _SLOT.findall(template))
    return {reference.name: reference.word_class for reference in references if reference}


def _compile(
    template: str, slots: tuple[Slot, ...], classes: Classes, *, language: str, problems: list[str]
) -> tuple[Segment, ...]:
    index_of = {slot.name: index for index, slot in enumerate(slots)}
    # Literal texts at the even positions, slots at the odd ones.
    pieces = _SLOT.split(template)
    if any("{" in literal or "}" in literal for literal in pieces[::2]):
        problems.append("a brace without its partner")
    segments: list[Segment] = [pieces[0]]
    for written, literal in zip(pieces[1::2], pieces[2::2], strict=True):
        try:
            segments.append(_resolve_slot(written, index_of, classes, language=language))
        except SlotError as error:
            problems.append(f"{{{written}}}: {error}")
        segments.append(literal)
    return tuple(segment for segment in segments if segment)


def _resolve_slot(
    written: str, index_of: Mapping[str, int], classes: Classes, *, language: str
) -> tuple[int, tuple[str, ...]]:
    reference = parse_reference(written)
    if reference is None:
        raise SlotError("expected {class}, {class.form}, {class?m|f} or {class#one|few|many}")
    return index_of[reference.name], resolve(reference, classes, language=language)
