// Words of the lesson's moving pictures, in English.

export const SCENES_EN = {
  "race.label": "One after the other and all at once",
  "race.serial": "A recurrent network: {n} words, one after the other",
  "race.parallel": "Self-attention: one step, all at once",
  "race.step": "step {n}",
  "race.again": "Show it again",
  "cards.of": "The three cards of “{word}” in {head}",
  "cards.query": "query: what it looks for",
  "cards.key": "key: what it is known by",
  "cards.value": "value: what it gives",
  "swap.caption": "The keys change places; the values stay",
  "swap.key": "key of “{word}”",
  "swap.value": "value of “{word}”",
};
