// A cache of what the model answered. A view asks whenever it is drawn: it gets the answer if that is known,
// and is drawn again when it has arrived.

// Attention of long texts is large: what is kept is counted in bytes, too.
const MAX_BYTES = 96 * 1024 * 1024;
const MAX_ANSWERS = 400;

/**
 * @param {Source} source
 * @param {(key: string) => void} arrived is called when an answer or an error has come
 * @returns {{ ask: Ask, forgetErrors(): void }}
 */
export function createAnswers(source, arrived) {
  const known = new Map(); // key -> { status, answer, error }
  const lanes = new Map(); // lane -> { key, controller }

  // Of the questions with one `lane` only the last is wanted: an earlier one that is under way is given up.
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
    const bytesOf = ({ attention }) => attention?.weights.byteLength ?? 0;
    entry.bytes = (entry.answer?.readings ?? []).reduce((sum, reading) => sum + bytesOf(reading), 0);
    makeRoom(key);
    arrived(key);
  }

  // The oldest go first.
  function makeRoom(newest) {
    let bytes = [...known.values()].reduce((sum, entry) => sum + (entry.bytes ?? 0), 0);
    for (const [key, entry] of known) {
      if (known.size <= MAX_ANSWERS && bytes <= MAX_BYTES) break;
      if (entry.status === "loading" || key === newest) continue;
      bytes -= entry.bytes ?? 0;
      known.delete(key);
    }
  }

  // What was answered with an error is asked again at the next drawing.
  function forgetErrors() {
    for (const [key, entry] of known) if (entry.status === "error") known.delete(key);
  }

  return { ask, forgetErrors };
}
