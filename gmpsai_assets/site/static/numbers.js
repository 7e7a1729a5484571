// Numbers and days as text.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const NOTHING = "–";
const LARGEST_PLAIN = 1e7;
const SMALLEST_PLAIN = 1e-5;
const MOST_DECIMALS = 8;
const LEAST_POWER = -300;
const MOST_DIGITS = 15;

/** A number with the digits that mean something; `noise` (a standard deviation) says how many. */
export function formatNumber(value, noise = null) {
  if (value === null || value === undefined) return NOTHING;
  const size = Math.abs(value);
  // A status word keeps each of its bits.
  if (Number.isSafeInteger(value) && !noise) return sign(String(value));
  // A constant keeps the digits that single precision holds.
  if (!noise) return isPlain(size) ? sign(String(Number(value.toPrecision(8)))) : shortened(withPower(value, 5));
  const decimals = 1 - powerOf(noise);
  if (size < LARGEST_PLAIN && isPlain(noise) && decimals <= MOST_DECIMALS) return sign(value.toFixed(Math.max(decimals, 0)));
  return withPower(value, powerOf(value || noise) + decimals + 1);
}

const isPlain = (size) => size === 0 || (size >= SMALLEST_PLAIN && size < LARGEST_PLAIN);

/** The power of ten of a number's first digit; numbers so small that they have fewer digits count as 1e-300. */
export const powerOf = (value) => Math.max(Math.floor(Math.log10(Math.abs(value))), LEAST_POWER);

export function withPower(value, digits) {
  const [first, power] = value.toExponential(Math.min(Math.max(digits - 1, 0), MOST_DIGITS)).split("e");
  return `${sign(first)}${timesTen(Number(power))}`;
}

/** Without the zeros at the end of the part before the power of ten. */
export const shortened = (text) => text.replace(/(\.\d*?)0+(?=×|$)/, "$1").replace(/\.(?=×|$)/, "");

/** `×10³⁰⁸`, or nothing for the power 0. */
export const timesTen = (power) =>
  power === 0 ? "" : `×10${[...String(power)].map((digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])).join("")}`;

/** A minus sign in place of a hyphen, and none before a zero. */
const sign = (text) => (Number(text) === 0 ? text.replace("-", "") : text.replaceAll("-", "−"));

/** The mean of a day of samples is known better than one of them: it has a digit more than the deviation says. */
export const formatMean = (mean, sigma) => formatNumber(mean, sigma ? sigma / 10 : null);

/** A standard deviation has two digits, and a power of ten where the number `beside` it has one. */
export function formatDeviation(sigma, beside = 0) {
  if (!isPlain(sigma) || Math.abs(beside) >= LARGEST_PLAIN) return withPower(sigma, 2);
  const rounded = Number(sigma.toPrecision(2));
  return rounded === 0 ? "0" : rounded.toFixed(Math.max(1 - powerOf(rounded), 0));
}

/** A share of 1 in percent; what is not all is never rounded to all. */
export function formatShare(share) {
  const percent = 100 * share;
  return `${percent < 100 && percent > 99.9 ? ">99.9" : percent.toFixed(percent < 99 ? 0 : 1).replace(/\.0$/, "")} %`;
}

/** A status word by its bits; an empty text for what is none. */
export const asBits = (value) =>
  Number.isSafeInteger(value) && value >= 0 ? `0x${value.toString(16).toUpperCase().padStart(8, "0")}` : "";

/** `2026-03-10` as `10 Mar 2026`. */
export function formatDay(day) {
  const [year, month, date] = day.split("-").map(Number);
  return `${date} ${MONTHS[month - 1]} ${year}`;
}

export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;

/** Today at the laboratory, as `YYYY-MM-DD`. */
export const laboratoryToday = () =>
  new Intl.DateTimeFormat("en-CA", { timeZone: "America/Chicago" }).format(new Date());
