// Colours that can be told apart with colour blindness: Okabe and Ito's for heads, Cividis for values.

// Without their black, which cannot be seen on a dark page; yellow is darkened for a light one.
const HEAD_COLORS_LIGHT = ["#0072b2", "#d55e00", "#008a63", "#b0578d", "#8a6d00", "#2d8fc7", "#6b5bb5", "#7a4a2b"];
const HEAD_COLORS_DARK = ["#56b4e9", "#ff8a3d", "#2fc79a", "#e69ac8", "#f0e442", "#8ecdf2", "#b3a5f2", "#d9a47e"];

// Cividis at equal distances (Nuñez, Anderton and Renslow 2018), and a cut of it for each theme.
const CIVIDIS = [
  [0, 34, 78], [18, 53, 112], [59, 73, 108], [87, 93, 109], [112, 113, 115], [138, 134, 120], [165, 156, 116],
  [195, 179, 105], [225, 204, 85], [254, 232, 56],
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

// Zero has the colour of the page, so that what is there stands out.
const VALUE_LIGHT = ramp([
  [250, 249, 246], [254, 232, 150], [225, 204, 85], [165, 156, 116], [112, 113, 115], [59, 73, 108], [0, 34, 78],
]);
const VALUE_DARK = ramp([[24, 27, 33], ...CIVIDIS.slice(1)]);
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
