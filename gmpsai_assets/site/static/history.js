// The published document as series of days. Nothing here touches the page.

const DAY = 86400000;
const SUFFIXES = { max: "max", "+1sigma": "upper", mode: "mode", "-1sigma": "lower", min: "min" };

export class HistoryProblem extends Error {}

/** Milliseconds of a day `YYYY-MM-DD`; the zone does not matter as long as it is always the same. */
export const dayTime = (day) => Date.parse(`${day}T00:00:00Z`);
export const dayOf = (time) => new Date(time).toISOString().slice(0, 10);

/** Days, series by parameter in the document's order, and the days between that were not published. */
export function readHistory(document) {
  if (!Array.isArray(document?.data)) throw new HistoryProblem("it has no list of traces");
  const found = new Map();
  for (const trace of document.data) {
    const [, name, suffix] = /^(.+) (\S+)$/.exec(trace.name ?? "") ?? [];
    const line = SUFFIXES[suffix];
    if (!line || !Array.isArray(trace.x) || trace.x.length !== trace.y?.length)
      throw new HistoryProblem(`the trace “${trace.name}” is not one of the five lines of a parameter`);
    if (!found.has(name)) found.set(name, { name, days: trace.x, times: trace.x.map(dayTime) });
    found.get(name)[line] = trace.y;
  }
  const series = [...found.values()];
  for (const one of series) {
    if (Object.values(SUFFIXES).some((line) => !one[line]))
      throw new HistoryProblem(`${one.name} has fewer than five lines`);
    Object.assign(one, summarise(one));
  }
  const days = [...new Set(series.flatMap((one) => one.days))].sort();
  return { series, days, missing: missingDays(days) };
}

/** What a series is like over all its days: silent, constant, and its newest day with a number. */
function summarise({ max, mode, min, days }) {
  let newest = -1;
  let constant = true;
  let value = null;
  for (let i = 0; i < days.length; i += 1) {
    if (mode[i] === null) continue;
    newest = i;
    value ??= mode[i];
    constant &&= mode[i] === value && min[i] === value && max[i] === value;
  }
  return { newest, silent: newest < 0, constant: newest >= 0 && constant };
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
  const lines = spread === "sigma" ? [one.mode, one.lower, one.upper] : [one.mode, one.lower, one.upper, one.min, one.max];
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < one.times.length; i += 1) {
    if (one.times[i] < from || one.times[i] > to || one.mode[i] === null) continue;
    const values = lines.map((line) => line[i]).filter((value) => value !== null);
    low = Math.min(low, ...values);
    high = Math.max(high, ...values);
  }
  return low <= high ? [low, high] : null;
}
