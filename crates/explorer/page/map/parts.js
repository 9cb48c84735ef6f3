// The parts of the map, in the order of the computation.

/**
 * `name` is in the address; `kind` says which words it has, and `layer` of which block it is, from 0.
 * @typedef {{ name: string, kind: string, layer: number }} MapPart
 */

/**
 * @param {number} nLayers
 * @returns {MapPart[]}
 */
export function mapParts(nLayers) {
  const single = (/** @type {string} */ kind) => ({ name: kind, kind, layer: -1 });
  const blocks = Array.from({ length: nLayers }, (_, layer) => ["attention", "feed_forward"].map((kind) => (
    { name: `${kind}-${layer + 1}`, kind, layer })));
  return [
    single("tokens"), single("embedding"), single("positions"), ...blocks.flat(), single("stream"), single("pointer"),
    single("answer"),
  ];
}

/**
 * @param {State} state
 * @param {MapPart[]} parts
 */
export function partNow({ part }, parts) {
  return Math.max(parts.findIndex(({ name }) => name === part), 0);
}

/**
 * @param {Translator} t
 * @param {MapPart} part
 */
export function partTitle(t, { kind, layer }) {
  return t(`map.${kind}`, { n: layer + 1 });
}
