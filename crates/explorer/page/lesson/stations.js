// The stations of the lesson, in their order. What a station is: `Station` in page.d.ts.

import { causeStation, explainsStation } from "./cause.js";
import { asksStation, parallelStation, twinsStation } from "./robot.js";
import { STATION_ORDER } from "./station-order.js";
import { rowsStation } from "./rows.js";
import { distanceStation, growthStation } from "./time.js";
import { fourStation, vectorsStation } from "./vectors.js";

/** @type {Record<string, Station>} */
const BY_NAME = {
  asks: asksStation, parallel: parallelStation, vectors: vectorsStation, four: fourStation, twins: twinsStation,
  rows: rowsStation, distance: distanceStation, growth: growthStation, cause: causeStation, explains: explainsStation,
};

export const STATIONS = STATION_ORDER.map((name) => BY_NAME[name]);
