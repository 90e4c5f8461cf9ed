"""What is told of a decision, and what the rules mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why a sentence ends, or does not, at a place.

    `offset` is the code point just behind the mark and its closing quotes and brackets; `mark` is empty where a cut
    needs none; `rule` is a key of `RULE_MEANINGS`; `detail` is the word that decided, where one did.
    """

    offset: int
    mark: str
    is_end: bool
    rule: str
    detail: str


RULE_MEANINGS = {
    "blank-line": "an empty line always separates",
    "list-line": "a new line opens with a dash, a number or a letter of a list",
    "list-item": "a number or letter counts the items of a list",
    "bullet": "a bullet opens an item",
    "separator": "a row of asterisks, dashes or the like separates",
    "links-in-a-row": "one link follows another",
    "emoticon": "an emoticon ends a sentence before a capital letter",
    "emoji": "an emoji ends a sentence before a capital letter",
    "time-stamp": "a date with an hour heads a message",
    "complimentary-close": "the closing words of a letter stand by themselves",
    "mark": "a sentence-final mark, and nothing speaks against it",
    "full-stop": "the Armenian full stop ends a sentence whatever follows",
    "half-stop": "a single dot in Armenian is no full stop",
    "announced": "an Armenian dot announces speech or a list with sentences of its own",
    "inside-word": "no blank follows, as in a number, a link or a name",
    "missing-blank": "no blank follows, but a new sentence plainly does",
    "glued-ellipsis": "three dots without a blank behind them",
    "spaced-dots": "dots with blanks between them",
    "goes-on-with-mark": "a comma, a bracket or the like follows",
    "speech-inside-quotation": "the author's words stand inside the quotation",
    "small-letter": "a small letter follows",
    "small-starter": "a word follows that begins sentences even in small letters",
    "initial": "a single letter is an initial, unless a word follows that begins sentences",
    "unit": "a unit after a number",
    "abbreviation-never": "an abbreviation that something always follows",
    "abbreviation-before-number": "an abbreviation before a number",
    "abbreviation-before-starter": "an abbreviation that ends sentences before words that begin them",
    "abbreviation-company": "a company's form, which ends sentences before a plain beginning",
    "abbreviation-after-number": "an abbreviation that ends sentences only after a number",
    "abbreviation-may-end": "an abbreviation that often ends sentences",
}
"""What each rule says, in a line."""
