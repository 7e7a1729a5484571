// Plotly figures of one series. Colours come from the style sheet, so both themes are written there only.

import { bothExtents, commonPower, inPower, powerLabels, statusLabels, verticalRange } from "./axis.js";
import { kind } from "./devices.js";
import { dayOf, dayTime, runs } from "./history.js";
import { asBits, formatDay, formatDeviation, formatMean, formatNumber, formatShare } from "./numbers.js";

const DAY = 86400000;
const MOST_MARKED_DAYS = 62;
// Pixels of a window for each labelled day of an enlarged plot.
const LABEL_WIDTH = 100;
const MARGIN = { l: 58, r: 14, t: 8, b: 34 };
// On paper nothing answers when the width changes; two cards fit beside each other on A4 and on letter.
const ON_PAPER = { autosize: false, width: 338, height: 168 };
const LARGE_ON_PAPER = { autosize: false, width: 680, height: 440 };
const LARGE_MARGIN = { l: 78, r: 16, t: 12, b: 42 };

let loading = null;

/**
 * Resolves to Plotly, or to null if it cannot be loaded now; who asks later tries again. It is loaded
 * once, when the first plot is wanted: reading those megabytes keeps the browser busy, and the newest
 * numbers need none of it.
 */
export function plotly() {
  loading ??= new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = "plotly.min.js";
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      loading = null;
      script.remove();
      resolve(null);
    };
    document.head.append(script);
  });
  return loading;
}

export function theme() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    ink: read("--ink"), muted: read("--muted"), line: read("--line"), card: read("--card"),
    middle: read("--middle"), inner: read("--inner"), outer: read("--outer"), bar: read("--bar"), partner: read("--partner"),
  };
}

/** Traces and layout of a series. `view` holds span, spread and, for the enlarged plot, the partner. */
export function figure(one, view, { large = false } = {}) {
  const colours = theme();
  const shown = one.times.filter((t, i) => t >= view.span[0] && t <= view.span[1] && one.middle[i] !== null).length;
  const limits = bothExtents(one, view);
  const power = commonPower(one, limits);
  const data = band(one, one.upper, one.lower, colours.inner, { width: large ? 10 : 7, colour: colours.inner });
  // Scaled to one sigma, the outer band would only be a coloured background.
  if (view.spread === "range" || one.kind === "mode")
    data.unshift(...band(one, one.max, one.min, colours.outer, { width: 1.5, colour: colours.bar }));
  if (view.partner) data.push(...middleLine(view.partner, { colour: colours.partner, dash: "dot", marked: false, large }));
  data.push(...middleLine(one, { colour: colours.middle, marked: shown <= MOST_MARKED_DAYS, large }));
  if (power) for (const trace of data) trace.y = trace.y.map((value) => inPower(value, power));
  return { data, layout: layout(one, view, colours, large, limits, power) };
}

/** A band between two lines: an area over neighbouring days, a bar on a day that stands alone. */
function band(one, top, bottom, colour, bar) {
  const area = { x: [], y: [] };
  const bars = { x: [], y: [] };
  for (const [first, last] of runs(one.times, top, bottom)) {
    const days = one.days.slice(first, last + 1);
    const into = first === last ? bars : area;
    into.x.push(...days, ...days.toReversed(), null);
    into.y.push(...top.slice(first, last + 1), ...bottom.slice(first, last + 1).reverse(), null);
  }
  const common = { type: "scatter", mode: "lines", hoverinfo: "skip", connectgaps: false };
  const traces = [];
  if (area.x.length) traces.push({ ...common, ...area, fill: "toself", fillcolor: colour, line: { width: 0 } });
  if (bars.x.length) traces.push({ ...common, ...bars, line: { width: bar.width, color: bar.colour } });
  return traces;
}

