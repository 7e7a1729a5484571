// Numbers and days as text.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const NOTHING = "–";

/** A number with the digits that mean something; `noise` (a standard deviation) says how many. */
export function formatNumber(value, noise = null) {
  if (value === null || value === undefined) return NOTHING;
  const size = Math.abs(value);
  // A status word keeps each of its bits.
  if (Number.isSafeInteger(value) && !noise) return sign(String(value));
  if (size !== 0 && (size >= 1e7 || size < 1e-5)) return sign(Number(value.toPrecision(5)).toExponential());
  // A constant keeps the digits that single precision holds.
  if (!noise) return sign(String(Number(value.toPrecision(8))));
  const decimals = Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(noise))));
  return sign(value.toFixed(decimals));
}

const sign = (text) => text.replaceAll("-", "−");

/** A standard deviation needs no more than two digits. */
export const formatDeviation = (sigma) => formatNumber(Number(sigma.toPrecision(2)));

/** `2026-03-10` as `10 Mar 2026`. */
export function formatDay(day) {
  const [year, month, date] = day.split("-").map(Number);
  return `${date} ${MONTHS[month - 1]} ${year}`;
}

export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;

/** Today at the laboratory, as `YYYY-MM-DD`. */
export const laboratoryToday = () =>
  new Intl.DateTimeFormat("en-CA", { timeZone: "America/Chicago" }).format(new Date());
