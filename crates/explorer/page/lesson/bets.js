// The bets of the lesson, which are kept in the address.

// A bet is [station, choice, 1 if it was right, else 0]. The choice is an option or a word, NONE for no word, or
// LOOKED where the answer was shown without a bet.
export const LOOKED = -2;
export const NONE = -1;

export function betOn(bets, station) {
  return bets.find((bet) => bet[0] === station) ?? null;
}

export function withBet(bets, station, bet) {
  const rest = bets.filter((other) => other[0] !== station);
  return bet ? [...rest, bet].sort((a, b) => a[0] - b[0]) : rest;
}

export function betScore(bets) {
  const real = bets.filter((bet) => bet[1] !== LOOKED);
  return { bets: real.length, right: real.filter(([, , isRight]) => isRight === 1).length };
}
