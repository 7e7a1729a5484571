// The published numbers as series of days. Nothing here touches the page.

const DAY = 86400000;
const COLUMNS = ["mean", "median", "mode", "mode_share", "std", "min", "max"];

export class HistoryProblem extends Error {}

/** Milliseconds of a day `YYYY-MM-DD`; the zone does not matter as long as it is always the same. */
export const dayTime = (day) => Date.parse(`${day}T00:00:00Z`);
export const dayOf = (time) => new Date(time).toISOString().slice(0, 10);

/** Days, series by parameter in the document's order, and the days between that were not published. */
export function readHistory(document) {
  if (!Array.isArray(document?.days) || !Array.isArray(document.parameters))
    throw new HistoryProblem("it has no days and parameters");
  const { days } = document;
  const times = days.map(dayTime);
  const series = document.parameters.map((one) => {
    if (!["mean", "mode"].includes(one.middle) || COLUMNS.some((column) => one[column]?.length !== days.length))
      throw new HistoryProblem(`“${one.name}” does not have a number for each day`);
    return { ...one, days, times, ...summarise(one, days.length) };
  });
  return { series, days, missing: missingDays(days) };
}

/**
 * What a series is like over all its days: its line, the band about it, whether it is silent or constant, and its newest
 * day with a number. `kind` says of what the line is: of means, or of the most frequent values, which have no band.
 */
function summarise(one, count) {
  const middle = one[one.middle];
  const edge = (side) => middle.map((value, i) =>
    value === null || one.std[i] === null || one.middle === "mode" ? null
      : Math.min(Math.max(value + side * one.std[i], one.min[i]), one.max[i]));
  let newest = -1;
  let constant = true;
  let value = null;
  for (let i = 0; i < count; i += 1) {
    if (middle[i] === null) continue;
    newest = i;
    value ??= middle[i];
    constant &&= middle[i] === value && one.min[i] === value && one.max[i] === value;
  }
  return {
    kind: one.middle, middle, upper: edge(1), lower: edge(-1),
    newest, silent: newest < 0, constant: newest >= 0 && constant,
  };
}

function missingDays(days) {
  const missing = [];
  for (let i = 1; i < days.length; i += 1)
    for (let t = dayTime(days[i - 1]) + DAY; t < dayTime(days[i]); t += DAY) missing.push(dayOf(t));
  return missing;
}

/** Runs of neighbouring days on which every given line has a number, as [first, last] indices. */
export function runs(times, ...lines) {
  const found = [];
  let first = -1;
  for (let i = 0; i <= times.length; i += 1) {
    const here = i < times.length && lines.every((line) => line[i] !== null);
    const joined = here && first >= 0 && times[i] - times[i - 1] <= DAY;
    if (first >= 0 && !joined) found.push([first, i - 1]);
    if (!joined) first = here ? i : -1;
  }
  return found;
}

/** The span to show for a choice of days; there is always room beside a single day. */
export function span(days, length) {
  const first = dayTime(days[0]);
  const last = dayTime(days.at(-1));
  const from = length ? Math.max(first, last - (length - 1) * DAY) : first;
  const margin = Math.max((last - from) * 0.015, DAY * 0.6);
  return [from - margin, last + margin];
}

/** Lowest and highest number of a series between two times, on the chosen scale. */
export function extent(one, [from, to], spread) {
  const narrow = spread === "sigma" && one.kind === "mean";
  const lines = narrow ? [one.middle, one.lower, one.upper] : [one.middle, one.min, one.max];
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < one.times.length; i += 1) {
    if (one.times[i] < from || one.times[i] > to || one.middle[i] === null) continue;
    const values = lines.map((line) => line[i]).filter((value) => value !== null);
    low = Math.min(low, ...values);
    high = Math.max(high, ...values);
  }
  return low <= high ? [low, high] : null;
}
