"""The extra `convert`: PyTorch and transformers, which only conversions need."""

from __future__ import annotations

from importlib.util import find_spec

from pipeline.errors import ModelError

_PACKAGES = ("torch", "transformers")


def require_extra() -> None:
    """Check that what models in the form of Hugging Face are read with is installed.

    Raises:
        ModelError: it is not.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise ModelError(
            f'{" and ".join(missing)} not installed, which converting needs: pip install "newsmt[convert]" '
            "(torch must be 2.13.0)"
        )
