"""The extra `eval`: sacrebleu, which only scores against references need."""

from __future__ import annotations

from importlib.util import find_spec

from pipeline.errors import UsageError


def require_extra() -> None:
    """Check that what BLEU and chrF are computed with is installed.

    Raises:
        UsageError: it is not.
    """
    if find_spec("sacrebleu") is None:
        raise UsageError(
            'sacrebleu not installed, which scores need: pip install "newsmt[eval]"; '
            "without --reference, newsmt tells flags, scores of the models and quality"
        )
