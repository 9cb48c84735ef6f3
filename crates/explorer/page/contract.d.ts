// What model and page say to each other, as types. ../CONTRACT.md says what the fields mean.
// All names here are known in every module of the page.

/** Characters, half-open: [start, end]. */
type Span = [number, number];
/** Of an encoder, both from 0: [layer, head]. */
type Head = [number, number];
type Language = "es" | "en";

interface Run {
  live: boolean;
  run: {
    name: string; path: string; config: string; shape: string; languages: Language[]; n_layers: number; n_heads: number; d_model: number;
    d_head: number; max_seq: number; vocab_size: number; n_parameters: number; seed: number;
  };
  /** Ascending by step. */
  checkpoints: { step: number; accuracy: number | null; is_best: boolean }[];
  /** Ascending by step. */
  snapshots: { step: number; accuracy: number | null }[];
  probes: Probe[];
  limits: { characters: number; tokens: number };
  /** Not in the answer of `/api/run`, but in that of `/api/heads`: see head-report.js. */
  readonly heads: HeadReport | null;
  recurrent: { distances: Distance[]; speeds: Speed[] } | null;
}

interface Probe {
  id: string;
  lang: Language;
  text: string;
  pronoun: Span;
  candidates: Span[];
  antecedent: number | null;
  phenomenon: string;
  pair?: string;
}

interface Distance { model: string; low: number; high: number; n: number; accuracy: number }
interface Speed { model: string; length: number; tokens_per_second: number }

interface ReadRequest {
  checkpoint: number | null;
  text: string;
  pronoun: Span | null;
  masked: number[];
  ablated: Head[];
  ablation: string;
}

interface Token {
  text: string;
  /** null for a special token. */
  span: Span | null;
  /** null for a special token. */
  word: number | null;
}

/** One pronoun of a text, as a model read it. */
interface Reading {
  text: string;
  lang: Language;
  pronoun: Span;
  pronoun_word: number;
  pronoun_token: number;
  tokens: Token[];
  words: Span[];
  candidates: Span[];
  antecedent: number | null;
  /** The likeliest word; null for none. */
  answer: number | null;
  /** One for each word, that of none last. */
  probabilities: number[];
  /** Those of a text without candidates. */
  phrases: Phrase[];
  /** Whether the likeliest answer is likely enough to be called the answer. */
  is_sure: boolean;
  attention: Attention | null;
}

/** A phrase that the pronoun may stand for. */
interface Phrase {
  span: Span;
  /** The word that says what it is. */
  head: number;
  probability: number;
}

interface Attention {
  layers: number;
  heads: number;
  seq: number;
  /** [layer, head, query, key], in units of 1/65,535. */
  weights: Uint16Array;
}

/** Of one head, [token, d_head] each. */
interface Vectors {
  layer: number;
  head: number;
  seq: number;
  d_head: number;
  queries: Float32Array;
  keys: Float32Array;
  values: Float32Array;
}

/** What the model computes at one token; in the order of the axes named, the last one next to one another. */
interface Activations {
  step: number;
  token: number;
  seq: number;
  n_layers: number;
  d_model: number;
  d_ff: number;
  /** Of every token. */
  ids: number[];
  /** Where the norms stand: before the parts of a block, or after them. */
  norm: "before" | "after";
  activation: string;
  positions: { kind: string; theta: number | null; d_head: number | null; added: Float32Array | null };
  embedding: Float32Array;
  /** [n_layers + 1, d_model] */
  residual: Float32Array;
  /** [n_layers, d_model] */
  attention: Float32Array;
  /** [n_layers, d_model] */
  feed_forward: Float32Array;
  /** [n_layers, d_ff] */
  inner: Float32Array;
  /** [seq, d_model]: what the pointer reads. */
  hidden: Float32Array;
  /** What the antecedent should look like, divided by √d_model and by the temperature. */
  wanted: Float32Array;
  none: Float32Array;
  /** [n_layers + 1, words + 1] */
  lens: Float32Array;
}

interface Variant { kind: string; text: string; pronoun: Span; changed: Span[] }

interface Match {
  text: string;
  lang: Language;
  phenomenon: string;
  token: Span;
  similarity: number;
  reads: Span | null;
  reads_weight: number | null;
}

interface SearchResult {
  n_tokens: number;
  milliseconds: number;
  matches: Match[];
  histograms: Record<"word_class" | "distance" | "kind", { label: string; n: number }[]>;
}

/** Of which examples: null is over all of them. */
interface Slice { lang: Language | null; phenomenon: string | null }

interface Score extends Slice { layer: number; head: number; n: number; distance: { from: number; to: number | null } | null; hit: number }

/** How often each head hits the antecedent, [layer][head], at a step. */
interface Growth { step: number; accuracy: number | null; hits: number[][] }

/** The fields of `report.json` that the page reads. */
interface HeadReport {
  split: string;
  n: number;
  step: number;
  accuracy: number;
  baselines: { random: number; nearest: number };
  scores: Score[];
  resolvers?: { single: { layer: number; head: number; accuracy: number }; all?: { accuracy: number } };
  ablations: (Slice & { layer: number; head: number; by: "zero" | "mean"; n: number; accuracy: number; drop: number })[];
  pairs?: (Partial<Slice> & { heads: [Head, Head]; by: "zero" | "mean"; n: number; accuracy: number; drop: number })[];
  groups?: (Partial<Slice> & { heads: Head[]; by: "zero" | "mean"; n: number; accuracy: number; drop: number })[];
  patches: { layer: number | null; head: number | null; n: number; flipped: number }[];
  methods?: { name: string; n: number; rank_correlation: number; top: number }[];
  growth?: Growth[];
}
