// The words of captions of saved pictures, of names of heads, and of the keys.

export const LOOKS_EN = {
  "head.name": "head {head}",
  "head.spoken": "layer {layer}, head {head}",
  "caption.step": "step {step}",
  "caption.head": "head {heads}",
  "caption.heads": "heads {heads}",
  "about.matrix.light": "the darker, the more",
  "about.matrix.dark": "the brighter, the more",
  "lesson.cause.more_unmeasured": "One sentence is little. The view “{view}” asks many.",
  "time.accuracy-of-probes": "Accuracy on the {n} example sentences:",
  "time.accuracy-of-validation": "Accuracy on the validation examples:",
  "lesson.tie": "Right: as far as the numbers show, “{bet}” ties with the greatest.",
  "keys.group.views": "Go to a view: g, then a letter",
  "keys.group.heads": "Heads and steps",
  "keys.group.change": "Change the picture",
  "keys.group.page": "On the page",
  "keys.number": "the first views, in their order",
};
