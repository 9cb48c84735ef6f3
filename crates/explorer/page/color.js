// Colours that can be told apart with colour blindness: Okabe and Ito's for heads, one blue for weights.

// Without their black, which cannot be seen on a dark page; yellow is darkened for a light one.
const HEAD_COLORS_LIGHT = ["#0072b2", "#d55e00", "#008a63", "#b0578d", "#8a6d00", "#2d8fc7", "#6b5bb5", "#7a4a2b"];
const HEAD_COLORS_DARK = ["#56b4e9", "#ff8a3d", "#2fc79a", "#e69ac8", "#f0e442", "#8ecdf2", "#b3a5f2", "#d9a47e"];

// For weights one hue, whose lightness goes in equal steps from the colour of the page to a strong blue: twice the
// weight looks twice as strong, and what is weak stays quiet. (Equal steps of L* of CIELAB.)
const WEIGHT_LIGHT = [
  [250, 249, 246], [193, 214, 242], [140, 179, 230], [89, 144, 214], [47, 110, 185], [13, 77, 147], [0, 47, 100],
];
const WEIGHT_DARK = [
  [24, 27, 33], [32, 58, 79], [44, 91, 128], [64, 126, 175], [96, 162, 217], [146, 199, 245], [212, 235, 255],
];
// For differences: blue to orange through the colour of the page.
const DIVERGING_LIGHT = [[0, 68, 136], [86, 148, 200], [247, 246, 243], [230, 145, 70], [160, 72, 0]];
const DIVERGING_DARK = [[120, 190, 255], [50, 110, 170], [30, 33, 40], [190, 100, 30], [255, 176, 102]];

const systemDark = matchMedia("(prefers-color-scheme: dark)");

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "dark" || chosen === "light") return chosen === "dark";
  return systemDark.matches;
}

export function headColor(head) {
  const colors = isDark() ? HEAD_COLORS_DARK : HEAD_COLORS_LIGHT;
  return colors[head % colors.length];
}

function between(stops, at) {
  const place = Math.min(Math.max(at, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  const part = place - low;
  return stops[low].map((value, i) => Math.round(value + (stops[low + 1][i] - value) * part));
}

// 256 colours as [r, g, b], made once: a matrix of 65,536 cells looks up, and computes nothing.
function ramp(stops) {
  const table = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i++) table.set(between(stops, i / 255), i * 3);
  return table;
}

const VALUE_LIGHT = ramp(WEIGHT_LIGHT);
const VALUE_DARK = ramp(WEIGHT_DARK);
const DIFFERENCE_LIGHT = ramp(DIVERGING_LIGHT);
const DIFFERENCE_DARK = ramp(DIVERGING_DARK);

export function valueRamp() {
  return isDark() ? VALUE_DARK : VALUE_LIGHT;
}

export function differenceRamp() {
  return isDark() ? DIFFERENCE_DARK : DIFFERENCE_LIGHT;
}

// `at` from 0 to 1.
export function rampColor(table, at) {
  const i = Math.round(Math.min(Math.max(at, 0), 1) * 255) * 3;
  return `rgb(${table[i]} ${table[i + 1]} ${table[i + 2]})`;
}

// The colour of a custom property of the page, for canvas.
// Kept for each theme: asking the browser makes it compute all styles anew.
const pageColors = new Map();

export function pageColor(name) {
  const key = `${name} ${isDark()}`;
  if (!pageColors.has(key)) pageColors.set(key,
    getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  return pageColors.get(key);
}
