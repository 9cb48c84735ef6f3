// What the page shows, as one plain object, all of it in the address: a link restores the view.

// Every key with its default; a default is not written to the address.
export const DEFAULTS = {
  language: "", // "" follows the browser
  theme: "", // "" follows the system
  view: "heads",
  probe: "", // id of a probe; with neither probe nor text, the first probe of the language
  text: "", // what somebody typed
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
  allRows: false, // steps: of a long text too
  by: "hidden", // search: or "attention"
  stream: null, // search: after how many blocks; null for all
  found: 12, // search: how many contexts to show
  order: "hit", // causes: the column that they stand by
  slice: "", // causes: of which examples; "" for all, "gender", "es", "gender-es"
  lesson: 0, // station
  bets: [], // of the lesson, see lesson/bets.js
  folded: "", // ids of panels that are shut, comma separated
};

// These make an entry in the history, so that the back button goes where one was.
const PLACES = ["view", "probe", "lesson", "compare", "snapshot", "checkpoint"];

// Lists of heads.
const PAIRS = ["selected", "ablated"];

export function readAddress(hash) {
  const state = structuredClone(DEFAULTS);
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (!(key in DEFAULTS)) continue;
    const value = typeof DEFAULTS[key] === "string" ? text : parsed(text);
    if (value !== undefined && isLike(value, key)) state[key] = value;
  }
  return state;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// An address is input from outside: of the wrong type, it counts as absent.
function isLike(value, key) {
  const example = DEFAULTS[key];
  if (PAIRS.includes(key)) return Array.isArray(value) && value.every(isPair);
  if (key === "pronoun") return isPair(value);
  if (key === "bets") return Array.isArray(value) && value.every(isTriple);
  if (Array.isArray(example)) return Array.isArray(value) && value.every(isCount);
  if (example === null || typeof example === "number") return isCount(value);
  return typeof value === typeof example;
}

function isCount(value) {
  return Number.isInteger(value) && value >= 0;
}

function isPair(value) {
  return Array.isArray(value) && value.length === 2 && value.every(isCount);
}

function isTriple(value) {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isInteger);
}

export function writeAddress(state) {
  const parameters = new URLSearchParams();
  for (const [key, preset] of Object.entries(DEFAULTS)) {
    const value = state[key];
    if (JSON.stringify(value) === JSON.stringify(preset)) continue;
    parameters.set(key, typeof preset === "string" ? value : JSON.stringify(value));
  }
  return `#${parameters}`;
}

// A file with one view says where it opens; in a frame it may not be allowed to change its own address.
function addressNow() {
  return location.hash || (document.documentElement.dataset.opensAt ?? "");
}

// { state, patch, subscribe }: `patch` takes what changes and tells the subscribers.
export function createStore() {
  const store = { state: readAddress(addressNow()), listeners: [] };
  store.subscribe = (listener) => store.listeners.push(listener);
  store.patch = (change) => {
    const before = store.state;
    store.state = { ...before, ...change };
    const isPlace = PLACES.some((key) => before[key] !== store.state[key]);
    remember(writeAddress(store.state), isPlace);
    for (const listener of store.listeners) listener(store.state, before);
  };
  const restore = () => {
    const before = store.state;
    store.state = readAddress(addressNow());
    for (const listener of store.listeners) listener(store.state, before);
  };
  addEventListener("popstate", restore);
  addEventListener("hashchange", () => {
    if (location.hash !== writeAddress(store.state)) restore();
  });
  return store;
}

function remember(address, isPlace) {
  if (address === location.hash || (address === "#" && location.hash === "")) return;
  // Browsers limit how often the address may change; losing one change of it is harmless.
  try {
    if (isPlace) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  } catch {
    return;
  }
}
