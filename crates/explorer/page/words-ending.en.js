// The words of the change that moves the answer, and of the end of the lesson.

export const ENDING_EN = {
  "unmoved.find": "Find the change that does move it",
  "unmoved.loading": "Trying each head and each word …",
  "unmoved.error": "The program could not try the other changes.",
  "unmoved.none": "No single head or word decides it alone.",
  "unmoved.unrecorded": "To try the other changes takes the live model (the program explore).",
  "unmoved.try_head_turns": "Try switching {name} off: the answer becomes “{now}”",
  "unmoved.try_head_moves": "Try switching {name} off: “{answer}” goes to {p}",
  "unmoved.try_word_turns": "Try hiding “{name}”: the answer becomes “{now}”",
  "unmoved.try_word_moves": "Try hiding “{name}”: “{answer}” goes to {p}",
  "text.movable": "A change moves its answer",

  "lesson.cause.other_sentence": "In the sentence of the robot, to switch off any single head leaves the answer as it was. So this stop takes another sentence of the same model.",

  "lesson.end.title": "The end of the lesson",
  "lesson.end.score": "You were right in {right} of {bets} bets.",
  "lesson.end.no_bets": "You looked without betting: start over whenever you like, and bet.",
  "lesson.end.learned": "Three sentences to take home",
  "lesson.end.first": "A pronoun asks, the other words offer, and attention shares out among them what is read.",
  "lesson.end.second": "Heads do not come ready-made: they are born in training, out of examples.",
  "lesson.end.third": "To look is not to decide: to know why the model answers something, one has to change it and ask again.",
  "lesson.end.next": "What to try now",
  "lesson.end.own": "A sentence of your own",
  "lesson.end.share": "For the teacher: a link to the lesson from its beginning, in class mode",
};
