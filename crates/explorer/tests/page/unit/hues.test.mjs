// The colours of query, key and value: told apart by those who see no red or no green, and read as text.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const CSS = readFileSync(new URL("../../../page/page.css", import.meta.url), "utf8");
const [LIGHT, DARK, SYSTEM_DARK] = [...CSS.matchAll(/:root[^{]*\{([^}]*--paper:[^}]*)\}/g)].map(([, block]) => (
  Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[\da-f]{6});/g)].map(([, name, color]) => [name, color]))));
const THEMES = { light: LIGHT, dark: DARK };

const ROLES = ["query", "key", "value"];
// Colours of words and bars that mean something else.
const OTHERS = ["pronoun", "answer", "chain-a", "chain-b", "chain-c", "chain-d"];
const APART = 12;

// Machado, Oliveira and Fernandes (2009), severity 1, in linear RGB.
const SEEN = {
  "all colours": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
};

function linear(color) {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
}

function product(matrix, vector) {
  return matrix.map((row) => row.reduce((sum, factor, i) => sum + factor * vector[i], 0));
}

const XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]];
const WHITE = product(XYZ, [1, 1, 1]);

function lab(rgb) {
  const [x, y, z] = product(XYZ, rgb).map((value, i) => value / WHITE[i])
    .map((value) => (value > 216 / 24389 ? Math.cbrt(value) : (value * 24389 / 27 + 16) / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function distance(a, b, matrix) {
  const [one, other] = [a, b].map((color) => lab(product(matrix, linear(color)).map((part) => Math.min(Math.max(part, 0), 1))));
  return Math.hypot(...one.map((value, i) => value - other[i]));
}

function contrast(a, b) {
  const [dark, light] = [a, b].map((color) => product(XYZ, linear(color))[1]).sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

test("the arithmetic: black and white, and the red and green of a traffic light", () => {
  assert.ok(Math.abs(contrast("#000000", "#ffffff") - 21) < 0.01);
  assert.ok(Math.abs(distance("#000000", "#ffffff", SEEN["all colours"]) - 100) < 0.01);
  assert.ok(distance("#c00000", "#5a6b00", SEEN.deuteranopia) < distance("#c00000", "#5a6b00", SEEN["all colours"]) / 3);
});

test("the dark theme is the same whether it is chosen or the system's", () => {
  assert.deepEqual(SYSTEM_DARK, DARK);
  assert.notDeepEqual(LIGHT, DARK);
});

for (const [theme, colors] of Object.entries(THEMES)) {
  for (const [sight, matrix] of Object.entries(SEEN)) {
    test(`${theme}, ${sight}: query, key and value are apart from one another and from what else has a colour`, () => {
      for (const [i, role] of ROLES.entries()) {
        for (const other of [...ROLES.slice(i + 1), ...OTHERS]) {
          const found = distance(colors[role], colors[other], matrix);
          assert.ok(found >= APART, `${role} and ${other} are ${found.toFixed(1)} apart`);
        }
      }
    });
  }

  test(`${theme}: query, key and value are not equally light: that is seen in print without colours too`, () => {
    const [dark, middle, light] = ROLES.map((role) => lab(linear(colors[role]))[0]).sort((a, b) => a - b);
    assert.ok(middle - dark >= 3 && light - middle >= 3, `${dark}, ${middle}, ${light}`);
  });

  test(`${theme}: query, key and value can be read wherever they stand as words`, () => {
    for (const role of ROLES) {
      for (const back of ["card", "paper", "sunken"]) {
        const found = contrast(colors[role], colors[back]);
        assert.ok(found >= 4.5, `${role} on ${back}: ${found.toFixed(2)}`);
      }
    }
  });
}
