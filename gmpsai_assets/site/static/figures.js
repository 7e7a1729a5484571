// Plotly figures of one series. Colours come from the style sheet, so both themes are written there only.

import { dayOf, dayTime, extent, runs } from "./history.js";
import { formatDay, formatDeviation, formatNumber } from "./numbers.js";

const DAY = 86400000;
const MOST_MARKED_DAYS = 62;
export const MARGIN = { l: 58, r: 14, t: 8, b: 34 };
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
    mode: read("--mode"), inner: read("--inner"), outer: read("--outer"), bar: read("--bar"), partner: read("--partner"),
  };
}

/** Traces and layout of a series. `view` holds span, spread and, for the enlarged plot, the partner. */
export function figure(one, view, { large = false } = {}) {
  const colours = theme();
  const shown = one.times.filter((t, i) => t >= view.span[0] && t <= view.span[1] && one.mode[i] !== null).length;
  const data = band(one, one.upper, one.lower, colours.inner, { width: large ? 10 : 7, colour: colours.inner });
  // Scaled to one sigma, the outer band would only be a coloured background.
  if (view.spread === "range") data.unshift(...band(one, one.max, one.min, colours.outer, { width: 1.5, colour: colours.bar }));
  if (view.partner) data.push(...modeLine(view.partner, { colour: colours.partner, dash: "dot", marked: false, large }));
  data.push(...modeLine(one, { colour: colours.mode, marked: shown <= MOST_MARKED_DAYS, large }));
  return { data, layout: layout(one, view, colours, large) };
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

/** The mode as a line, and marks where a line alone would not show: few days, or a day on its own. */
function modeLine(one, { colour, dash = "solid", marked, large }) {
  const line = { x: [], y: [], customdata: [], text: [] };
  const marks = { x: [], y: [] };
  for (const [first, last] of runs(one.times, one.mode)) {
    for (let i = first; i <= last; i += 1) {
      line.x.push(one.days[i]);
      line.y.push(one.mode[i]);
      line.customdata.push(i);
      line.text.push(hoverText(one, i));
      if (!marked && first !== last) continue;
      marks.x.push(one.days[i]);
      marks.y.push(one.mode[i]);
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
  const sigma = one.upper[i] === null ? null : one.upper[i] - one.mode[i];
  const number = (value) => formatNumber(value, sigma);
  const rows = [`<b>${formatDay(one.days[i])}</b>  ${one.name}`, `mode  ${number(one.mode[i])}`];
  if (sigma !== null) rows.push(`1σ  ${formatDeviation(sigma)}`);
  rows.push(`min  ${number(one.min[i])}`, `max  ${number(one.max[i])}`);
  return rows.join("<br>");
}

function layout(one, view, colours, large) {
  const font = { family: "system-ui, sans-serif", size: large ? 13 : 11, color: colours.muted };
  const narrow = view.span[1] - view.span[0] < 8 * DAY;
  const axis = { gridcolor: colours.line, zeroline: false, linecolor: colours.line, ticks: "" };
  return {
    autosize: true, showlegend: false, font, margin: large ? LARGE_MARGIN : MARGIN,
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    hovermode: "x", hoverdistance: -1, dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    hoverlabel: { bgcolor: colours.card, bordercolor: colours.muted, font: { ...font, size: 12, color: colours.ink }, align: "left" },
    xaxis: {
      ...axis, type: "date", range: view.span.map((t) => new Date(t).toISOString().slice(0, 19)), showgrid: large,
      // Below a day there is nothing to tell apart.
      ...(narrow ? { tick0: dayOf(dayTime(one.days[0])), dtick: DAY, tickformat: "%-d %b\n%Y" } : { nticks: large ? 12 : 5 }),
      tickformatstops: [
        { dtickrange: [null, 86400000 * 27], value: "%-d %b\n%Y" },
        { dtickrange: ["M1", "M11"], value: "%b\n%Y" },
        { dtickrange: ["M12", null], value: "%Y" },
      ],
    },
    yaxis: { ...axis, range: verticalRange(one, view), fixedrange: !large, nticks: large ? 9 : 5, exponentformat: "e" },
  };
}

function verticalRange(one, view) {
  const extents = [one, view.partner].filter(Boolean).map((s) => extent(s, view.span, view.spread)).filter(Boolean);
  if (!extents.length) return [0, 1];
  const low = Math.min(...extents.map(([l]) => l));
  const high = Math.max(...extents.map(([, h]) => h));
  const margin = high > low ? (high - low) * 0.07 : Math.abs(high) * 0.01 || 1;
  return [low - margin, high + margin];
}
