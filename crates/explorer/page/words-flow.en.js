// Words about answers that are missing, in English.

export const FLOW_EN = {
  "status.no_figure": "The figure comes back as soon as the sentence has an answer.",
  "error.too_long": "The sentence is too long: this page reads up to {tokens} tokens and {characters} characters.",
  "error.too_many_pronouns": "The sentence has too many pronouns to read all of them at once. Put braces around one of them.",
  "error.forbidden": "This page may only ask the program that opened it.",
  "changes.unrecorded": "This change is not recorded in the file; what you see is the answer without it.",
  "changes.untouched": "The attention shown is that before the change: none was recorded with it.",
  "model.turn-on": "Switch on",
  "part.recorded_step": "Of this step only the attention weights were kept, not the vectors.",
  "part.nearest_checkpoint": "Go to step {step}",
};
