// Words that can stand for others: a text may have more of them than the model finds by itself.

const PRONOUNS = new Set(("él ella ello ellos ellas lo le les se su sus suyo suya suyos suyas este esta estos estas "
  + "éste ésta ese esa eso aquel aquella esto quien quienes sí consigo he she it they him her them his hers its their "
  + "theirs himself herself itself themselves this that these those who whom").split(" "));

// These are articles most of the time.
const AMBIGUOUS = new Set(["la", "los", "las"]);

/**
 * @param {string} word
 * @param {boolean} withArticles whether forms count that are pronouns or articles
 */
export function isPronoun(word, withArticles = false) {
  const form = word.toLowerCase();
  return PRONOUNS.has(form) || (withArticles && AMBIGUOUS.has(form));
}
