// The stations of the lesson, in their order.
//
// A station is { id, probes, study, words?, pick or options, right, reveal, open? }:
// `study(context)` is { status: "ready", facts } once the model has answered;
// `pick` makes a question for a word of a reading, `options` one with given answers;
// `right(facts)` is the word or the option that the model bears out, `reveal` what is shown then,
// `open(facts)` the change of state that shows it in another view.

import { causeStation, explainsStation } from "./cause.js";
import { asksStation, parallelStation, twinsStation } from "./robot.js";
import { rowsStation } from "./rows.js";
import { distanceStation, growthStation } from "./time.js";
import { fourStation, vectorsStation } from "./vectors.js";

export const STATIONS = [
  asksStation, parallelStation, vectorsStation, fourStation, twinsStation, rowsStation, distanceStation, growthStation, causeStation, explainsStation,
];
