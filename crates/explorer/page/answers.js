// Answers by what was asked: a view asks anew whenever it is drawn, and is drawn again when the answer is there.

const KEPT = 48;

// `arrived` is called after an answer or an error came.
export function createAnswers(source, arrived) {
  const known = new Map(); // key -> { status, answer, error }
  const lanes = new Map(); // lane -> { key, controller }

  // { status: "ready", answer }, { status: "error", error } or { status: "loading" }.
  // Of one `lane` only the last question is wanted: an earlier one is given up.
  function ask(path, body, lane) {
    const key = body === undefined ? path : `${path} ${JSON.stringify(body)}`;
    if (lane && lanes.has(lane) && lanes.get(lane).key !== key) drop(lane);
    const entry = known.get(key);
    if (entry) {
      known.delete(key); // the last one used is kept longest
      known.set(key, entry);
      return entry;
    }
    const controller = new AbortController();
    if (lane) lanes.set(lane, { key, controller });
    const waiting = { status: "loading" };
    known.set(key, waiting);
    source.request(path, body, controller.signal).then(
      (answer) => settle(key, waiting, { status: "ready", answer }),
      (error) => settle(key, waiting, { status: "error", error }),
    );
    return waiting;
  }

  function drop(lane) {
    const { key, controller } = lanes.get(lane);
    lanes.delete(lane);
    if (known.get(key)?.status !== "loading") return;
    known.delete(key);
    controller.abort();
  }

  function settle(key, waiting, entry) {
    if (known.get(key) !== waiting) return; // given up meanwhile
    known.set(key, entry);
    for (const old of known.keys()) {
      if (known.size <= KEPT) break;
      if (known.get(old).status !== "loading" && old !== key) known.delete(old);
    }
    arrived(key);
  }

  // After an error one may want to try again.
  function forgetErrors() {
    for (const [key, entry] of known) if (entry.status === "error") known.delete(key);
  }

  return { ask, forgetErrors };
}
