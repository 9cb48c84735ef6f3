// Types of the page itself. All names here are known in every module of the page.

/** What the page shows: see `DEFAULTS` in state.js, which says what each key means. */
interface State {
  language: string;
  theme: string;
  view: string;
  probe: string;
  text: string;
  pronoun: Span | null;
  which: number;
  checkpoint: number | null;
  snapshot: number | null;
  masked: number[];
  ablated: Head[];
  ablation: string;
  selected: Head[] | null;
  combine: string;
  top: number;
  special: string;
  fold: boolean;
  token: number | null;
  table: boolean;
  sort: string;
  compare: string;
  otherCheckpoint: number | null;
  otherText: string;
  key: number | null;
  dimension: number | null;
  part: string;
  scene: number;
  allRows: boolean;
  allLines: boolean;
  by: string;
  stream: number | null;
  found: number;
  order: string;
  compared: Head[];
  slice: string;
  lesson: number;
  bets: Bet[];
  present: boolean;
  hands: Hands[];
}

/** With "replace" a change is no entry in the browser's history: one of many that belong together. */
type Patch = (change: Partial<State>, how?: "replace") => void;

interface Store {
  state: State;
  patch: Patch;
  subscribe(listener: (state: State, before: State) => void): void;
}

/** [station, choice, 1 where it was right and 0 where not]: see lesson/bets.js. */
type Bet = [number, number, number];

/** [station, choice, how many hands were raised for it]: see lesson/hands.js. */
type Hands = [number, number, number];

/** The words of the interface in one language. */
interface Translator {
  /** The words of a key, with `values` in the places of {names}. */
  (key: string, values?: Record<string, unknown>): string;
  language: string;
  has(key: string): boolean;
  number(value: number, digits?: number): string;
  percent(value: number, digits?: number): string;
  step(value: number): string;
}

/** What is read: a text that somebody typed, or a probe. */
interface Subject {
  text: string;
  pronoun: Span | null;
  /** That of the probe; null for a typed text. */
  id: string | null;
  probe?: Probe;
}

/** Where an answer is. */
type Entry<T = any> =
  | { status: "loading"; answer?: undefined; error?: undefined }
  | { status: "ready"; answer: T; error?: undefined }
  | { status: "error"; error: AnswerFault; answer?: undefined };

/** Answers to several questions. */
type Gathered =
  | { status: "loading"; answers?: undefined; error?: undefined }
  | { status: "ready"; answers: any[]; error?: undefined }
  | { status: "error"; error: AnswerFault; answers?: undefined };

interface AnswerFault extends Error { code?: string }

/** Asks the model, or says what it answered: `lane` names questions of which only the last is wanted. */
type Ask = (path: string, body?: unknown, lane?: string) => Entry;

interface Source {
  live: boolean;
  /** `body` is undefined for a GET. */
  request(path: string, body?: unknown, signal?: AbortSignal): Promise<any>;
}

/** What the parts of the page are given to draw. */
interface PageContext<R extends Reading | null = Reading | null> {
  run: Run;
  source: Source;
  state: State;
  patch: Patch;
  /** Has a text read aloud by a screen reader. */
  announce(text: string): void;
  language: string;
  t: Translator;
  about: Subject;
  ask: Ask;
  /** One for each pronoun of the text. */
  readings: Reading[];
  /** The one that is shown: the last good one while the next is under way. */
  reading: R;
  /** Of the weights that read. */
  step: number;
  status: "ready" | "loading" | "error" | "empty";
  /** What is on the page: that of the last answer while the next is under way; "loading" before there is any. */
  shown: "ready" | "loading" | "error" | "empty";
  error: AnswerFault | null;
  /** Whether `reading` is the answer to an earlier question. */
  isStale: boolean;
  /** Whether the attention is that without masks and ablations, since none was recorded with them. */
  isAttentionUntouched: boolean;
  /** Whether it was recorded during training and cannot be asked anew. */
  isRecorded: boolean;
  /** The reading without masks and ablations, where there are any. */
  before: Reading | null;
  selected: Head[];
  variants: Variant[] | null;
  /** Asks again what was answered with an error. */
  retry(): void;
}

interface AttentiveReading extends Reading { attention: Attention }

/** What a view is given to draw: it is drawn only where there is attention, unless it is free. */
type Context = PageContext<AttentiveReading>;

/** Of a run whose heads were measured. */
type MeasuredContext = Context & { run: { heads: HeadReport } };

/** What stands beside the reading in the view that compares, or why nothing does. */
interface Other {
  status: "ready" | "loading" | "error" | "no-change" | "no-text" | "no-step";
  name?: string;
  reading?: Reading;
  error?: AnswerFault;
}

