"""CTranslate2's converter of Hugging Face models, held to one folder; needs the extra `convert`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ctranslate2.converters import TransformersConverter

from pipeline.convert.checkpoint import Checkpoint
from pipeline.convert.vocabulary import BEGIN, END, UNKNOWN, Vocabulary
from pipeline.errors import ModelError

_N_NAMED = 3


class TokenTable:
    """What the converter asks of a tokenizer, from the vocabulary that was read from the files."""

    bos_token = BEGIN
    eos_token = END
    unk_token = UNKNOWN
    num_madeup_words = 0

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self.unk_token_id = tokens.index(UNKNOWN)
        self.special_tokens_map: dict[str, list[str]] = {}

    def get_vocab(self) -> dict[str, int]:
        """Return the tokens and their ids."""
        return {token: index for index, token in enumerate(self._tokens)}

    def convert_ids_to_tokens(self, index: int) -> str:
        """Return the token with this id."""
        return self._tokens[index]


class FolderConverter(TransformersConverter):
    """Converts what stands in a folder: asks no network, runs no code of the model, needs no tokenizer class."""

    def __init__(self, checkpoint: Checkpoint, vocabulary: Vocabulary) -> None:
        super().__init__(str(checkpoint.folder), trust_remote_code=False)
        self._checkpoint = checkpoint
        self._vocabulary = vocabulary

    def convert(self, *args: Any, **options: Any) -> Any:
        """Convert without progress bars and messages of the libraries."""
        with _quiet():
            return super().convert(*args, **options)

    def load_model(self, model_class: Any, model_name_or_path: str, **options: Any) -> Any:
        """Return the model with all of its weights.

        Raises:
            ModelError: some are missing, which transformers would replace by random ones.
        """
        model, report = model_class.from_pretrained(
            model_name_or_path,
            local_files_only=True,
            output_loading_info=True,
            # They are reported below, where the message can say more.
            ignore_mismatched_sizes=True,
            **options,
        )
        wrong = [*report["missing_keys"], *(str(key[0]) for key in report["mismatched_keys"])]
        if wrong:
            names = ", ".join(sorted(wrong)[:_N_NAMED])
            raise ModelError(
                f"{self._checkpoint.weights[0]}: {len(wrong)} weights are missing or of another size, as {names}; "
                "the file belongs to another model, download it again"
            )
        return model

    def load_tokenizer(self, tokenizer_class: Any, model_name_or_path: str, **_options: Any) -> TokenTable:
        """Return the tokens that were read from the folder."""
        del tokenizer_class, model_name_or_path
        return TokenTable(self._vocabulary.source)


@contextmanager
def _quiet() -> Iterator[None]:
    from transformers.utils import logging

    level, had_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if had_bars:
            logging.enable_progress_bar()
