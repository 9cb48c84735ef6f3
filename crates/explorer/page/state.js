// What the page shows, as one plain object, all of it in the address: a link restores the view.

/**
 * Every key with its default; a default is not written to the address.
 * @type {Readonly<State>}
 */
export const DEFAULTS = {
  language: "", // "" follows the browser
  theme: "", // "" follows the system
  view: "start",
  probe: "", // id of a probe; with neither probe nor text, the first probe of the language
  text: "", // what somebody typed
  pronoun: null, // span [start, end] of the one pronoun of `text` to resolve; null for each that is found
  which: 0, // which of the pronouns that were found
  checkpoint: null, // step of the weights that read; null for the best
  snapshot: null, // step of recorded attention; null for a live reading
  masked: [], // tokens that nobody reads from
  ablated: [], // heads [layer, head] whose output is replaced
  ablation: "zero",
  selected: null, // heads [layer, head]; null for the one that reads the answer most
  combine: "mean", // or "sum", "each"
  top: 100, // percent of each token's attention to draw
  special: "show", // or "hide", "rescale"
  fold: true, // sub-words as words
  token: null, // focused row, index into tokens; null for the pronoun
  table: false, // the picture as a table
  sort: "place", // model view: or "score"
  compare: "checkpoint", // or "text", "change"
  otherCheckpoint: null,
  otherText: "",
  key: null, // steps and neurons: the token that is read; null for the one with the greatest weight
  dimension: null, // neurons; null for the one that pulls hardest
  part: "", // map: the part that is open; "" for the first
  scene: 1, // steps: how far the four steps have gone, from 1
  allRows: false, // steps: of a long text too
  allLines: false, // time: lines from all words, not only from the pronoun
  by: "hidden", // search: or "attention"
  stream: null, // search: vectors after how many blocks; null for all
  found: 12, // search: how many contexts to show
  order: "hit", // causes: the column that they are sorted by
  compared: [], // causes: up to two heads [layer, head] that stand side by side
  slice: "", // causes: of which examples; "" for all, "gender", "es", "gender-es"
  lesson: 0, // which station is open
  bets: [], // of the lesson, see lesson/bets.js
  present: false, // shown to a class: large, without tools
  hands: [], // raised in class: [station, choice, how many], see lesson/hands.js
};

/**
 * A change of one of these is an entry in the browser's history: the back button undoes it.
 * @type {(keyof State)[]}
 */
const HISTORY_KEYS = [
  "view", "probe", "text", "pronoun", "which", "lesson", "compare", "snapshot", "checkpoint", "masked", "ablated",
];

/**
 * The form of a value, where its default does not tell it.
 * @type {Partial<Record<keyof State, (value: unknown) => boolean>>}
 */
const FORMS = {
  pronoun: isSpan,
  masked: (value) => isListOf(value, isCount),
  ablated: (value) => isListOf(value, isPair),
  selected: (value) => isListOf(value, isPair),
  compared: (value) => isListOf(value, isPair) && value.length <= 2,
  bets: (value) => isListOf(value, isBet),
  hands: (value) => isListOf(value, isBet),
};

/**
 * Where an address that says something, but no view, leads: so it was before there was a start.
 */
const VIEW_OF_OLD_LINKS = "heads";

/**
 * What suits every view: an address that says nothing else opens the start.
 * @type {(keyof State)[]}
 */
const PREFERENCES = ["language", "theme", "present"];

/**
 * The state that an address says. An address is input from outside: what is no key or has the wrong form
 * counts as absent.
 * @param {string} hash
 * @returns {State}
 */
export function readAddress(hash) {
  /** @type {Partial<State>} */
  const read = {};
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (!isKey(key)) continue;
    const value = typeof DEFAULTS[key] === "string" ? text : parsed(text, DEFAULTS[key]);
    if (isValid(key, value)) Object.assign(read, { [key]: value });
  }
  if (read.present && read.view === undefined) read.view = "lesson";
  if (read.view === undefined && saysMore(read)) read.view = VIEW_OF_OLD_LINKS;
  return { ...structuredClone(DEFAULTS), ...read };
}

