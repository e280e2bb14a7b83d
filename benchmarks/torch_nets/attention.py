"""Transformers: a GPT over bytes, and an encoder like BERT over padded sentences."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from benchmarks.torch_nets.base import Network


class Attention(nn.Module):
    """Self-attention with one product for queries, keys and values."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        # Keras reads its kernels (width, heads, size) and (heads, size, width) as if they were
        # convolutions, and starts them in these ranges.
        size = width // heads
        self.project.start_range = (6 / (width * (heads + size))) ** 0.5
        self.out.start_range = (6 / (heads * (size + width))) ** 0.5

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None, causal: bool) -> torch.Tensor:
        batch, length, width = x.shape
        parts = self.project(x).view(batch, length, 3, self.heads, width // self.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)  # (batch, heads, length, width / heads) each
        y = scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        return self.out(y.transpose(1, 2).reshape(batch, length, width))


class TokenAndPosition(nn.Module):
    def __init__(self, vocabulary: int, length: int, width: int):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(length, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.tokens(x) + self.positions.weight[: x.shape[1]]  # (batch, length, width)


class GptBlock(nn.Module):
    """Pre-norm: attention to what came before, then two dense layers."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(width, eps=1e-5), nn.LayerNorm(width, eps=1e-5)
        self.attention = Attention(width, heads)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.norm_1(x), None, causal=True)
        return x + self.narrow(gelu(self.wide(self.norm_2(x))))


class Gpt(Network):
    def __init__(self, vocabulary: int = 256, length: int = 128, width: int = 128, heads: int = 4,
                 blocks: int = 4):  # fmt: skip
        super().__init__()
        self.embedding = TokenAndPosition(vocabulary, length, width)
        self.blocks = nn.Sequential(*(GptBlock(width, heads) for _ in range(blocks)))
        self.norm = nn.LayerNorm(width, eps=1e-5)
        self.head = nn.Linear(width, vocabulary, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.norm(self.blocks(self.embedding(x))))  # (batch, length, vocabulary)


class BertBlock(nn.Module):
    """Post-norm, with dropout before each addition."""

    def __init__(self, width: int, heads: int, rate: float):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attention = Attention(width, heads)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(rate)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = self.norm_1(x + self.dropout(self.attention(x, mask, causal=False)))
        return self.norm_2(x + self.dropout(self.narrow(gelu(self.wide(x)))))


class Bert(Network):
    binary = True

    def __init__(self, words: int = 5000, length: int = 64, width: int = 128, heads: int = 4,
                 blocks: int = 3, rate: float = 0.1):  # fmt: skip
        super().__init__()
        self.embedding = TokenAndPosition(words, length, width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.dropout = nn.Dropout(rate)
        self.blocks = nn.ModuleList(BertBlock(width, heads, rate) for _ in range(blocks))
        self.last = nn.Linear(width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        real = x != 0  # (batch, length)
        x = self.dropout(self.norm(self.embedding(x)))
        for block in self.blocks:
            x = block(x, real[:, None, None, :])
        weights = real.unsqueeze(-1).to(x.dtype)  # (batch, length, 1)
        return self.last((x * weights).sum(1) / weights.sum(1))  # (batch, 1)
