// The vertical axis of a plot: its range, its power of ten and its labels, for any finite numbers.

import { kind } from "./devices.js";
import { extent } from "./history.js";
import { formatNumber, powerOf, shortened, timesTen, withPower } from "./numbers.js";

// Axes of larger and of smaller numbers have a common power of ten.
const LARGEST_PLAIN = 1e6;
const SMALLEST_PLAIN = 1e-3;
// Differences of less than this part of the numbers are below what plots and doubles can tell apart.
const SMALLEST_DIFFERENCE = 1e-12;
// Labels of a status word keep this part of the axis between them.
const CLOSEST_LABELS = 0.12;
const POWER_LABELS = 5;

/** Lowest and highest number of a series and its partner; null without any. */
export function bothExtents(one, view) {
  const extents = [one, view.partner].filter(Boolean).map((s) => extent(s, view.span, view.spread)).filter(Boolean);
  return extents.length ? [Math.min(...extents.map(([low]) => low)), Math.max(...extents.map(([, high]) => high))] : null;
}

/** The power of ten that an axis has in common; it also keeps sums of very large numbers finite. */
export function commonPower(one, limits) {
  const largest = limits ? Math.max(Math.abs(limits[0]), Math.abs(limits[1])) : 0;
  const isPlain = largest === 0 || (largest >= SMALLEST_PLAIN && largest < LARGEST_PLAIN);
  return isPlain || (kind(one.name) === "status" && Number.isSafeInteger(largest)) ? 0 : powerOf(largest);
}

// Divided by what is itself exact, as far as there are such powers; 1e-300 can be no divisor of a number near 1e308.
export const inPower = (value, power) => (value === null ? null : power > 0 ? value / 10 ** power : value * 10 ** -power);

export function verticalRange(limits, power) {
  if (!limits) return [0, 1];
  const [low, high] = limits.map((value) => inPower(value, power));
  const size = Math.max(Math.abs(low), Math.abs(high));
  const margin = high - low > size * SMALLEST_DIFFERENCE ? (high - low) * 0.07 : size * 0.01 || 1;
  return [low - margin, high + margin];
}

/** Round numbers along an axis that has a power of ten in common, each written with the power that it has itself. */
export function powerLabels([low, high], power) {
  const rough = (high - low) / POWER_LABELS;
  const unit = 10 ** powerOf(rough);
  const step = [1, 2, 5, 10].find((times) => times * unit >= rough) * unit;
  const tickvals = [];
  for (let n = Math.ceil(low / step); n * step <= high; n += 1) tickvals.push(n * step);
  const text = (value) => (value === 0 ? "0" : outOfPower(value, power, powerOf(value) - powerOf(step) + 1));
  return { tickvals, ticktext: tickvals.map(text) };
}

/** A number of an axis as it is, with so many digits; put together as text, since it may be none of its parts' doubles. */
function outOfPower(value, power, digits) {
  const own = powerOf(value);
  return shortened(withPower(value / 10 ** own, digits).replace(/×.*$/, "")) + timesTen(power + own);
}

/** A status word is labelled where it has been, with each of its digits: what lies between has no meaning. */
export function statusLabels(one, view, [low, high]) {
  const inView = (_, i) => one.times[i] >= view.span[0] && one.times[i] <= view.span[1];
  const values = [one.middle, one.min, one.max].flatMap((line) => line.filter(inView)).filter((value) => value !== null);
  const shown = [];
  for (const value of [...new Set(values)].sort((a, b) => a - b))
    if (!shown.length || value - shown.at(-1) > (high - low) * CLOSEST_LABELS) shown.push(value);
  return { tickvals: shown, ticktext: shown.map((value) => formatNumber(value)) };
}