/**
 * Not `key in DEFAULTS`, which holds of `__proto__` too.
 * @param {string} key
 * @returns {key is keyof State}
 */
function isKey(key) {
  return Object.hasOwn(DEFAULTS, key);
}

/** @param {Partial<State>} state */
function saysMore(state) {
  const keys = /** @type {(keyof State)[]} */ (Object.keys(state));
  return keys.some((key) => key !== "view" && !PREFERENCES.includes(key)
    && JSON.stringify(state[key]) !== JSON.stringify(DEFAULTS[key]));
}

// A switch may stand in an address without a value: `&present`.
function parsed(text, preset) {
  if (text === "" && typeof preset === "boolean") return true;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isValid(key, value) {
  if (FORMS[key]) return FORMS[key](value);
  const preset = DEFAULTS[key];
  return preset === null || typeof preset === "number" ? isCount(value) : typeof value === typeof preset;
}

function isListOf(value, isItem) {
  return Array.isArray(value) && value.every(isItem);
}

function isCount(value) {
  return Number.isInteger(value) && value >= 0;
}

function isPair(value) {
  return isListOf(value, isCount) && value.length === 2;
}

function isSpan(value) {
  return isPair(value) && value[0] < value[1];
}

function isBet(value) {
  return isListOf(value, Number.isInteger) && value.length === 3;
}

/**
 * The address that says this state: every key whose value is not its default, and the start where it is not
 * what an address without a view would open.
 * @param {State} state
 */
export function writeAddress(state) {
  const parameters = new URLSearchParams();
  for (const [key, preset] of Object.entries(DEFAULTS)) {
    const value = state[key];
    const isNeeded = key === "view" && (saysMore(state) || state.present);
    if (JSON.stringify(value) === JSON.stringify(preset) && !isNeeded) continue;
    parameters.set(key, typeof preset === "string" ? value : JSON.stringify(value));
  }
  return `#${parameters}`;
}

/**
 * The state after a change. A key without a default would not be in the address, and be lost with the next
 * link or step back: it is a mistake of the caller.
 * @param {State} state
 * @param {Partial<State>} change
 * @returns {State}
 */
export function withChange(state, change) {
  const unknown = Object.keys(change).find((key) => !isKey(key));
  if (unknown !== undefined) throw new Error(`the state has no key ${JSON.stringify(unknown)}`);
  return { ...state, ...change };
}

// An exported file may say which view it opens with: in a frame it has no address of its own.
function addressNow() {
  return location.hash || (document.documentElement.dataset.opensAt ?? "");
}

/**
 * The state, kept in the address: `patch` changes some of its keys and tells the subscribers.
 * @returns {Store}
 */
export function createStore() {
  /** @type {((state: State, before: State) => void)[]} */
  const listeners = [];
  const take = (/** @type {State} */ state) => {
    const before = store.state;
    store.state = state;
    for (const listener of listeners) listener(state, before);
  };
  /** @type {Store} */
  const store = {
    state: readAddress(addressNow()),
    subscribe: (listener) => { listeners.push(listener); },
    patch(change, how) {
      const state = withChange(store.state, change);
      const isEntry = HISTORY_KEYS.some((key) => JSON.stringify(state[key]) !== JSON.stringify(store.state[key]));
      writeHistory(writeAddress(state), isEntry && how !== "replace");
      take(state);
    },
  };
  const restore = () => take(readAddress(addressNow()));
  addEventListener("popstate", restore);
  addEventListener("hashchange", () => {
    if (location.hash !== writeAddress(store.state)) restore();
  });
  return store;
}

function writeHistory(address, isEntry) {
  if (address === location.hash || (address === "#" && location.hash === "")) return;
  // Browsers limit how often the address may change; losing one change of it is harmless.
  try {
    if (isEntry) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  } catch {
    return;
  }
}
