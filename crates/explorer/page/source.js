// Where answers come from: a live model over HTTP, or those recorded in an exported page.

const FORMAT = "anafora-explorer";
const VERSION = 1;

// Arrays of numbers that travel as base64, by the name of their field.
const ARRAYS = {
  weights: Uint16Array, queries: Float32Array, keys: Float32Array, values: Float32Array,
  embedding: Float32Array, residual: Float32Array, attention: Float32Array, feed_forward: Float32Array,
  inner: Float32Array, hidden: Float32Array, wanted: Float32Array, none: Float32Array, lens: Float32Array,
  added: Float32Array,
};

export class AnswerError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export function createSource() {
  const embedded = document.getElementById("recorded");
  return embedded ? recordedSource(JSON.parse(embedded.textContent)) : liveSource();
}

// `body` is undefined for a GET.
function liveSource() {
  const request = async (path, body, signal) => {
    const options = body === undefined ? { signal } : {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal,
    };
    let answer;
    try {
      const response = await fetch(path, options);
      answer = await response.json();
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new AnswerError("unreachable", error.message);
    }
    return checked(answer);
  };
  return { live: true, request };
}

function recordedSource(recorded) {
  const request = async (path, body) => {
    const key = body === undefined ? path : `${path} ${JSON.stringify(body)}`;
    const answer = recorded.answers[key];
    if (!answer) throw new AnswerError("not_recorded", key);
    // A copy of the outer levels: decoding must not change what is recorded.
    return checked(structuredClone(answer));
  };
  return { live: false, request };
}

function checked(answer) {
  if (answer?.format !== FORMAT || answer.version !== VERSION) {
    throw new AnswerError("version", `${answer?.format} ${answer?.version}, expected ${FORMAT} ${VERSION}`);
  }
  if (answer.error) throw new AnswerError(answer.error.code, answer.error.message);
  decodeArrays(answer);
  if (answer.positions) decodeArrays(answer.positions);
  for (const reading of answer.readings ?? []) if (reading.attention) decodeArrays(reading.attention);
  return answer;
}

function decodeArrays(holder) {
  for (const [name, Kind] of Object.entries(ARRAYS)) {
    if (typeof holder[name] === "string") holder[name] = new Kind(bytesOf(holder[name]).buffer);
  }
}

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
