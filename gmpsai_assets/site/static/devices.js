// Device names, their facts and the reading or setting that belongs to each.

let facts = { groups: [], devices: {} };

export const useFacts = (document) => {
  facts = document;
};
export const groups = () => facts.groups;

export const kind = (name) => ({ _: "setting", "|": "status" })[name[1]] ?? "reading";
export const readingOf = (name) => (kind(name) === "setting" ? `${name[0]}:${name.slice(2)}` : name);

/** The setting of a reading, the reading of a setting. */
export const partnerOf = (name) => (kind(name) === "setting" ? readingOf(name) : `${name[0]}_${name.slice(2)}`);

/** What is known of a device; of an element of an array, `B:X[3]`, what is known of the array. */
export function fact(name) {
  const reading = readingOf(name);
  const known = facts.devices[reading] ?? facts.devices[reading.replace(/\[.*$/, "")] ?? { description: "", unit: null, certainty: "unknown", group: "other" };
  const description = kind(name) === "setting" ? ["setting", known.description].filter(Boolean).join(": ") : known.description;
  return { ...known, description };
}

/** The unit as an element; a dotted line marks one that nobody has confirmed. */
export function unitElement(name) {
  const { unit, certainty } = fact(name);
  const element = document.createElement("span");
  element.className = "unit";
  element.textContent = unit ?? "";
  if (unit && certainty === "inferred") {
    element.classList.add("inferred");
    element.title = "Unit inferred from the name and the numbers, not read from the device database";
  }
  return element;
}

/** Whether each word of a filter occurs in the name or the description. */
export function matches(name, words) {
  const text = `${name} ${fact(name).description}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
