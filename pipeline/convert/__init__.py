"""Foreign models to packages: OPUS-MT (as Marian writes it, and as Hugging Face keeps it), M2M100 and NLLB-200.

The weights are converted by CTranslate2's own converters. The vocabulary is read here, from the files of the model:
what `transformers` says of the tokens of languages changed between its versions 4 and 5, the files did not.
"""

from __future__ import annotations

from pipeline.convert.conversion import convert
from pipeline.convert.request import DEFAULT_QUANTIZATION, QUANTIZATIONS, ConversionRequest

__all__ = ["DEFAULT_QUANTIZATION", "QUANTIZATIONS", "ConversionRequest", "convert"]
