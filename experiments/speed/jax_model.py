"""The encoder and the pointer of crates/encoder as pure functions of JAX.

Parameters are a dictionary from Burn's paths to arrays; `key` is `None` where nothing is dropped.
"""

import jax
import jax.numpy as jnp
import numpy as np

from protocol import MASKED, NORM_EPSILON


def logits(config, parameters, batch, key=None):
    """[batch, words + 1], *none* in the last column."""
    hidden = encode(config, parameters, batch["tokens"], batch["key_padding_mask"], key)
    rows = jnp.arange(hidden.shape[0])
    wanted = linear(parameters, "pointer.wanted", hidden[rows, batch["pronoun"]])
    wanted = wanted / config["d_model"] ** 0.5  # [batch, d_model]
    tokens = jnp.einsum("bsd,bd->bs", hidden, wanted)
    words = jnp.take_along_axis(tokens, batch["words"], axis=1)
    words = jnp.where(batch["word_padding_mask"], MASKED, words)
    return jnp.concatenate([words, wanted @ parameters["pointer.none"].T], axis=1)


def pointer_loss(logits, targets):
    """Mean of −log Σ p(w) over the right words."""
    right = jnp.where(targets, jax.nn.log_softmax(logits, axis=1), MASKED)
    return -jax.nn.logsumexp(right, axis=1).mean()


def encode(config, parameters, tokens, key_padding_mask, key):
    """[batch, seq, d_model]"""
    is_base = config["shape"] == "base"
    drop = dropper(config["dropout"], key)
    x = drop(embed(config, parameters, tokens))
    for index in range(config["n_layers"]):
        path = f"encoder.blocks.{index}"

        def attend(x):
            return drop(attention(config, parameters, path + ".attention", x, key_padding_mask, drop))

        def transform(x):
            return feed_forward(config, parameters, path + ".feed_forward", x, drop)

        def norm(name, x):
            return layer_norm(parameters, f"{path}.{name}_norm", x)

        if is_base:
            x = x + attend(x if index == 0 else norm("attention", x))
            x = x + transform(norm("feed_forward", x))
        else:
            x = norm("attention", x + attend(x))
            x = norm("feed_forward", x + transform(x))
    return layer_norm(parameters, "encoder.final_norm", x) if is_base else x


def embed(config, parameters, tokens):
    path = "encoder.embedding."
    x = parameters[path + "tokens.weight"][tokens]
    seq, d_model = x.shape[1:]
    if config["shape"] == "vaswani":
        return x * d_model**0.5 + sinusoid(seq, d_model)
    if config["shape"] == "bert":
        x = x + parameters[path + "positions.table"][:seq]
    return layer_norm(parameters, path + "norm", x)


def attention(config, parameters, path, x, key_padding_mask, drop):
    batch, seq, d_model = x.shape
    d_head = d_model // config["n_heads"]
    qkv = linear(parameters, path + ".qkv", x).reshape(batch, seq, 3, config["n_heads"], d_head)
    q, k, v = (qkv[:, :, part] for part in range(3))  # [batch, seq, heads, d_head]
    if config["shape"] == "base":
        q, k = rotate(q, config["rotary_theta"]), rotate(k, config["rotary_theta"])
    scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / d_head**0.5
    if key_padding_mask is not None:
        scores = jnp.where(key_padding_mask[:, None, None, :], MASKED, scores)
    weights = drop(jax.nn.softmax(scores, axis=3))
    heads = jnp.einsum("bhqk,bkhd->bqhd", weights, v).reshape(batch, seq, d_model)
    return linear(parameters, path + ".output", heads)


def feed_forward(config, parameters, path, x, drop):
    hidden = linear(parameters, path + ".hidden", x)
    if config["shape"] == "base":
        a, g = jnp.split(hidden, 2, axis=-1)
        return linear(parameters, path + ".output", drop(gelu(a) * g))
    activation = jax.nn.relu if config["shape"] == "vaswani" else gelu
    return drop(linear(parameters, path + ".output", activation(hidden)))


def linear(parameters, path, x):
    product = x @ parameters[path + ".weight"]
    bias = parameters.get(path + ".bias")
    return product if bias is None else product + bias


def layer_norm(parameters, path, x):
    mean = x.mean(axis=-1, keepdims=True)
    variance = x.var(axis=-1, keepdims=True)
    normed = (x - mean) * jax.lax.rsqrt(variance + NORM_EPSILON) * parameters[path + ".gamma"]
    bias = parameters.get(path + ".beta")
    return normed if bias is None else normed + bias


def gelu(x):
    return jax.nn.gelu(x, approximate=False)


def dropper(p, key):
    """A function that drops a share `p`, with new random numbers at each call."""
    keys = [key]

    def drop(x):
        if p == 0.0 or keys[0] is None:
            return x
        keys[0], now = jax.random.split(keys[0])
        return jnp.where(jax.random.bernoulli(now, 1 - p, x.shape), x / (1 - p), 0.0)

    return drop


def rotate(x, theta):
    """Turns [batch, seq, heads, d_head] by its positions."""
    seq, d_head = x.shape[1], x.shape[3]
    angles = np.outer(np.arange(seq), theta ** (np.arange(0, d_head, 2) / -d_head))
    angles = np.concatenate([angles, angles], axis=1)[:, None, :]  # [seq, 1, d_head]
    x1, x2 = jnp.split(x, 2, axis=-1)
    quarter_turn = jnp.concatenate([-x2, x1], axis=-1)
    return x * jnp.float32(np.cos(angles)) + quarter_turn * jnp.float32(np.sin(angles))


def sinusoid(seq, d_model):
    """[seq, d_model]"""
    angles = np.outer(np.arange(seq), 10_000.0 ** (-np.arange(0, d_model, 2) / d_model))
    return jnp.float32(np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(seq, d_model))
