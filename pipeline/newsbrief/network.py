"""A small pre-norm Transformer for translation, laid out as CTranslate2's ``TransformerSpec`` expects it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

MAX_POSITIONS = 1026
"""Longest sequence, in pieces: CTranslate2 cuts a source at 1,024, and fails where positions are missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """Sizes of the network.

    Attributes:
        n_pieces: Size of the vocabulary that both languages share.
        dropout: Share of activations dropped, 0 to 1.
    """

    n_pieces: int
    width: int = 192
    ffn_width: int = 768
    n_heads: int = 4
    n_encoder_layers: int = 3
    n_decoder_layers: int = 2
    dropout: float = 0.0


def sinusoids(n_positions: int, width: int) -> Tensor:
    """Return the position encodings, shape ``(n_positions, width)``: sines, then cosines.

    Source: Vaswani et al. 2017, section 3.5, in the order of tensor2tensor.
    """
    n_waves = width // 2
    rates = torch.exp(torch.arange(n_waves) * -(math.log(10_000) / (n_waves - 1)))
    angles = torch.arange(n_positions).unsqueeze(1) * rates.unsqueeze(0)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Attention(nn.Module):
    """Multi-head attention behind its own layer norm; queries, keys and values from fused projections."""

    def __init__(self, settings: NetworkSettings, *, is_cross: bool) -> None:
        super().__init__()
        width = settings.width
        self.n_heads = settings.n_heads
        self.norm = nn.LayerNorm(width)
        # One projection q+k+v for self-attention; q and k+v for attention to the source.
        widths = (width, 2 * width) if is_cross else (3 * width,)
        self.projections = nn.ModuleList(nn.Linear(width, size) for size in widths)
        self.output = nn.Linear(width, width)
        self.dropout = nn.Dropout(settings.dropout)

    def forward(
        self, x: Tensor, *, memory: Tensor | None = None, mask: Tensor | None = None, is_causal: bool = False
    ) -> Tensor:
        """Return ``x`` plus what it attends to, shape ``(batch, length, width)``.

        Args:
            x: Shape ``(batch, length, width)``.
            memory: The encoded source, for attention across; None attends to ``x`` itself.
            mask: True where attention is allowed, to be broadcast to ``(batch, heads, length, keys)``.
            is_causal: Whether a position sees only itself and those before it.
        """
        normed = self.norm(x)
        if memory is None:
            parts = self.projections[0](normed).chunk(3, dim=-1)
        else:
            parts = (self.projections[0](normed), *self.projections[1](memory).chunk(2, dim=-1))
        query, key, value = (self._split(part) for part in parts)
        # In bfloat16 the backward pass of attention takes four times as long on a CPU.
        with torch.autocast("cpu", enabled=False):
            heads = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=is_causal)
        attended: Tensor = self.dropout(self.output(heads.transpose(1, 2).flatten(2)))
        return x + attended

    def _split(self, x: Tensor) -> Tensor:
        n_rows, length, width = x.shape
        return x.float().view(n_rows, length, self.n_heads, width // self.n_heads).transpose(1, 2)


class FeedForward(nn.Module):
    """Two linear layers with ReLU between them, behind a layer norm."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(settings.width)
        self.inner = nn.Linear(settings.width, settings.ffn_width)
        self.outer = nn.Linear(settings.ffn_width, settings.width)
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` plus its transformation, same shape."""
        added: Tensor = self.dropout(self.outer(functional.relu(self.inner(self.norm(x)))))
        return x + added


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.attention = Attention(settings, is_cross=False)
        self.ffn = FeedForward(settings)

    def forward(self, x: Tensor, *, mask: Tensor | None) -> Tensor:
        """Return the next state of the source, same shape."""
        y: Tensor = self.ffn(self.attention(x, mask=mask))
        return y


class DecoderLayer(nn.Module):
    """Causal self-attention, attention to the source and feed-forward."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.attention = Attention(settings, is_cross=False)
        self.cross_attention = Attention(settings, is_cross=True)
        self.ffn = FeedForward(settings)

    def forward(self, x: Tensor, *, memory: Tensor, mask: Tensor | None) -> Tensor:
        """Return the next state of the target, same shape."""
        x = self.attention(x, is_causal=True)
        y: Tensor = self.ffn(self.cross_attention(x, memory=memory, mask=mask))
        return y


class Network(nn.Module):
    """Encoder and decoder over one table of embeddings, which is the output layer too."""

    positions: Tensor

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        self.embeddings = nn.Embedding(settings.n_pieces, settings.width)
        self.encoder = nn.ModuleList(EncoderLayer(settings) for _ in range(settings.n_encoder_layers))
        self.encoder_norm = nn.LayerNorm(settings.width)
        self.decoder = nn.ModuleList(DecoderLayer(settings) for _ in range(settings.n_decoder_layers))
        self.decoder_norm = nn.LayerNorm(settings.width)
        self.dropout = nn.Dropout(settings.dropout)
        self.register_buffer("positions", sinusoids(MAX_POSITIONS, settings.width), persistent=False)
        self._initialise()

    def forward(self, source: Tensor, target: Tensor, *, source_mask: Tensor | None = None) -> Tensor:
        """Return the decoder's states, shape ``(batch, target length, width)``; see `logits`.

        Args:
            source: Piece ids with the end mark, shape ``(batch, source length)``.
            target: Piece ids that begin with the start mark, shape ``(batch, target length)``.
            source_mask: True on pieces, False on padding, shape ``(batch, source length)``; None without padding.
        """
        mask = None if source_mask is None else source_mask[:, None, None, :]
        memory = self._embed(source)
        for layer in self.encoder:
            memory = layer(memory, mask=mask)
        memory = self.encoder_norm(memory)
        x = self._embed(target)
        for layer in self.decoder:
            x = layer(x, memory=memory, mask=mask)
        states: Tensor = self.decoder_norm(x)
        return states

    def logits(self, states: Tensor) -> Tensor:
        """Return the scores of all pieces for decoder states of shape ``(n, width)``: ``(n, n_pieces)``."""
        return functional.linear(states, self.embeddings.weight)

    def _embed(self, pieces: Tensor) -> Tensor:
        scaled = self.embeddings(pieces) * math.sqrt(self.settings.width)
        embedded: Tensor = self.dropout(scaled + self.positions[: pieces.shape[1]])
        return embedded

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        nn.init.normal_(self.embeddings.weight, std=self.settings.width**-0.5)
