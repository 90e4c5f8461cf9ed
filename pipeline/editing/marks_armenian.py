"""The marks of Armenian: its full stop, question mark and comma in Armenian text, and none of them in other text.

Armenian asks inside the word that is asked for, behind its stressed vowel (ի՞նչ), and ends questions with a full stop.
"""

from __future__ import annotations

import re

from pipeline.editing.mark_words import MarkWords, ends_in_abbreviation, mark_words

_LETTERS = "Ա-Ֆա-և"
_CLOSERS = r"[»”\")\]]*"

_QUESTION = re.compile(rf"(?<!\?)\?+(?![!?\w])(?={_CLOSERS}(?P<end>\s*\Z|\s+[«“\"]?[Ա-Ֆ])?)")
_CLAUSE_STARTS = '։:.?!…«“"—–'
_MAX_CLAUSE = 400
_WORD = re.compile(rf"[{_LETTERS}]+(?:[-՛՜՞][{_LETTERS}]+)*")
_BACKTICK = re.compile(rf"(?<=[{_LETTERS}»”)])`(?=\s)")

_FINAL_STOP = re.compile(rf"(?<=[\w»”\")\]\ue000])[.:․](?={_CLOSERS}\s*\Z)")
_INNER_COLON = re.compile(r"(?<=[ա-և\d»”)]):(?=\s+[«“\"]?[Ա-Ֆ])")
_INNER_DOT = re.compile(r"(?<=[ա-և]{3})\.(?=\s+[Ա-Ֆ])")
_GOES_ON = re.compile(rf"[:;,—–-]{_CLOSERS}\s*\Z")
_COLON = re.compile(r":(?:\s|\Z)")
_INNER_END = re.compile(r"[^\W\d_]{2}[.!?…][»”\"')]*(?=\s+[\"«“'„(]*[A-ZА-ЯЁ])")

_FOREIGN_TONE = re.compile(rf"(?<![{_LETTERS}])[՛՜՞](?![{_LETTERS}])")
_FOREIGN_STOP = re.compile(rf"(?<![{_LETTERS}])։")
_FOREIGN_COMMA = re.compile(rf"(?<![{_LETTERS}])՝(?=\s|\Z)")
_FOREIGN_HYPHEN = re.compile(rf"(?<=\w)(?<![{_LETTERS}])֊(?=\w)(?![{_LETTERS}])")
_SENTENCE = re.compile(r".+?(?:[.!?…։]+(?=[»”\")]*(?:\s|\Z))|\Z)", re.DOTALL)
_LAST_MARK = re.compile(r"(?:(?<!\.)\.|։)?\Z")


def with_comma(text: str) -> str:
    """Return `text` with the Armenian comma for a backtick that is typed for it."""
    return _BACKTICK.sub("՝", text) if "`" in text else text


def with_question_mark(text: str, *, is_headline: bool) -> str:
    """Return `text` with ՞ on the question word for a question mark; where no word plainly asks, it stays as it is."""
    done, position = "", 0
    for match in _QUESTION.finditer(text):
        done += text[position : match.start()]
        position = match.end()
        furthest = max(0, len(done) - _MAX_CLAUSE)
        start = max(furthest, *(done.rfind(mark, furthest) + 1 for mark in _CLAUSE_STARTS))
        asked = _asked(done[start:])
        if asked is None:
            done += match[0]
        else:
            is_end = match["end"] is not None and not (is_headline and not match["end"].strip())
            done = done[:start] + asked + ("։" if is_end else "")
    return done + text[position:]


def _asked(clause: str) -> str | None:
    """Return a clause with a question mark in it, None where there is no telling where."""
    if "՞" in clause:
        return clause
    words = list(_WORD.finditer(clause))
    place = _find_question_word(clause, words)
    if place is None:
        return None
    written = place[0]
    form = mark_words().questions[written.lower()]
    if written[0].isupper():
        form = form.upper() if written.isupper() and len(written) > 1 else form[0].upper() + form[1:]
    return clause[: place.start()] + form + clause[place.end() :]


def _find_question_word(clause: str, places: list[re.Match[str]]) -> re.Match[str] | None:
    """Return the word that asks: the first one, else the only one that may ask where it stands."""
    words, keys = mark_words(), [place[0].lower() for place in places]
    asking = [number for number, key in enumerate(keys) if key in words.questions and not _means_because(keys, number)]
    if asking and words.before_question.issuperset(keys[: asking[0]]):
        return places[asking[0]]
    may_ask = [number for number in asking if keys[number] in words.always_ask]
    if not may_ask:
        may_ask = [
            number
            for number in asking
            if keys[number] not in words.ask_first and not _is_relative(clause[: places[number].start()], words)
        ]
    return places[may_ask[0]] if len(may_ask) == 1 else None


def _is_relative(before: str, words: MarkWords) -> bool:
    """Return whether what stands before a question word makes a relative pronoun of it."""
    before = before.rstrip()
    return before.endswith((",", "՝")) or before.rpartition(" ")[2].lower() in words.subordinates


def _means_because(keys: list[str], number: int) -> bool:
    return keys[number : number + 2] == ["քանի", "որ"]


def with_full_stop(text: str, *, source: str, is_headline: bool) -> str:
    """Return `text` with ։ at ends of sentences for a dot or colon; a dot that announces something is right."""
    if not is_headline:
        text = _with_inner_stops(text, source)
    match = _FINAL_STOP.search(text)
    if match is None or _GOES_ON.search(source):
        return text
    if match[0] != ":" and ends_in_abbreviation(text[: match.start()]):
        return text
    return text[: match.start()] + "։" + text[match.end() :]


def _with_inner_stops(text: str, source: str) -> str:
    if ": " in text and _COLON.search(source) is None:
        text = _INNER_COLON.sub("։", text)
    if ". " not in text:
        return text
    n_ends = len(_INNER_END.findall(source))
    if n_ends and len(_INNER_DOT.findall(text)) + text.rstrip("։»").count("։") <= n_ends:
        text = _INNER_DOT.sub("։", text)
    return text


def without_armenian_marks(text: str) -> str:
    """Return text of another language without the marks of Armenian: those inside words end the sentence instead.

    Armenian words in it keep theirs.
    """
    if _FOREIGN_TONE.search(text):
        text = "".join(_with_final_mark(sentence) for sentence in _SENTENCE.findall(text))
    text = _FOREIGN_COMMA.sub(",", _FOREIGN_STOP.sub(".", text))
    return _FOREIGN_HYPHEN.sub("-", text)


def _with_final_mark(sentence: str) -> str:
    tones = {match[0] for match in _FOREIGN_TONE.finditer(sentence)}
    bare = _FOREIGN_TONE.sub("", sentence)
    mark = "?" if "՞" in tones else "!" if "՜" in tones else ""
    if not mark:
        return bare
    solid = bare.rstrip()
    return (solid if solid.endswith(("?", "!", "…", "..")) else _LAST_MARK.sub(mark, solid, count=1)) + bare[
        len(solid) :
    ]