/** Rows and columns of what is drawn: words or tokens. */
interface Axis {
  n: number;
  /** The tokens of each. */
  groups: number[][];
  labels: string[];
  isSpecial: boolean[];
  isMasked: boolean[];
  /** Places; -1 where it is not shown. */
  pronoun: number;
  answer: number;
  antecedent: number;
}

/** Attention as it is drawn. */
interface Shown extends Axis {
  axis: Axis;
  selected: Head[];
  /** [n, n] */
  matrix: Float32Array;
  /** For each row the smallest weight that is drawn. */
  floors: Float32Array;
}

/** A heat map and how it is laid out, in pixels: see heatmap.js. */
interface Heatmap {
  plan: any;
  canvas: HTMLCanvasElement;
  cursor: HTMLElement;
  readout: HTMLElement;
  /** Of the cursor: row and column. */
  place: [number, number] | null;
  /** A pixel for each cell. */
  image: HTMLCanvasElement;
  /** Of the whole, 0 before it has one. */
  width: number;
  /** Room for labels. */
  left: number;
  top: number;
  /** A cell is so wide and so high. */
  cell: number;
  rowCell: number;
  isLabelled: boolean;
  /** How far a wide one is slid: the labels of its rows stay at the edge. */
  shift: number;
  font: string;
  columnFont: string;
}

/** A tab of the page and what it shows: see views.js. */
interface View {
  id: string;
  draw(context: Context): Node | (Node | null)[];
  /** Rows of cells, for a file. */
  csv?(context: Context): unknown[][];
  /** The sentence that it shows, for the caption of a picture; that of the page, if it is left out. */
  sentence?(context: PageContext): string;
  /** The tools of the toolbar that mean something to it; all, if it is left out. */
  tools?: ("heads" | "top" | "special" | "fold" | "step")[];
  /** Whether it draws a table when `state.table`. */
  hasTable?: boolean;
  /** Whether it needs no reading; then it has no toolbar either. */
  isFree?: boolean;
  /** Whether it stands without the sentence and its answer above it. */
  isAlone?: boolean;
  /** Whether it has neither heading nor ways to save it. */
  isPlain?: boolean;
}

/** Tabs that belong together: see views.js. */
interface ViewGroup { id: string; views: string[] }

/** A run of which it is known which probes play which parts in the lesson: see lesson/ask.js. */
interface LessonRun extends Run { roles?: Record<string, string> }

/** A station of the lesson: see lesson/stations.js. It has `pick` or `options`. */
interface Station {
  id: string;
  /** The probes that it needs, by id or by their part in the lesson; the last one is shown. */
  probes: string[];
  /** Asks the model for the facts that the others are given. */
  study(context: Context): Study;
  /** What stands in the places of its text and its question. */
  words?(t: Translator, facts: any): Record<string, unknown>;
  /** A question whose answer is a word of the reading, some words left out. */
  pick?(t: Translator, facts: any): { reading: Reading; without: number[]; withNone?: boolean };
  /** A question with these answers. */
  options?(t: Translator, facts: any): string[];
  /** The word or the option that is right by what the model does. */
  right(facts: any): number;
  /** The number beside a word once the answer is shown, as it is written there: equal ones are equally right. */
  shown?(t: Translator, facts: any, choice: number): string;
  /** The sentence that is shown, where it is another than that of the last probe. */
  sentence?(facts: any): Probe | null;
  /** What is said of the sentence. */
  note?(t: Translator, facts: any): string | null;
  /** A picture beside its text that gives no answer away. */
  picture?(t: Translator, facts: any): HTMLElement;
  /** What is shown after the answer. */
  reveal(context: Context, facts: any): unknown[];
  /** The change of state that shows it in another view. */
  open?(facts: any): Partial<State> & { view: string };
}

/** What a station studies, once the model has answered; `key` says what is missing. */
type Study =
  | { status: "ready"; facts: any }
  | { status: "missing"; key: string }
  | { status: "loading" }
  | { status: "error"; error: AnswerFault };

/** What one head computes for one token: see arithmetic.js. */
interface Steps {
  root: number;
  dots: Float64Array;
  scores: Float64Array;
  weights: Float64Array;
  logTotal: number;
  output: Float64Array;
}

/** What is drawn on canvas, and saved as SVG. */
interface Stroke { path: string; color: string; alpha: number; width: number }

interface HTMLCanvasElement {
  /** The same as vectors, for a file; null where it would be too large. */
  vector?(): SVGElement | null;
}

