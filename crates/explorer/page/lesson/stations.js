// The stations of the lesson, in their order. What a station is: `Station` in page.d.ts.

import { causeStation, explainsStation } from "./cause.js";
import { asksStation, parallelStation, twinsStation } from "./robot.js";
import { rowsStation } from "./rows.js";
import { distanceStation, growthStation } from "./time.js";
import { fourStation, vectorsStation } from "./vectors.js";

export const STATIONS = [
  asksStation, parallelStation, vectorsStation, fourStation, twinsStation, rowsStation, distanceStation, growthStation,
  causeStation, explainsStation,
];
