// How values are written for people: the same everywhere.

/** A number with as many digits as tell something: 0.98347 → "0.9835", 12000000 → "1.2e7". */
export function number(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value).replace("-", "−");
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-4 || size >= 1e7) ? scientific(value, digits) : trimmed(value.toPrecision(digits));
  return text.replace(/^-/, "−");
}

/** A text that is a number with more digits than anybody reads, with fewer; any other text as it is. */
export function shortened(text: string): string {
  const value = Number(text);
  return text.length <= MOST_LETTERS || text.trim() === "" || Number.isNaN(value) ? text : number(value, 6);
}

const MOST_LETTERS = 9;

function scientific(value: number, digits: number): string {
  const [mantissa = "0", exponent = "0"] = value.toExponential(digits - 1).split("e");
  return `${trimmed(mantissa)}e${exponent.replace("+", "").replace("-", "−")}`;
}

function trimmed(text: string): string {
  return text.includes("e") ? String(Number(text)) : text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
];

/** Seconds as "1 h 5 min", two units at most; below ten seconds with a tenth. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 10) return `${trimmed(Math.max(0, seconds).toFixed(1))} s`;
  const parts: string[] = [];
  let rest = Math.round(seconds);
  for (const [name, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0 && parts.length < 2) parts.push(`${count} ${name}`);
    if (count > 0 || parts.length > 0) rest -= count * size;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** Seconds that are a guess, so without a precision that they have not: "about 23 min". */
export function roughly(seconds: number): string {
  return duration(seconds > 600 ? 60 * Math.round(seconds / 60) : Math.round(seconds));
}

/** How long ago a time in milliseconds was: "just now", "5 min ago", "3 d ago". */
export function ago(timeMs: number, nowMs: number): string {
  const seconds = (nowMs - timeMs) / 1000;
  if (seconds < 5) return "just now";
  for (const [name, size] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)} ${name} ago`;
  return "just now";
}

/** A time in milliseconds as "2026-11-27 09:05:01", in the zone of the browser. */
export function moment(timeMs: number): string {
  const time = new Date(timeMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** Bytes as "1.4 MB", in powers of 1,000. */
export function size(bytes: number): string {
  const names = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let at = 0;
  while (value >= 1000 && at < names.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${at === 0 ? value : number(value, 3)} ${names[at]}`;
}

/** A count with its noun: "1 run", "1,234 runs". */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(value)} ${value === 1 ? noun : plural}`;
}

/** 12345 → "12,345". */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
