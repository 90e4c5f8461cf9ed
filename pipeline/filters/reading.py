"""Single stages as filters: one JSON record in, one out, unknown fields kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.langid import UNDETERMINED, detect_language, language_of_segment
from pipeline.sentences import Decision, explain_sentences
from pipeline.stages.segment import MAX_CHARS, cut_paragraph, rules_language
from pipeline.types import ParagraphSpan

Record = dict[str, object]

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


def detect_record(record: Record) -> Record:
    """Return `record` with `lang`, `lang_score` and `lang_flags` for its `text`; `und` where there is no telling.

    Raises:
        ValueError: `text` is missing or no string.
    """
    found = detect_language(_text_of(record))
    flags = [found.note.value] if found.note else []
    return {**record, "lang": found.language, "lang_score": found.score, "lang_flags": flags}


def segment_record(record: Record, *, max_chars: int = MAX_CHARS) -> Record:
    """Return `record` with `segments` of its `text`: `[start, end, lang]` in code points, in order.

    The text is taken as it stands; blank lines separate paragraphs. Without `lang` the language is detected.

    Raises:
        ValueError: `text` is missing or no string, or `lang` is there and no string.
    """
    text = _text_of(record)
    language = _language_of(record, text)
    segments = [
        [cut.start, cut.end, language_of_segment(text[cut.start : cut.end], language).language]
        for paragraph in _paragraphs(text)
        for cut in cut_paragraph(text, paragraph, language=language, max_chars=max_chars)
    ]
    return {**record, "segments": segments}


def explain_record(record: Record, *, max_chars: int = MAX_CHARS) -> Record:
    """Return `segment_record`'s answer with `decisions`: why `text` is cut where it is, and why not elsewhere.

    A decision is `{"offset", "mark", "end", "rule", "detail"}`; the offset is the code point behind the mark and what
    closes after it. `pipeline.sentences.RULE_MEANINGS` says what the rules mean.

    Raises:
        ValueError: as `segment_record`.
    """
    text = _text_of(record)
    language = _language_of(record, text)
    decisions = [
        {
            "offset": paragraph.start + decision.offset,
            "mark": decision.mark,
            "end": decision.is_end,
            "rule": decision.rule,
            "detail": decision.detail,
        }
        for paragraph in _paragraphs(text)
        for decision in _explain(text[paragraph.start : paragraph.end], language)
    ]
    return {**segment_record(record, max_chars=max_chars), "decisions": decisions}


def _explain(paragraph: str, language: str) -> list[Decision]:
    return explain_sentences(paragraph, rules_language(paragraph, language))


def _paragraphs(text: str) -> Iterator[ParagraphSpan]:
    start = 0
    for match in _BLANK_LINE.finditer(text):
        yield ParagraphSpan(start=start, end=match.start(), kind="body")
        start = match.end()
    yield ParagraphSpan(start=start, end=len(text), kind="body")


def _text_of(record: Record) -> str:
    if "text" not in record:
        raise ValueError('the record has no "text": write {"text": "…"}')
    text = record["text"]
    if not isinstance(text, str):
        raise ValueError(f'"text" is {type(text).__name__}, not a string')  # noqa: TRY004 # one error for bad records
    return text


def _language_of(record: Record, text: str) -> str:
    language = record.get("lang")
    if language is None or language == UNDETERMINED:
        return detect_language(text)[0]
    if not isinstance(language, str):
        raise ValueError(f'"lang" is {type(language).__name__}, not a string')  # noqa: TRY004 # one error for bad records
    return language.strip().lower()
