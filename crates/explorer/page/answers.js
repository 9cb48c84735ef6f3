// Answers by what was asked: a view asks anew whenever it is drawn, and is drawn again when the answer is there.

// Attention of long texts is large: what is kept is counted in bytes.
const KEPT_BYTES = 96 * 1024 * 1024;
const KEPT_MOST = 400;

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
    entry.bytes = (entry.answer?.readings ?? []).reduce((sum, { attention }) => sum + (attention?.weights.byteLength ?? 0), 0);
    makeRoom(key);
    arrived(key);
  }

  // The oldest go first.
  function makeRoom(newest) {
    let bytes = [...known.values()].reduce((sum, entry) => sum + (entry.bytes ?? 0), 0);
    for (const [key, entry] of known) {
      if (known.size <= KEPT_MOST && bytes <= KEPT_BYTES) break;
      if (entry.status === "loading" || key === newest) continue;
      bytes -= entry.bytes ?? 0;
      known.delete(key);
    }
  }

  // After an error one may want to try again.
  function forgetErrors() {
    for (const [key, entry] of known) if (entry.status === "error") known.delete(key);
  }

  return { ask, forgetErrors };
}
