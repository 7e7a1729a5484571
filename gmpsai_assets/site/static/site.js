// The page: reads the published history, builds the sections, and connects the controls.

import { drawAllCards, dropCards, redrawCards, showCards, whenCards } from "./cards.js";
import { fact, groups, kind, matches, useFacts } from "./devices.js";
import { plotly } from "./figures.js";
import { enlarge, followAddress, prepareEnlarged, redrawEnlarged, useSeries } from "./enlarged.js";
import { dayTime, HistoryProblem, readHistory } from "./history.js";
import { formatDay, laboratoryToday, plural } from "./numbers.js";
import { showStill } from "./still.js";
import { RANGES, readAddress, setRange, setWords, SPREADS, view, writeAddress } from "./view.js";

const NUMBERS_FILE = "daily_numbers.json";
const LOOK_AGAIN_AFTER = 5 * 60 * 1000;
const DAY = 86400000;
const KINDS = { Readings: "reading", Settings: "setting" };

const byId = (id) => document.getElementById(id);
let published = null;
let release = null;

async function fetchJson(name) {
  const reply = await fetch(name, { cache: "no-cache" });
  if (reply.ok) return reply.json();
  throw new HistoryProblem(
    reply.status === 404 ? "it is not there; nothing may have been published yet" : `the server answered ${reply.status}`);
}

/** Read everything and show it; a failure becomes a sentence on the page. */
async function load() {
  try {
    // The release first: if a new one appears in between, the next look finds it.
    const news = await fetchJson("release.json").catch(() => null);
    const [text, devices] = await Promise.all([fetchJson(NUMBERS_FILE), fetchJson("devices.json").catch(() => null)]);
    if (devices) useFacts(devices);
    const history = readHistory(text);
    if (!history.days.length) throw new HistoryProblem("it holds no day yet; the first one appears here by itself");
    const isFirst = published === null;
    published = history;
    release = news;
    if (!isFirst) await dropCards();
    show(isFirst);
    // The numbers are painted before the browser turns to Plotly.
    await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
    if (!(await plotly())) {
      release = null; // as if it were new at the next look, which then tries again
      throw new HistoryProblem("plotly.min.js could not be loaded, so there are only numbers");
    }
  } catch (problem) {
    say(problem);
  }
}

function say(problem) {
  const known = problem instanceof HistoryProblem ? problem.message
    : problem instanceof SyntaxError ? "it is not valid JSON" : `it could not be read (${problem.message})`;
  byId("message").textContent = `The history ${NUMBERS_FILE} cannot be shown: ${known}.`;
  byId("message").hidden = false;
  byId("message").classList.add("problem");
}

function show(isFirst) {
  for (const id of ["facts", "toolbar", "footer"]) byId(id).hidden = false;
  byId("message").hidden = true;
  byId("message").classList.remove("problem");
  useSeries(published.series);
  if (isFirst) readAddress();
  if (view.range || !view.span) setRange(view.range ?? "all", published.days);
  byId("outer-legend").hidden = view.spread === "sigma";
  showFacts();
  showGroups();
  showSwitches();
  byId("filter").value = view.words.join(" ");
  showSections();
  followAddress();
}

function showFacts() {
  const { days, missing, series } = published;
  const newest = days.at(-1);
  const behind = Math.round((dayTime(laboratoryToday()) - dayTime(newest)) / DAY);
  byId("newest-day").textContent = formatDay(newest);
  if (behind > 1) byId("newest-day").append(small(`${plural(behind, "day")} ago`, behind > 2 ? "late" : ""));
  byId("day-count").textContent = plural(days.length, "day");
  if (days.length > 1) byId("day-count").append(small(`since ${formatDay(days[0])}`));
  if (missing.length) {
    const note = small(`${missing.length.toLocaleString("en-US")} missing`, "late");
    note.title = missing.slice(-60).map(formatDay).join("\n");
    byId("day-count").append(note);
  }
  byId("parameter-count").textContent = series.length;
  byId("release").textContent = release &&
    `Published ${release.published_at.slice(0, 16).replace("T", " ")} UTC by gmpsai_assets ${release.package_version}`;
}

function small(text, className = "") {
  const element = document.createElement("small");
  element.textContent = text;
  element.className = className;
  return element;
}

const inGroup = (name, group) =>
  group === "All" || (KINDS[group] ? kind(name) === KINDS[group] : fact(name).group === group);

