#!/bin/sh
# Asks a trained run of configs/grammar.toml what its heads look at and whether that is the cause.
#
#   experiments/heads/run.sh [RUN]
#
# Without a run it trains one first (minutes). Leaves the page, the plots and the numbers here:
# report.md is the section on the heads of the run's own page, results.json the field `heads`.
set -eu
cd "$(dirname "$0")/../.."
here=experiments/heads
run=${1:-runs/heads}
[ -d "$run" ] || cargo run --bin train -- --config configs/grammar.toml --run "$run"
cargo run --bin evaluate -- "$run" --split in-distribution --heads
python3 - "$run" "$here" <<'PYTHON'
import json
import shutil
import sys

run, here = sys.argv[1:]
with open(f"{run}/report.json", encoding="utf-8") as file:
    heads = json.load(file)["heads"]
with open(f"{here}/results.json", "w", encoding="utf-8") as file:
    json.dump(heads, file, indent=1)
    file.write("\n")
with open(f"{run}/report.md", encoding="utf-8") as file:
    section = file.read().split("\n## Heads\n")[1]
with open(f"{here}/report.md", "w", encoding="utf-8") as file:
    file.write("# Heads\n" + section)
for plot in ["growth", "cause"]:
    shutil.copy(f"{run}/report-heads-{plot}.svg", here)
PYTHON
