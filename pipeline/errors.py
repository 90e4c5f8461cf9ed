"""Errors with their exit codes, reason codes of rejects, and names of flags."""

from __future__ import annotations

from enum import Enum, IntEnum


class ExitCode(IntEnum):
    """What a finished command tells its caller."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    LEFT_OVER = 3
    LOCKED = 75


class PipelineError(Exception):
    """A failure with a message for people: what, where, what was expected, how to mend it."""

    exit_code = ExitCode.FAILED


class UsageError(PipelineError):
    """The command line asks for something that cannot be done."""

    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    """A configuration file has an unknown key, a wrong type or contradictory options."""


class InputError(UsageError):
    """An input path does not exist or cannot be read at all."""


class OutputError(UsageError):
    """The output folder cannot be used: not writable, or of another tool."""


class WriteError(PipelineError):
    """Writing failed in the middle of a run, as on a full disk; what was committed stays."""


class DecodingError(PipelineError):
    """The engine failed while decoding: a matter of the machine or the model, not of the text."""


class ShardError(PipelineError):
    """Every article of a shard failed: a bug or the machine, not the articles."""


class ClusterError(PipelineError):
    """Workers on a cluster were lost, and with them what cannot be done without them."""


class ModelError(UsageError):
    """A model set or package is missing, incomplete or damaged."""


class StateError(PipelineError):
    """The state below `.newsmt` is damaged or of a newer version."""


class LockHeldError(PipelineError):
    """Another run holds the lock of the output folder."""

    exit_code = ExitCode.LOCKED


class WaitStoppedError(PipelineError):
    """A signal came while the run waited for another one."""

    exit_code = ExitCode.LEFT_OVER


class Reason(str, Enum):
    """Why an input became a row in `rejects` instead of rows in the corpus."""

    EMPTY = "empty"
    BINARY = "binary"
    ENCODING = "encoding"
    BAD_JSON = "bad-json"
    BAD_RECORD = "bad-record"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"
    NO_LETTERS = "no-letters"
    UNKNOWN_LANGUAGE = "unknown-language"
    NO_MODEL = "no-model"
    NEAR_DUPLICATE = "near-duplicate"
    FAILED = "failed"


class Note(str, Enum):
    """A named doubt about how an article was read."""

    BAD_DATE = "bad-date"
    ENCODING_GUESSED = "encoding-guessed"
    LANGUAGE_MISMATCH = "language-mismatch"
    MOJIBAKE_REPAIRED = "mojibake-repaired"
    REPLACED_CHARACTERS = "replaced-characters"


class Flag(str, Enum):
    """A named doubt about one translation unit; docs/checks.md says what each means."""

    EMPTY = "empty"
    COPIED = "copied"
    LENGTH_RATIO = "length-ratio"
    WRONG_SCRIPT = "wrong-script"
    WRONG_LANGUAGE = "wrong-language"
    TRUNCATED = "truncated"
    REPETITION = "repetition"
    NUMBERS = "numbers"
    NUMBER_FORMAT = "number-format"
    UNITS = "units"
    CURRENCY = "currency"
    PROTECTED = "protected"
    QUOTES = "quotes"
    BRACKETS = "brackets"
    FINAL_MARK = "final-mark"
    NAMES = "names"
    GLOSSARY = "glossary"
    LOW_SCORE = "low-score"
    ALREADY_TARGET = "already-target"
    UNTRANSLATED = "untranslated"
    WRAPPED = "wrapped"
    WESTERN_ARMENIAN = "western-armenian"
    LATIN_LETTERS = "latin-letters"
    BOILERPLATE = "boilerplate"