function showGroups() {
  const counted = ["All", ...Object.keys(KINDS), ...groups()]
    .filter((group) => published.series.some((one) => inGroup(one.name, group)))
    .map((group) => ({ key: group, label: group[0].toUpperCase() + group.slice(1) }));
  if (!counted.some((group) => group.key === view.group)) view.group = "All";
  buttons("groups", counted, () => view.group, (key) => {
    view.group = key;
    showSections();
  });
}

function showSwitches() {
  buttons("ranges", RANGES, () => view.range, (key) => {
    setRange(key, published.days);
    redraw();
  });
  buttons("spreads", SPREADS, () => view.spread, (key) => {
    view.spread = key;
    redraw();
  });
}

/** A row of buttons of which one is pressed. */
function buttons(id, choices, current, choose) {
  byId(id).replaceChildren(...choices.map(({ key, label, title = "" }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.key = key;
    button.title = title;
    button.setAttribute("aria-pressed", key === current());
    button.append(label);
    button.addEventListener("click", () => {
      choose(key);
      press(id, current());
      writeAddress();
    });
    return button;
  }));
}

function press(id, key) {
  for (const button of byId(id).children) button.setAttribute("aria-pressed", button.dataset.key === key);
}

const chosen = () => published.series.filter((one) => inGroup(one.name, view.group) && matches(one.name, view.words));

function showSections() {
  const all = chosen();
  const moving = all.filter((one) => !one.silent && !one.constant);
  const still = all.filter((one) => one.constant);
  const silent = all.filter((one) => one.silent);
  for (const [id, part] of Object.entries({ moving, still, silent })) {
    byId(id).hidden = part.length === 0;
    byId(`${id}-count`).textContent = part.length;
  }
  showCards(byId("plots"), moving);
  byId("still-table").hidden = view.plotStill;
  byId("still-plots").hidden = !view.plotStill;
  if (view.plotStill) showCards(byId("still-plots"), still);
  else showStill(byId("still-table"), still, new Map(published.series.map((one) => [one.name, one])), enlarge);
  byId("silent-names").replaceChildren(...silent.flatMap((one) => [code(one.name), " "]));
  byId("message").hidden = all.length > 0;
  byId("message").textContent = "No parameter matches the filter.";
}

function code(text) {
  const element = document.createElement("code");
  element.textContent = text;
  element.title = fact(text).description;
  return element;
}

function redraw() {
  press("ranges", view.range);
  byId("outer-legend").hidden = view.spread === "sigma";
  redrawCards();
  redrawEnlarged();
}

/** On paper all plots are drawn, in the width and the colours of paper. */
function usePaper(onPaper) {
  if (view.onPaper === onPaper || !published) return;
  view.onPaper = onPaper;
  document.documentElement.classList.toggle("on-paper", onPaper);
  if (onPaper) drawAllCards();
  else redrawCards();
  redrawEnlarged();
}

/** Keys act when nobody is typing. */
function onKey(event) {
  const isTyping = event.target.matches("input[type=search]");
  if (isTyping && event.key === "Escape") {
    event.target.value = "";
    filter("");
    event.target.blur();
  }
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !published) return;
  const range = RANGES[Number(event.key) - 1];
  if (event.key === "/" && !byId("enlarged").open) {
    event.preventDefault();
    byId("filter").select();
  } else if (range) {
    byId("ranges").querySelector(`[data-key="${range.key}"]`).click();
  } else if (event.key.toLowerCase() === "s") {
    byId("spreads").querySelector("[aria-pressed=false]").click();
  }
}

function filter(text) {
  setWords(text);
  showSections();
  writeAddress();
}

/** A page that stays open shows a new release by itself. */
async function lookAgain() {
  if (document.hidden) return;
  try {
    const news = await fetchJson("release.json");
    if (news.id !== release?.id) await load();
  } catch {
    // The server may be away for a while; what is on the page stays good.
  }
}

whenCards({ enlarge, span: redraw });
prepareEnlarged({ order: () => chosen().filter((one) => !one.silent).map((one) => one.name), span: redraw });
byId("filter").addEventListener("input", (event) => filter(event.target.value));
byId("still-toggle").addEventListener("click", (event) => {
  view.plotStill = !view.plotStill;
  event.target.setAttribute("aria-pressed", view.plotStill);
  event.target.textContent = view.plotStill ? "Show as a table" : "Show as plots";
  showSections();
});
document.addEventListener("keydown", onKey);
document.addEventListener("visibilitychange", lookAgain);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
window.addEventListener("beforeprint", () => usePaper(true));
window.addEventListener("afterprint", () => usePaper(false));
matchMedia("print").addEventListener("change", (paper) => usePaper(paper.matches));
setInterval(lookAgain, LOOK_AGAIN_AFTER);
load();
