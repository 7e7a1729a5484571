// Parameters that never changed, as a table: a reading beside its setting.

import { fact, kind, partnerOf, readingOf, unitElement } from "./devices.js";
import { asBits, formatNumber } from "./numbers.js";

export function showStill(frame, series, everything, enlarge) {
  const rows = new Map();
  for (const one of series) {
    const key = readingOf(one.name);
    if (!rows.has(key)) rows.set(key, {});
    rows.get(key)[kind(one.name) === "setting" ? "setting" : "reading"] = one;
  }
  const half = Math.ceil(rows.size / 2);
  const entries = [...rows];
  const halves = rows.size > 6 ? [entries.slice(0, half), entries.slice(half)] : [entries];
  frame.replaceChildren(...halves.map((part) => {
    const box = document.createElement("div");
    box.className = "still-box";
    box.append(table(part, everything, enlarge));
    return box;
  }));
}

function table(entries, everything, enlarge) {
  const element = document.createElement("table");
  element.className = "still";
  const head = element.createTHead().insertRow();
  for (const title of ["Device", "Reading", "Setting", "Unit", "Description"]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = title;
    head.append(cell);
  }
  const body = element.createTBody();
  for (const [name, pair] of entries) row(body.insertRow(), name, pair, everything, enlarge);
  return element;
}

function row(element, name, { reading, setting }, everything, enlarge) {
  const title = document.createElement("th");
  title.scope = "row";
  title.textContent = name;
  element.append(title);
  number(element.insertCell(), reading, everything.get(name), enlarge);
  number(element.insertCell(), setting, everything.get(partnerOf(name)), enlarge);
  element.insertCell().append(unitElement(name));
  element.insertCell().textContent = fact(name).description;
  if (reading && setting && reading.middle[reading.newest] !== setting.middle[setting.newest]) {
    element.classList.add("unequal");
    element.title = "Reading and setting differ";
  }
}

function number(cell, one, other, enlarge) {
  cell.className = "number";
  if (!one) {
    cell.classList.add("elsewhere");
    cell.textContent = other && !other.constant && !other.silent ? "moving" : "";
    return;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "value";
  button.dataset.parameter = one.name;
  button.setAttribute("aria-label", `Enlarge ${one.name}`);
  const value = one.middle[one.newest];
  button.textContent = formatNumber(value);
  if (kind(one.name) === "status") button.title = asBits(value);
  button.addEventListener("click", () => enlarge(one.name));
  cell.append(button);
}
