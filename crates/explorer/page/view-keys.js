// The letter of each view: g and that letter go there, on any keyboard.

import { VIEWS } from "./views.js";

/**
 * Of each view its id and its letter: the first of its name that no view before it has.
 * @param {Translator} t
 * @returns {{ id: string, letter: string }[]}
 */
export function viewLetters(t) {
  const taken = new Set();
  return VIEWS.map((id) => {
    const name = `${t(`view.${id}`)}abcdefghijklmnopqrstuvwxyz`.normalize("NFD").toLowerCase().replace(/[^a-z]/g, "");
    const letter = [...name].find((each) => !taken.has(each)) ?? "";
    taken.add(letter);
    return { id, letter };
  });
}
