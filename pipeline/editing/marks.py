"""Punctuation of translations, brought to the conventions of the target language where a model erred.

Only what is an error in the target language is changed, and the source is never touched. Entities stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pipeline.editing.mark_words import ends_in_abbreviation
from pipeline.editing.marks_armenian import with_comma, with_full_stop, with_question_mark, without_armenian_marks
from pipeline.editing.quotes import with_own_quotes
from pipeline.entities import Entity, EntityFinder, find_entities
from pipeline.text import ends_sentence
from pipeline.types import Kind

ENTITY = "\ue000"
"""What stands for an entity while marks are changed; a text that has it is left alone."""

# Most translations have none of these; looking for them is many times as quick as trying the rules.
_SPACE = r" [ ,;.:!?)»”։՝]|[(«“„] "
_ODD_SPACE = re.compile(_SPACE)
_MAY_ERR = {
    "en": re.compile(rf"{_SPACE}|[«»„‟՛-՞։֊]"),
    "ru": re.compile(rf"{_SPACE}|[“”‟\"՛-՞։֊]|--| - |\A- "),
    "hy": re.compile(rf"{_SPACE}|[“”„‟\"?:`․]|\.(?= |\W{{0,4}}\Z)|--| - |\A- "),
}
_FINAL = re.compile(r"(?<=[\w»”\")\]%\ue000])[.․։:](?=[»”\")\]]*\s*\Z)")
_BLANKS = re.compile(r"(?<=\S) {2,}(?=\S)")
_BLANK_BEFORE_MARK = re.compile(r"(?<=[^\W_]|[»”)\]\ue000]) +(?=(?!\.{2}|: ?\d)[,;.!?։:՝]+(?:[\s»”)]|\Z))")
_BLANK_INSIDE = {
    "en": re.compile(r"(?<=[(“]) +(?=\S)|(?<=\S) +(?=”)"),
    "ru": re.compile(r"(?<=[(«„]) +(?=\S)|(?<=\S) +(?=»)"),
    "hy": re.compile(r"(?<=[(«„]) +(?=\S)|(?<=\S) +(?=»)"),
}
_BLANK_BEFORE_BRACKET = re.compile(r"(\([^()]*?[^\s()]) +(?=\))")

# English news types hyphens for dashes as often as not; that is no error there.
_DASHES = {"ru": "—", "hy": "–"}
# Not between numbers: 38 - 17 is a score.
_SPACED_HYPHEN = re.compile(r"(?:(?<=[^\s\d-])|(?<=\d)(?= -{1,3} \D)) -{1,3} (?=[^\s-])|(?<=[^\W\d_])--(?=[^\W\d_])")
_SOURCE_DASH = re.compile(r"\s(?:[—–]|-{1,3})\s|--|—")
_HYPHEN_BEHIND_SPEECH = re.compile(r"(?<=[,!?…»“”\"]) -{1,3} (?=[^\s-])")
_FIRST_HYPHEN = re.compile(r"\A- (?=\S)")


_MAX_ROUNDS = 4
"""What one rule puts right may be the business of an earlier one; two rounds are nearly always enough."""


class _Unit(NamedTuple):
    """What a rule is told besides the text: the source, the target language, and whether the unit is a headline."""

    source: str
    language: str
    is_headline: bool


_Rule = Callable[[str, _Unit], str]


def mended(
    source: str, target: str, *, source_lang: str, target_lang: str, kind: Kind = "body"
) -> tuple[str, tuple[str, ...]]:
    """Return a translation with the marks of its language, and the names of what was changed, in order.

    The very same string is returned where nothing is to be changed, as in languages whose conventions are not known
    and where the source was copied.
    """
    may_err = _MAY_ERR.get(target_lang)
    if may_err is None or source_lang == target_lang or source == target:
        return target, ()
    if (kind != "headline" and may_err.search(target) is None) or ENTITY in target:
        return target, ()
    unit = _Unit(source, target_lang, kind == "headline")
    # A backtick typed for the Armenian comma is no mark of code.
    entities = (_WITHOUT_CODE.find if target_lang == "hy" and "`" not in source else find_entities)(target)
    text = _without(target, entities)
    names: dict[str, None] = {}
    for _ in range(_MAX_ROUNDS):
        before = text
        for name, rule in _RULES[target_lang]:
            changed = rule(text, unit)
            if changed != text:
                text = changed
                names[name] = None
        if text == before:
            break
    result = _with(text, entities) if names else target
    return (target, ()) if result == target else (result, tuple(names))


def _without(text: str, entities: Sequence[Entity]) -> str:
    for entity in reversed(entities):
        text = text[: entity.start] + ENTITY + text[entity.end :]
    return text


def _with(text: str, entities: Sequence[Entity]) -> str:
    parts = text.split(ENTITY)
    return "".join(part + entity.text for part, entity in zip(parts, entities, strict=False)) + parts[-1]


def _with_own_spaces(text: str, unit: _Unit) -> str:
    """Return `text` with no blanks before marks and inside brackets and quotation marks, and no double ones."""
    if not _ODD_SPACE.search(text):
        return text
    if "  " in text and "  " not in unit.source:
        text = _BLANKS.sub(" ", text)
    if not _BLANK_BEFORE_MARK.search(unit.source):
        text = _BLANK_BEFORE_MARK.sub("", text)
    return _BLANK_BEFORE_BRACKET.sub(r"\1", _BLANK_INSIDE[unit.language].sub("", text))


def _with_own_quotes(text: str, unit: _Unit) -> str:
    return with_own_quotes(text, source=unit.source, language=unit.language)


def _with_dash(text: str, unit: _Unit) -> str:
    """Return `text` with a dash for a hyphen between blanks, where the source has a dash too, however it is typed.

    Behind direct speech, Russian has a dash whatever the source has.
    """
    if "- " not in text and "--" not in text:
        return text
    dash = _DASHES[unit.language]
    if unit.source[:1] in {"—", "–"}:
        text = _FIRST_HYPHEN.sub(f"{dash} ", text)
    if unit.language == "ru":
        text = _HYPHEN_BEHIND_SPEECH.sub(f" {dash} ", text)
    return _SPACED_HYPHEN.sub(f" {dash} ", text) if _SOURCE_DASH.search(unit.source) else text


def _without_final_mark(text: str, unit: _Unit) -> str:
    """Return a headline without a final full stop where the source ends in no mark; abbreviations keep theirs."""
    match = _FINAL.search(text) if unit.is_headline and not ends_sentence(unit.source) else None
    if match is None or (match[0] in ".․" and ends_in_abbreviation(text[: match.start()])):
        return text
    return text[: match.start()] + text[match.end() :]


_WITHOUT_CODE = EntityFinder(exceptions=("code",))
_SPACES: tuple[str, _Rule] = ("spaces", _with_own_spaces)
_QUOTES: tuple[str, _Rule] = ("quotes", _with_own_quotes)
_DASH: tuple[str, _Rule] = ("dash", _with_dash)
_FINAL_MARK: tuple[str, _Rule] = ("final-mark", _without_final_mark)
_FOREIGN: tuple[str, _Rule] = ("armenian-marks", lambda text, _: without_armenian_marks(text))
_COMMA: tuple[str, _Rule] = ("comma", lambda text, _: with_comma(text))
_QUESTION: tuple[str, _Rule] = (
    "question-mark",
    lambda text, unit: with_question_mark(text, is_headline=unit.is_headline),
)
_FULL_STOP: tuple[str, _Rule] = (
    "full-stop",
    lambda text, unit: with_full_stop(text, source=unit.source, is_headline=unit.is_headline),
)
# Blanks tell which marks open a quotation, and marks that are known to open one have no blank inside.
_RULES: dict[str, tuple[tuple[str, _Rule], ...]] = {
    # Quotation marks first: “ closes where „ has opened.
    "en": (_FOREIGN, _QUOTES, _SPACES, _FINAL_MARK),
    "ru": (_FOREIGN, _SPACES, _QUOTES, _SPACES, _DASH, _FINAL_MARK),
    "hy": (_COMMA, _SPACES, _QUOTES, _SPACES, _DASH, _QUESTION, _FINAL_MARK, _FULL_STOP),
}