/** What stands for each day as a line, and marks where a line alone would not show: few days, or a day on its own. */
function middleLine(one, { colour, dash = "solid", marked, large }) {
  const line = { x: [], y: [], customdata: [], text: [] };
  const marks = { x: [], y: [] };
  for (const [first, last] of runs(one.times, one.middle)) {
    for (let i = first; i <= last; i += 1) {
      line.x.push(one.days[i]);
      line.y.push(one.middle[i]);
      line.customdata.push(i);
      line.text.push(hoverText(one, i));
      if (!marked && first !== last) continue;
      marks.x.push(one.days[i]);
      marks.y.push(one.middle[i]);
    }
    // An empty point ends the line, so that it does not bridge days without data.
    for (const column of Object.values(line)) column.push(null);
  }
  return [
    { type: "scatter", mode: "markers", ...marks, hoverinfo: "skip", marker: { color: colour, size: large ? 6 : 4, opacity: 1 } },
    {
      type: "scatter", mode: "lines", connectgaps: false, ...line, name: one.name,
      line: { color: colour, width: large ? 2 : 1.5, dash }, hovertemplate: "%{text}<extra></extra>",
    },
  ];
}

function hoverText(one, i) {
  const isMean = one.kind === "mean";
  const sigma = isMean ? one.std[i] : null;
  const bits = kind(one.name) === "status";
  const number = (value) => `${formatNumber(value, sigma)}${bits ? `  ${asBits(value)}` : ""}`;
  const rows = [`<b>${formatDay(one.days[i])}</b>  ${one.name}`];
  if (isMean) rows.push(`mean  ${formatMean(one.mean[i], sigma)}`, `median  ${formatMean(one.median[i], sigma)}`);
  else rows.push(`most frequent  ${number(one.mode[i])}`);
  if (!isMean && one.mode_share[i] !== null) rows.push(`in  ${formatShare(one.mode_share[i])} of its samples`);
  if (sigma !== null) rows.push(`1σ  ${formatDeviation(sigma, one.mean[i])}`);
  rows.push(`min  ${number(one.min[i])}`, `max  ${number(one.max[i])}`);
  return rows.join("<br>");
}

function layout(one, view, colours, large, limits, power) {
  const font = { family: "system-ui, sans-serif", size: large ? 13 : 11, color: colours.muted };
  const narrow = view.span[1] - view.span[0] < 8 * DAY;
  const range = verticalRange(limits, power);
  const axis = { gridcolor: colours.line, zeroline: false, linecolor: colours.line, ticks: "" };
  return {
    autosize: true, ...(view.onPaper ? (large ? LARGE_ON_PAPER : ON_PAPER) : {}), showlegend: false, font, margin: large ? LARGE_MARGIN : MARGIN,
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    hovermode: "x", hoverdistance: -1, dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    hoverlabel: { bgcolor: colours.card, bordercolor: colours.muted, font: { ...font, size: 12, color: colours.ink }, align: "left" },
    xaxis: {
      ...axis, type: "date", range: view.span.map((t) => new Date(t).toISOString().slice(0, 19)), showgrid: large,
      // Below a day there is nothing to tell apart.
      ...(narrow ? { tick0: dayOf(dayTime(one.days[0])), dtick: DAY, tickformat: "%-d %b\n%Y" } : { nticks: large ? Math.max(3, Math.min(12, Math.round(innerWidth / LABEL_WIDTH))) : 5, tickangle: 0 }),
      tickformatstops: [
        { dtickrange: [null, 86400000 * 27], value: "%-d %b\n%Y" },
        { dtickrange: ["M1", "M11"], value: "%b\n%Y" },
        { dtickrange: ["M12", null], value: "%Y" },
      ],
    },
    yaxis: {
      ...axis, range, fixedrange: !large || power !== 0, nticks: large ? 9 : 5, automargin: true,
      exponentformat: "none", separatethousands: true,
      ...(power ? powerLabels(range, power) : {}), ...(kind(one.name) === "status" ? statusLabels(one, view, range) : {}),
    },
  };
}
