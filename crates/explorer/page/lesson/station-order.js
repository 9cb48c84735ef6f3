// The stations of the lesson by their names, in their order.

export const STATION_ORDER = [
  "asks", "parallel", "vectors", "four", "twins", "rows", "distance", "growth", "cause", "explains",
];
