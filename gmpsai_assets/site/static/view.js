// What is shown: words, group, days, scale. It is kept in the address, so a view can be passed on.

import { span } from "./history.js";

export const RANGES = [
  { key: "30d", label: "30 d", title: "Newest 30 days", length: 30 },
  { key: "90d", label: "90 d", title: "Newest 90 days", length: 90 },
  { key: "1y", label: "1 y", title: "Newest year", length: 365 },
  { key: "all", label: "All", title: "All published days", length: null },
];
export const SPREADS = [
  { key: "range", label: "min–max", title: "Scale to the minimum and maximum" },
  { key: "sigma", label: "± 1σ", title: "Scale to one standard deviation; outliers leave the plot" },
];

const SHORTEST_SPAN = 3 * 86400000;

export const view = { words: [], group: "All", range: "all", spread: "range", span: null, plotStill: false, onPaper: false };

export function readAddress() {
  const query = new URLSearchParams(location.search);
  const known = (list, key, otherwise) => (list.some((one) => one.key === key) ? key : otherwise);
  setWords(query.get("filter") ?? "");
  view.group = query.get("show") ?? "All";
  view.range = known(RANGES, query.get("days"), "all");
  view.spread = known(SPREADS, query.get("scale"), "range");
}

export function writeAddress() {
  const query = new URLSearchParams();
  if (view.words.length) query.set("filter", view.words.join(" "));
  if (view.group !== "All") query.set("show", view.group);
  if (view.range && view.range !== "all") query.set("days", view.range);
  if (view.spread !== "range") query.set("scale", view.spread);
  const text = query.toString();
  history.replaceState(null, "", `${location.pathname}${text ? `?${text}` : ""}${location.hash}`);
}

export function setWords(text) {
  view.words = text.toLowerCase().split(/\s+/).filter(Boolean);
}

export function setRange(key, days) {
  view.range = key;
  view.span = span(days, RANGES.find((range) => range.key === key).length);
}

/** A span that was drawn with the mouse; no button stands for it. */
export function setSpan(from, to) {
  const middle = (from + to) / 2;
  const half = Math.max(to - from, SHORTEST_SPAN) / 2;
  view.range = null;
  view.span = [middle - half, middle + half];
}

/** The parameter named behind the # of the address, or an empty text. */
export function namedParameter() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}
