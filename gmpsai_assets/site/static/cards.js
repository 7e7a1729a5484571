// The small plots. A plot is drawn when it scrolls into view, one for each frame, and again when the view changes.

import { fact, kind, unitElement } from "./devices.js";
import { figure, plotly } from "./figures.js";
import { asBits, formatDay, formatDeviation, formatMean, formatNumber, formatShare } from "./numbers.js";
import { setSpan, view } from "./view.js";

const CONFIG = { displayModeBar: false, doubleClick: false, responsive: true, showAxisDragHandles: false };
const cards = new Map();
const waiting = new Set();
let onEnlarge = () => {};
let onSpan = () => {};

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const card = cards.get(target.dataset.parameter);
      if (!card) continue;
      card.near = isIntersecting;
      if (isIntersecting && card.stale) queue(card);
    }
  },
  { rootMargin: "250px" },
);

export function whenCards({ enlarge, span }) {
  onEnlarge = enlarge;
  onSpan = span;
}

/** Fill a grid with the cards of some series, keeping those that exist. */
export function showCards(grid, series) {
  grid.replaceChildren(...series.map((one) => (cards.get(one.name) ?? makeCard(one)).element));
}

/** Forget every card, for instance because the history has changed. */
export async function dropCards() {
  const Plotly = await plotly();
  for (const card of cards.values()) {
    observer.unobserve(card.element);
    Plotly?.purge(card.plot);
  }
  cards.clear();
  waiting.clear();
}

/** Draw again what is in sight; the rest when it comes into sight. */
export function redrawCards() {
  for (const card of cards.values()) {
    card.stale = true;
    if (card.near && card.element.isConnected) queue(card);
  }
}

/** Draw every card there is, in sight or not, before the page goes to paper, where nothing can be drawn later. */
export async function drawAllCards() {
  const Plotly = await plotly();
  if (!Plotly) return;
  for (const card of cards.values()) if (card.element.isConnected) draw(Plotly, card);
}

function makeCard(one) {
  const element = document.createElement("article");
  element.className = "card";
  element.dataset.parameter = one.name;
  const title = document.createElement("button");
  title.type = "button";
  title.className = "card-title";
  title.setAttribute("aria-label", `Enlarge ${one.name}`);
  const name = document.createElement("b");
  name.textContent = one.name;
  name.title = one.name;
  const description = document.createElement("span");
  description.className = "description";
  description.textContent = fact(one.name).description;
  const value = document.createElement("output");
  title.append(name, description, value);
  title.addEventListener("click", () => onEnlarge(one.name));
  const plot = document.createElement("div");
  plot.className = "plot";
  element.append(title, plot);
  const card = { one, element, plot, value, near: false, stale: true };
  cards.set(one.name, card);
  showValue(card, one.newest);
  observer.observe(element);
  return card;
}

function showValue(card, i) {
  const { one, value } = card;
  const isMean = one.kind === "mean";
  const sigma = isMean ? one.std[i] ?? null : null;
  const number = document.createElement("span");
  number.textContent = isMean ? formatMean(one.middle[i], sigma) : formatNumber(one.middle[i]);
  const beside = document.createElement("small");
  if (sigma) beside.textContent = ` ± ${formatDeviation(sigma, one.middle[i])}`;
  if (kind(one.name) === "status") beside.textContent += ` ${asBits(one.middle[i])}`;
  if (!isMean && one.mode_share[i] < 1) beside.textContent += ` in ${formatShare(one.mode_share[i])}`;
  value.title = one.days[i] ? `${isMean ? "Mean ± 1σ" : "Most frequent value"} on ${formatDay(one.days[i])}` : "";
  value.replaceChildren(number, beside, " ", unitElement(one.name));
}

function queue(card) {
  if (!waiting.size) requestAnimationFrame(drawNext);
  waiting.add(card);
}

async function drawNext() {
  const Plotly = await plotly();
  const [card] = waiting;
  if (!Plotly || !card) return;
  waiting.delete(card);
  if (card.near && card.element.isConnected) await draw(Plotly, card);
  if (waiting.size) requestAnimationFrame(drawNext);
}

async function draw(Plotly, card) {
  const isFirst = card.plot.childElementCount === 0;
  const { data, layout } = figure(card.one, view);
  card.stale = false;
  await Plotly.react(card.plot, data, layout, CONFIG);
  keepEdges(card);
  if (isFirst) listen(card);
  card.element.dataset.drawn = "true";
}

/** Where the days begin and end in a plot, which depends on how wide its numbers are. */
function keepEdges({ element, plot }) {
  const frame = element.getBoundingClientRect();
  const area = plot.querySelector(".nsewdrag")?.getBoundingClientRect();
  if (!area) return;
  element.style.setProperty("--area-left", `${area.left - frame.left}px`);
  element.style.setProperty("--area-right", `${frame.right - area.right}px`);
}

function listen({ one, plot }) {
  plot.on("plotly_click", () => onEnlarge(one.name));
  plot.on("plotly_relayout", (change) => {
    const [from, to] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (from === undefined) return;
    setSpan(asTime(from), asTime(to));
    onSpan();
  });
  plot.on("plotly_hover", ({ points }) => point(points.at(-1).x));
  plot.on("plotly_unhover", () => point(null));
}

/** Plotly gives times as text without a zone; here all of them are meant as UTC. */
export const asTime = (text) => Date.parse(`${String(text).replace(" ", "T")}${/[T ]/.test(text) ? "Z" : ""}`);

/** Mark one day in every plot in sight and show its numbers; null returns to the newest day. */
function point(day) {
  const root = document.documentElement;
  root.classList.toggle("pointing", day !== null);
  if (day !== null) {
    const share = (asTime(day.slice(0, 10)) - view.span[0]) / (view.span[1] - view.span[0]);
    root.style.setProperty("--pointer", share);
  }
  for (const card of cards.values()) {
    if (!card.near) continue;
    showValue(card, day === null ? card.one.newest : card.one.days.indexOf(day.slice(0, 10)));
  }
}
