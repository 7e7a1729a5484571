// One parameter, large, in a dialog of its own; the address names it.

import { asTime } from "./cards.js";
import { fact, kind, partnerOf, unitElement } from "./devices.js";
import { figure, plotly } from "./figures.js";
import { asBits, formatDay, formatMean, formatNumber, formatShare } from "./numbers.js";
import { namedParameter, setSpan, view } from "./view.js";

const byId = (id) => document.getElementById(id);
const dialog = byId("enlarged");
const plot = byId("enlarged-plot");
const CONFIG = {
  displaylogo: false, responsive: true, doubleClick: false,
  modeBarButtons: [["toImage"], ["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d"]],
};

let series = new Map();
let shown = null;
let order = () => [];
let onSpan = () => {};

export function prepareEnlarged(callbacks) {
  order = callbacks.order;
  onSpan = callbacks.span;
  byId("close").addEventListener("click", () => dialog.close());
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("partner").addEventListener("change", redrawEnlarged);
  byId("save").addEventListener("click", save);
  dialog.addEventListener("close", closed);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  window.addEventListener("hashchange", followAddress);
}

export function useSeries(all) {
  series = new Map(all.map((one) => [one.name, one]));
}

/** Name a parameter in the address; the rest follows from there. */
export function enlarge(name) {
  location.hash = encodeURIComponent(name).replaceAll("%3A", ":");
}

/** Show what the address names, or close. */
export function followAddress() {
  const one = series.get(namedParameter());
  if (!one) {
    dialog.close();
    return;
  }
  shown = one;
  const { description, certainty } = fact(one.name);
  byId("enlarged-name").textContent = one.name;
  byId("enlarged-description").replaceChildren(
    [description, certainty === "unknown" ? "unit unknown" : ""].filter(Boolean).join(" · "), " ", unitElement(one.name));
  const partner = series.get(partnerOf(one.name));
  byId("partner-label").hidden = !partner || partner.silent;
  byId("partner-name").textContent = partner ? `with the ${kind(partner.name)} ${partner.name}` : "";
  if (!dialog.open) {
    // The same switches serve the page and the dialog, which covers the page.
    byId("enlarged-tools").prepend(byId("switches"));
    dialog.showModal();
  }
  redrawEnlarged();
}

export async function redrawEnlarged() {
  if (!dialog.open || !shown) return;
  const Plotly = await plotly();
  const partner = byId("partner").checked ? series.get(partnerOf(shown.name)) : null;
  if (!Plotly) return;
  const { data, layout } = figure(shown, { ...view, partner: partner?.silent ? null : partner }, { large: true });
  const isFirst = plot.childElementCount === 0;
  await Plotly.react(plot, data, layout, CONFIG);
  plot.dataset.drawn = shown.name;
  if (isFirst) listen();
  readOut(shown.newest);
}

function listen() {
  plot.on("plotly_relayout", (change) => {
    const [from, to] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (from === undefined) return;
    setSpan(asTime(from), asTime(to));
    onSpan();
  });
  plot.on("plotly_hover", ({ points }) => readOut(points.at(-1).customdata));
  plot.on("plotly_unhover", () => readOut(shown.newest));
}

function readOut(i) {
  const [titles, row] = [byId("readout-titles"), byId("readout")];
  titles.replaceChildren();
  row.replaceChildren();
  if (shown.silent) return;
  const isMean = shown.kind === "mean";
  const sigma = isMean ? shown.std[i] : null;
  const number = (line) => formatNumber(shown[line][i], sigma);
  const bits = kind(shown.name) === "status" ? ` ${asBits(shown.middle[i])}` : "";
  const share = shown.mode_share[i] === null ? "" : ` in ${formatShare(shown.mode_share[i])}`;
  const columns = isMean
    ? [["Minimum", number("min"), "outer"], ["−1σ", number("lower"), "inner"], ["Mean", formatMean(shown.mean[i], sigma), "middle"],
      ["Median", formatMean(shown.median[i], sigma)], ["+1σ", number("upper"), "inner"], ["Maximum", number("max"), "outer"]]
    : [["Minimum", number("min"), "outer"], ["Most frequent", `${number("mode")}${bits}${share}`, "middle"],
      ["Maximum", number("max"), "outer"]];
  for (const [title, text, band] of [["Day", formatDay(shown.days[i])], ...columns]) {
    const head = document.createElement("th");
    head.scope = "col";
    if (band) head.append(swatch(band));
    head.append(title);
    titles.append(head);
    const cell = row.insertCell();
    cell.dataset.title = title;
    cell.textContent = text;
  }
}

function swatch(band) {
  const element = document.createElement("i");
  element.className = `swatch ${band}`;
  return element;
}

function step(by) {
  const names = order();
  const here = names.indexOf(shown.name);
  const name = names.at((here + by + names.length) % names.length);
  if (name && name !== shown.name) enlarge(name);
}

function closed() {
  byId("toolbar").append(byId("switches"));
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  const title = document.querySelector(`[data-parameter="${CSS.escape(shown?.name ?? "")}"]`);
  (title?.querySelector("button") ?? title)?.focus({ preventScroll: true });
  shown = null;
}

function save() {
  const columns = ["mean", "median", "mode", "mode_share", "std", "min", "max"];
  const rows = shown.days.map((day, i) => [day, ...columns.map((column) => shown[column][i] ?? "")].join(","));
  const text = [["day", ...columns].join(","), ...rows, ""].join("\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = `${shown.name.replace(/[^\w]/g, "_")}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
