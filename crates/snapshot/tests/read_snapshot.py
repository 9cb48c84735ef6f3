"""Reads a snapshot with nothing but safetensors and numpy: python read_snapshot.py FILE

Fails if a byte has changed since the file was written, a row of attention is no distribution, or a
tensor does not fit its probe.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from safetensors import safe_open

with safe_open(sys.argv[1], "np") as file:
    metadata = file.metadata()
    assert metadata["format"] == "anafora-snapshot", metadata
    assert metadata["version"] == "2", metadata["version"]
    before, digits, behind = Path(sys.argv[1]).read_bytes().partition(metadata["sha256"].encode())
    assert hashlib.sha256(before + b"0" * 64 + behind).hexdigest() == digits.decode()
    probes = json.loads(metadata["probes"])
    n_layers = int(metadata["n_layers"])
    assert len(list(file.keys())) == len(probes) * n_layers
    print("step", metadata["step"], "loss", metadata.get("loss", "–"), "model", metadata["model"])
    for probe_idx, probe in enumerate(probes):
        tokens, text = probe["tokens"], probe["example"]["text"]
        print(*(token["text"] for token in tokens))
        for token in tokens:
            if token["span"] and token["text"] != "[UNK]":
                written = text[slice(*token["span"])].lower()
                assert written == token["text"].removeprefix("##"), (written, token)
        for layer_idx in range(n_layers):
            weights = file.get_tensor(f"probe-{probe_idx:02}.layer-{layer_idx}")
            assert weights.dtype == np.float32 and weights.shape[1:] == (len(tokens),) * 2
            assert np.allclose(weights.sum(axis=-1), 1, atol=1e-3) and (weights >= 0).all()
            print(f"  layer {layer_idx}", weights.shape, end="")
            row = weights[:, probe["pronoun_token"]].mean(axis=0)  # [key]
            print("  the pronoun reads most from", tokens[row.argmax()]["text"])
