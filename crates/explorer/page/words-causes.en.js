// The words of what causes an answer: intervals, two heads compared, the head that decides, and what can be tried.

export const CAUSES_EN = {
  "copy.json": "Copy as JSON",
  "copy.done": "Copied.",
  "copy.by_hand": "The browser does not allow copying: copy it from here.",
  "causal.between": "{low} – {high}",
  "causal.intervals": "Below each number, its Wilson interval of 95%: the values that these examples leave open. That of the points lost follows from the one of the accuracy that is left.",
  "causal.unmeasured": "not measured",
  "causal.all_hit_hint": "accuracy when the looks of all heads are put together",
  "causal.correlated_negative": "In this model, looking and mattering are anti-correlated (ρ = {rho}, {n} heads): those that look at the antecedent most tend to be those that cost least when they are off.",
  "causal.correlated_positive": "In this model, looking and mattering are correlated (ρ = {rho}, {n} heads): those that look at the antecedent most tend to be those that cost most when they are off.",
  "causal.correlated_none": "In this model, looking and mattering are not measurably related (ρ = {rho}, which is no more than chance gives among {n} heads): how a head looks does not tell what switching it off costs.",
  "causal.choose_two": "To compare two heads, click one and Shift-click the other, or press them in the table.",
  "causal.choose_second": "Choose another one with Shift and a click, or in the table.",
  "causal.compared": "Heads compared",
  "causal.hit_apart": "Head {more} looks right more often than {less}: the intervals do not meet.",
  "causal.hit_alike": "In looking, the intervals of {more} and {less} meet: they may be equally right.",
  "causal.zero_apart": "Switching {more} off costs more than {less}: the intervals do not meet.",
  "causal.zero_alike": "Switched off, the intervals of {more} and {less} meet: they may cost the same.",
  "causal.together": "With both off, {drop} are lost (n = {n}); switched off one at a time, they add up to {apart}.",
};
