#!/usr/bin/env bash
# Does a test fail for each mistake that is easily made in an encoder?
#
# Each mutant changes one place of crates/encoder; its tests are built and run; the file is put
# back. Prints a Markdown table: mutant, number of failed tests, their names. Exit code 1 if a
# mutant survives, does not compile, or finds nothing to change.
#
#   experiments/mutants/run.sh            all mutants
#   experiments/mutants/run.sh rotary     those whose name contains "rotary"
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
readonly source=crates/encoder/src
readonly only=${1:-}
backup=$(mktemp)
output=$(mktemp)
changed=
failures=0

restore() {
  if [[ -n $changed ]]; then cp "$backup" "$changed"; fi
  changed=
}
trap 'restore; rm -f "$backup" "$output"' EXIT
trap 'exit 130' INT TERM

# Builds every test of the workspace, so that Burn keeps its one set of features, and prints the
# paths of those of the encoder.
executables() {
  cargo test --workspace --no-run 2>&1 | tee "$output" |
    sed -n 's/^ *Executable .*(\(.*deps\/\(anafora_encoder\|seed\)-[0-9a-f]*\))$/\1/p'
}

# mutant NAME FILE PERL: runs the tests with FILE changed by the Perl program.
mutant() {
  local name=$1 file=$source/$2 program=$3
  [[ $name == *"$only"* ]] || return 0
  cp "$file" "$backup"
  changed=$file
  perl -0pi -e "$program" "$file"
  if cmp -s "$file" "$backup"; then
    verdict "$name" "nothing to change in $2"
    return
  fi
  local tests
  tests=$(executables)
  if [[ $(wc -w <<<"$tests") != 2 ]]; then
    verdict "$name" "does not compile"
    grep -m 1 -A 5 '^error' "$output" >&2
    restore
    return
  fi
  : >"$output"
  for test in $tests; do (cd crates/encoder && "../../${test#"$PWD"/}" >>"$output" 2>&1); done
  restore
  local killers
  killers=$(sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$output" | sort | sed 's/::tests::/: /; s/_/ /g')
  if [[ -z $killers ]]; then
    verdict "$name" survives
  else
    echo "| $name | $(wc -l <<<"$killers") | $(paste -sd ';' <<<"$killers" | sed 's/;/; /g') |"
  fi
}

verdict() {
  failures=$((failures + 1))
  echo "| $1 | 0 | **$2** |"
}

echo '| mutant | killed by | tests |'
echo '|---|---|---|'

# The ten of the house style.
mutant 'no / √d_head' attention.rs 's{ / \(d_head as f64\)\.sqrt\(\)}{}'
mutant 'mask on the query axis' attention.rs 's{\[batch, 1, 1, seq\]}{[batch, 1, seq, 1]}'
mutant 'softmax over queries' attention.rs 's{MASKED_SCORE\), 3\)}{MASKED_SCORE), 2)}'
mutant 'q and k swapped' attention.rs 's{q\.clone\(\)\.matmul\(k\.clone}{k.clone().matmul(q.clone}'
mutant 'heads split without transposing' attention.rs \
  's{\[batch, seq, (self\.n_heads, d_model / self\.n_heads)\]\)\.swap_dims\(1, 2\)}{[batch, self.n_heads, seq, d_model / self.n_heads])}'
mutant 'heads merged without transposing' attention.rs 's{heads\.clone\(\)\.swap_dims\(1, 2\)}{heads.clone()}'
mutant 'no output projection' attention.rs 's{let context = self\.output\.forward\(context\);}{}'
mutant 'query detached' attention.rs 's{q\.clone\(\)\.matmul}{q.clone().detach().matmul}'
mutant 'dropout on scores' attention.rs \
  's{softmax\(scores\.clone\(\)}{softmax(dropout::apply(scores.clone(), dropout, Site::AttentionWeights(self.layer))}; s{dropout::apply\(weights\.clone\(\), .*?\);}{weights.clone();}'
mutant 'weights reported after dropout' attention.rs \
  's{= softmax\((.*), 3\);}{= dropout::apply(softmax($1, 3), dropout, Site::AttentionWeights(self.layer));}; s{dropout::apply\(weights\.clone\(\), .*?\);}{weights.clone();}'

# Attention and projections.
mutant 'padding mask inverted' attention.rs 's{key_padding_mask\.reshape}{key_padding_mask.bool_not().reshape}'
mutant 'masked score of -∞' attention.rs 's{= -1\.0e4}{= f64::NEG_INFINITY}'
mutant 'scores reported after the mask' attention.rs \
  's{let weights = softmax\(scores\.clone\(\)\.mask_fill\(mask, MASKED_SCORE\), 3\)}{let scores = scores.mask_fill(mask, MASKED_SCORE); let weights = softmax(scores.clone(), 3)}'
mutant 'no dropout on the weights' attention.rs 's{dropout::apply\(weights\.clone\(\), .*?\);}{weights.clone();}'
mutant 'no dropout on the context' attention.rs 's{dropout::apply\(context, .*?\);}{context;}'
mutant 'replaced weights only reported' attention.rs \
  's{let weights = (intervention\.weights)\(self\.layer, weights\);}{let before = weights; let weights = $1(self.layer, before.clone());}; s{apply\(weights\.clone\(\)}{apply(before}'
mutant 'replaced heads only reported' attention.rs \
  's{let heads = intervention\.heads\(self\.layer, heads\);}{}; s{AttentionOutput \{ context}{let heads = intervention.heads(self.layer, heads); AttentionOutput \{ context}'
mutant 'every layer is the first to an intervention' block.rs 's{SelfAttention::new\(config, index, init\)}{SelfAttention::new(config, 0, init)}'
mutant 'parts in reverse order' projection.rs 's{part \* width}{(PARTS - 1 - part) * width}'
mutant 'bias of the projections forgotten' projection.rs 's{linear\(x\.clone\(\), weight, bias\)}{linear(x.clone(), weight, bias.filter(|_| false))}'

mutant 'product in the dtype of the parameters' projection.rs 's{parameter\.cast\(dtype\)}{\{ let _ = dtype; parameter \}}'

# Positions.
mutant 'rotary sign flipped' positions/rotary.rs 's{vec!\[-x2, x1\]}{vec![x2, -x1]}'
mutant 'rotary frequencies too high' positions/rotary.rs 's{-2\.0 \* i as f64}{-1.0 * i as f64}'
mutant 'rotary positions from 1' positions/rotary.rs 's{p as f64}{(p + 1) as f64}'
mutant 'rotary on v' attention.rs \
  's{\.matmul\(v\.clone\(\)\)}{.matmul(match rotation { Some(rotation) => rotation.apply(v.clone()), None => v.clone() })}'
mutant 'rotary not applied to k' attention.rs 's{rotation\.apply\(k\)}{k}'
mutant 'sine and cosine swapped' positions/sinusoidal.rs 's{angle\.sin\(\) \} else \{ angle\.cos\(\)}{angle.cos() \} else \{ angle.sin()}'
mutant 'learned positions from 1' positions/learned.rs 's{narrow\(0, 0, seq\)}{narrow(0, 1, seq)}'

# Embedding, feed-forward, norms, block, encoder.
mutant 'embedding scale missing' embedding.rs 's{x \* \(d_model as f64\)\.sqrt\(\)}{x}'
mutant 'no dropout on the embedding' embedding.rs 's{dropout::apply\(x, dropout, Site::Embedding\)}{x}'
mutant 'GeGLU halves swapped' feed_forward.rs 's{gelu\(a\) \* g}{a * gelu(g)}'
mutant 'tanh GELU' feed_forward.rs 's{activation::\{gelu,}{activation::\{gelu_approximate as gelu,}'
mutant 'GeGLU dropout after W₂' feed_forward.rs \
  's{output\.forward\(drop_hidden\(gelu\(a\) \* g\)\)}{drop_hidden(output.forward(gelu(a) * g))}'
mutant 'layer norm epsilon' initial.rs 's{1e-5}{1e-12}'
mutant 'layer norm without bias' initial.rs 's{config\.d_model, config\.architecture\(\)\.biases}{config.d_model, false}'
mutant 'first-block norm applied' block.rs 's{index == 0 && architecture\.has_embedding_norm\(\)}{false}'
mutant 'base residual missing' block.rs 's{let x = x \+ attention}{let x = attention}'
mutant 'feed-forward without its norm' block.rs 's{self\.feed_forward_norm\.forward\(x\.clone\(\)\)}{x.clone()}'
mutant 'no final norm' encoder.rs 's{Some\(norm\) => layer_norm\(norm, hidden\)}{Some(_) => hidden}'
mutant 'max_seq not checked' encoder.rs 's{assert!\(seq <= max_seq}{assert!(seq <= max_seq || seq > 0}'

# The shapes, and the fast path.
mutant 'bert with ReLU' ../../config/src/encoder/architecture.rs 's{Activation::Gelu,\n                biases}{Activation::Relu,\n                biases}'
mutant 'base with biases' ../../config/src/encoder/architecture.rs 's{biases: false}{biases: true}'
mutant 'vaswani starts as the others' ../../config/src/encoder/architecture.rs 's{weight_init: WeightInit::GlorotUniform}{weight_init: WeightInit::Normal}'
mutant 'fast path with a θ of its own' fused.rs 's{config\.d_head\(\), theta}{config.d_head(), theta.max(50.0)}'
mutant 'fast path with three heads' fused.rs 's{n_heads: self\.n_heads, rotary}{n_heads: 3, rotary}'
mutant 'fast path without dropout' fused.rs 's{dropout: self\.dropout\.map\(.*?\),\n}{dropout: None,\n}'
mutant 'fast path with the masks of the other half' fused.rs 's{let \[attention_number, feed_forward_number\]}{let [feed_forward_number, attention_number]}'

# Dropout.
mutant 'both halves of a block with the same masks' dropout.rs 's{\[attention, attention \+ 1\]}{[attention, attention]}'
mutant 'all recurrent layers with the same mask' dropout.rs 's{RECURRENT \+ layer as u64}{RECURRENT + 0 * layer as u64}'
mutant 'no dropout behind a recurrent layer' recurrent.rs 's{dropout::apply\(states, dropout, Site::RecurrentLayer\(index\)\)}{states}'
mutant 'dropout in every forward' encoder.rs 's{self\.pass\(tokens, key_padding_mask, None\)}{self.forward_with_dropout(tokens, key_padding_mask, 0)}'

# Heads and initial values.
mutant 'first position for all masked words' vocabulary_logits.rs 's{hidden\.gather\(1, index\)}{hidden.gather(1, index.zeros_like())}'
mutant 'none column first' pointer.rs 's{vec!\[words, none\]}{vec![none, words]}'
mutant 'pointer without scale' pointer.rs 's{wanted / \(d_model as f64\)\.sqrt\(\)}{wanted}'
mutant 'padded words not masked' pointer.rs 's{\.mask_fill\(word_padding_mask, MASKED_SCORE\)}{}'
mutant 'pronoun detached' pointer.rs 's{hidden\.clone\(\)\.gather}{hidden.clone().detach().gather}'
mutant 'pointer starts with large weights' pointer.rs 's{Normal\(0\.0, SMALL_STD\)}{Normal(0.0, 1.0)}'
mutant 'same parameters for every seed' initial.rs 's{seed_from_u64\(seed\)}{seed_from_u64(seed.min(0))}'

exit $((failures > 0))
