// Which tabs stand together, and in which order, by the names of the views.

export const VIEW_ORDER = {
  lesson: ["lesson"],
  look: ["heads", "matrix", "model", "rollout", "map"],
  calculate: ["steps", "neuron"],
  learn: ["time", "compare"],
  prove: ["causal", "search"],
};
