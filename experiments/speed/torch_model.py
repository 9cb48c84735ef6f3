"""The encoder and the pointer of crates/encoder in PyTorch, as fast as its operations allow: one
projection for queries, keys and values, and `scaled_dot_product_attention`.

Modules have the names of the fields in Rust, so that parameters are found by their path.
"""

import torch
import torch.nn.functional as F
from torch import nn

from protocol import MASKED, NORM_EPSILON


class Embedding(nn.Module):
    def __init__(self, config, vocab):
        super().__init__()
        d_model = config["d_model"]
        self.shape = config["shape"]
        self.tokens = nn.Embedding(vocab, d_model)
        if self.shape == "bert":
            self.positions = Positions(config)
        if self.shape == "vaswani":
            self.register_buffer("waves", sinusoid(config["max_seq"], d_model), persistent=False)
        else:
            self.norm = layer_norm(config)
        self.dropout = nn.Dropout(config["dropout"])

    def forward(self, tokens):
        x = self.tokens(tokens)  # [batch, seq, d_model]
        seq, d_model = x.shape[1:]
        if self.shape == "vaswani":
            return self.dropout(x * d_model**0.5 + self.waves[:seq])
        if self.shape == "bert":
            x = x + self.positions.table[:seq]
        return self.dropout(self.norm(x))


class Positions(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.table = nn.Parameter(torch.empty(config["max_seq"], config["d_model"]))


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        d_model, bias = config["d_model"], has_biases(config)
        self.qkv = nn.Linear(d_model, 3 * d_model, bias=bias)
        self.output = nn.Linear(d_model, d_model, bias=bias)
        self.dropout = nn.Dropout(config["dropout"])
        self.n_heads = config["n_heads"]

    def forward(self, x, mask, rotation):
        batch, seq, d_model = x.shape
        qkv = self.qkv(x).view(batch, seq, 3, self.n_heads, d_model // self.n_heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)  # [batch, heads, seq, d_head]
        if rotation is not None:
            q, k = rotate(q, rotation), rotate(k, rotation)
        p = self.dropout.p if self.training else 0.0
        heads = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=p)
        return self.dropout(self.output(heads.transpose(1, 2).reshape(batch, seq, d_model)))


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        d_model, d_ff, bias = config["d_model"], config["d_ff"], has_biases(config)
        self.shape = config["shape"]
        self.hidden = nn.Linear(d_model, (2 if self.shape == "base" else 1) * d_ff, bias=bias)
        self.output = nn.Linear(d_ff, d_model, bias=bias)
        self.dropout = nn.Dropout(config["dropout"])

    def forward(self, x):
        if self.shape == "base":
            a, g = self.hidden(x).chunk(2, dim=-1)
            return self.output(self.dropout(F.gelu(a) * g))
        activation = F.relu if self.shape == "vaswani" else F.gelu
        return self.dropout(self.output(activation(self.hidden(x))))


class Block(nn.Module):
    def __init__(self, config, index):
        super().__init__()
        self.is_pre_norm = config["shape"] == "base"
        is_normed_already = self.is_pre_norm and index == 0
        self.attention_norm = nn.Identity() if is_normed_already else layer_norm(config)
        self.attention = Attention(config)
        self.feed_forward_norm = layer_norm(config)
        self.feed_forward = FeedForward(config)

    def forward(self, x, mask, rotation):
        if self.is_pre_norm:
            x = x + self.attention(self.attention_norm(x), mask, rotation)
            return x + self.feed_forward(self.feed_forward_norm(x))
        x = self.attention_norm(x + self.attention(x, mask, rotation))
        return self.feed_forward_norm(x + self.feed_forward(x))


class Encoder(nn.Module):
    def __init__(self, config, vocab):
        super().__init__()
        is_base = config["shape"] == "base"
        self.embedding = Embedding(config, vocab)
        self.blocks = nn.ModuleList(Block(config, i) for i in range(config["n_layers"]))
        self.final_norm = layer_norm(config) if is_base else nn.Identity()
        turns = rotation_table(config) if is_base else None
        self.register_buffer("turns", turns, persistent=False)

    def forward(self, tokens, mask):
        x = self.embedding(tokens)
        rotation = None if self.turns is None else self.turns[:, : tokens.shape[1]]
        for block in self.blocks:
            x = block(x, mask, rotation)
        return self.final_norm(x)


class Pointer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.wanted = nn.Linear(config["d_model"], config["d_model"])
        self.none = nn.Parameter(torch.empty(1, config["d_model"]))

    def forward(self, hidden, pronoun, words, word_padding_mask):
        batch, _, d_model = hidden.shape
        at = pronoun.view(batch, 1, 1).expand(batch, 1, d_model)
        wanted = self.wanted(hidden.gather(1, at)) / d_model**0.5  # [batch, 1, d_model]
        tokens = torch.bmm(hidden, wanted.transpose(1, 2)).squeeze(2)  # [batch, seq]
        logits = tokens.gather(1, words).masked_fill(word_padding_mask, MASKED)
        return torch.cat([logits, wanted.squeeze(1) @ self.none.T], dim=1)


class Resolver(nn.Module):
    def __init__(self, config, vocab):
        super().__init__()
        self.encoder = Encoder(config, vocab)
        self.pointer = Pointer(config)

    def forward(self, batch):
        hidden = self.encoder(batch["tokens"], batch["attention_mask"])
        return self.pointer(hidden, batch["pronoun"], batch["words"], batch["word_padding_mask"])


def pointer_loss(logits, targets):
    """Mean of −log Σ p(w) over the right words."""
    return -F.log_softmax(logits, 1).masked_fill(~targets, MASKED).logsumexp(1).mean()


def set_parameters(model, arrays):
    """Gives `model` the numbers of `arrays`, whose names are those of Burn's modules."""
    linear = {name for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    state = {}
    for name, array in arrays.items():
        name = name.replace(".gamma", ".weight").replace(".beta", ".bias")
        module, _, field = name.rpartition(".")
        # Burn multiplies by a [input, output] matrix, PyTorch by the transposed one.
        state[name] = array.T if module in linear and field == "weight" else array
    model.load_state_dict(state)


def layer_norm(config):
    return nn.LayerNorm(config["d_model"], eps=NORM_EPSILON, bias=has_biases(config))


def has_biases(config):
    return config["shape"] != "base"


def rotation_table(config):
    """Cosines and sines of every position: [2, max_seq, d_head]."""
    d_head = config["d_model"] // config["n_heads"]
    powers = torch.arange(0, d_head, 2, dtype=torch.float64) / -d_head
    frequencies = torch.tensor(config["rotary_theta"], dtype=torch.float64) ** powers
    positions = torch.arange(config["max_seq"], dtype=torch.float64)
    angles = torch.outer(positions, frequencies).repeat(1, 2)
    return torch.stack([angles.cos(), angles.sin()]).float()


def rotate(x, rotation):
    x1, x2 = x.chunk(2, dim=-1)
    return x * rotation[0] + torch.cat([-x2, x1], dim=-1) * rotation[1]


def sinusoid(max_seq, d_model):
    """Sines and cosines in turns: [max_seq, d_model]."""
    positions = torch.arange(max_seq, dtype=torch.float64)
    pairs = torch.arange(0, d_model, 2, dtype=torch.float64)
    angles = torch.outer(positions, 10_000 ** (-pairs / d_model))
    return torch.stack([angles.sin(), angles.cos()], dim=2).reshape(max_seq, d_model).float()
