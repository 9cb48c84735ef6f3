// Characters that turn the direction of writing.

/**
 * A text without them: within a sentence of the page they would turn what comes after it, too.
 * @param {string} text
 */
export function withoutTurns(text) {
  return text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
}
