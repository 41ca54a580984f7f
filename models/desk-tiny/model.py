"""The network: a plain llama (RMSNorm, rotary, SwiGLU, tied embeddings), small enough to train on two cores.

A batch is a *bundle*: a prefix (the passage) followed by independent branches (question and answer) that see the prefix
and themselves but not one another. The passage is computed once for a dozen questions, and every question still
stands at the position it has at inference, as the first and only question of a fresh chat. Plain causal text is a
bundle without branches. Not covered: key-value caching; generation is llama.cpp's job.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Shape:
    """The sizes that go into the GGUF header."""

    vocab: int = 2048
    width: int = 256
    layers: int = 4
    heads: int = 4
    hidden: int = 704
    context: int = 2048
    theta: float = 10000.0
    eps: float = 1e-5

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def rotary(positions: Tensor, head: int, theta: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines for `positions` [B, T], shaped [B, 1, T, head / 2]."""
    rates = theta ** (-torch.arange(0, head, 2, dtype=torch.float32) / head)
    angles = positions.float()[:, None, :, None] * rates
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Half-split rotation; export.py permutes q and k to the interleaved order llama.cpp expects."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, self.eps, width = shape.heads, shape.eps, shape.width
        self.norm1 = nn.Parameter(torch.ones(width))
        self.norm2 = nn.Parameter(torch.ones(width))
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.gate_up = nn.Linear(width, 2 * shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, width, bias=False)
        self.watched = False
        self.asking, self.asked = torch.empty(0), torch.empty(0)  # branch queries, prefix keys, where training watches

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, prefix: int, mask: Tensor | None) -> Tensor:
        batch, time, width = x.shape
        h = F.rms_norm(x, (width,), self.norm1.to(x.dtype), self.eps)
        q, k, v = self.qkv(h).view(batch, time, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        head, tail = slice(0, prefix), slice(prefix, time)
        parts = [F.scaled_dot_product_attention(q[:, :, head], k[:, :, head], v[:, :, head], is_causal=True)]
        if self.watched and prefix < time:
            self.asking, self.asked = q[:, :, tail], k[:, :, head]
        if prefix < time:
            parts.append(F.scaled_dot_product_attention(q[:, :, tail], k, v, attn_mask=mask))
        mixed = torch.cat(parts, dim=2) if len(parts) > 1 else parts[0]
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, time, width))
        h = F.rms_norm(x, (width,), self.norm2.to(x.dtype), self.eps)
        gate, up = self.gate_up(h).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)


class Tiny(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.vocab, shape.width)
        self.tap, self.tapped = -1, torch.empty(0)  # which layer's input training wants to see, and what it saw
        self.stack = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.Parameter(torch.ones(shape.width))
        for weight in self.parameters():
            if weight.dim() > 1:
                nn.init.normal_(weight, std=0.02)

        self._look_back()

    def _look_back(self) -> None:
        """Start two heads of the first layer as ones that look one and two tokens back, two of the second as copiers.

        Copying needs them first of all, and on a budget of minutes finding them by chance is what takes longest. One
        dimension of every embedding is made constant; query and key read it, and the key is turned by the distance.
        The copiers seek what follows an earlier sight of the present token: their keys read what the first two wrote,
        and what they write points back at the token they read.
        """
        shape, first = self.shape, self.stack[0]
        size = shape.width // shape.heads
        rates = shape.theta ** (-torch.arange(0, size, 2, dtype=torch.float32) / size)
        with torch.no_grad():
            self.embed.weight[:, 0] = 0.08
            for head in range(2):
                rows = slice(head * size, (head + 1) * size)
                angles = (head + 1) * rates
                first.qkv.weight[rows, 0] += torch.cat((torch.ones(size // 2), torch.zeros(size // 2))) * 1.6
                keys = first.qkv.weight[shape.width : 2 * shape.width]
                keys[rows, 0] += torch.cat((angles.cos(), angles.sin())) * 1.6
            values = first.qkv.weight[2 * shape.width :]
            second = self.stack[1]
            queries, keys, reads = second.qkv.weight.split(shape.width)
            for head in range(2):
                rows = slice(head * size, (head + 1) * size)
                queries[rows] += values[:size] * 4
                keys[rows] += first.out.weight[:, :size].T * 4
                second.out.weight[:, rows] += reads[rows].T * 2

    def open_windows(self, tokens: Tensor) -> None:
        """Turn the other two heads of the first two layers into smooth windows over the last ten and thirty tokens.

        What a number means, and what is asked, is a matter of the words shortly before. With these heads every token
        starts out with that bag of words; without them the probe of train.py stayed at chance. `tokens` is sample text,
        to measure how strong the constant dimension is at each layer.
        """
        shape = self.shape
        size = shape.width // shape.heads
        rates = shape.theta ** (-torch.arange(0, size, 2, dtype=torch.float32) / size)
        band = torch.cat(((rates < 0.15) & (rates > 0.002), torch.zeros(size // 2, dtype=torch.bool))).float()
        with torch.no_grad():
            for depth in range(2):
                self.tap = depth
                self(tokens, torch.arange(tokens.shape[1]).expand_as(tokens), tokens.shape[1])
                level = F.rms_norm(self.tapped.float(), (shape.width,))[..., 0].mean()
                layer = self.stack[depth]
                queries, keys, reads = layer.qkv.weight.split(shape.width)
                for head, sharpness in ((2, 1.0), (3, 0.35)):
                    rows = slice(head * size, (head + 1) * size)
                    for part in (queries, keys):
                        part[rows] = torch.randn_like(part[rows]) * 0.005
                        part[rows, 0] = band * (8 * sharpness) ** 0.5 / level
                    reads[rows] = torch.randn_like(reads[rows]) * 0.04
                    layer.out.weight[:, rows] = torch.randn_like(layer.out.weight[:, rows]) * 0.04
        self.tap = -1

    def forward(self, tokens: Tensor, positions: Tensor, prefix: int, mask: Tensor | None = None) -> Tensor:
        """Final hidden states [B, T, width]; `mask` [B, 1, T - prefix, T] is additive, for the branch part."""
        x = self.embed(tokens)
        cos, sin = rotary(positions, self.shape.width // self.shape.heads, self.shape.theta)
        cos, sin = cos.to(x.dtype), sin.to(x.dtype)
        for i, layer in enumerate(self.stack):
            if i == self.tap:
                self.tapped = x
            x = layer(x, cos, sin, prefix, mask)
        return F.rms_norm(x, (self.shape.width,), self.norm.to(x.dtype), self.shape.eps)

    def logits(self, states: Tensor) -> Tensor:
        return F.linear(states, self.embed.weight.to(states.dtype)).float()
