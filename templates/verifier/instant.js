// Instants: RFC 3339 times as nanoseconds since 1970-01-01T00:00:00Z, in BigInt (core/instant.py).

export const NANOSECONDS = 1_000_000_000n;
export const MIN_INSTANT = -62_135_596_800n * NANOSECONDS; // 0001-01-01T00:00:00Z
const MAX_INSTANT = 253_402_300_800n * NANOSECONDS - 1n; // the last nanosecond of 9999
const RFC3339 = new RegExp(
  "^(\\d{4})-(\\d\\d)-(\\d\\d)[Tt](\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,9})\\d*)?" +
    "(?:[Zz]|([+-])(\\d\\d):(\\d\\d))$",
);

// Returns nanoseconds for one RFC 3339 date-time. Throws SyntaxError with the rule that was broken.
export function parseInstant(text) {
  const match = RFC3339.exec(text);
  if (!match) throw new SyntaxError("not an RFC 3339 date-time with an offset");
  const isLeap = match[6] === "60";
  const parts = match.slice(1, 7).map(Number);
  let seconds = secondsOf(...parts.slice(0, 5), isLeap ? 59 : parts[5]) - offset(...match.slice(8));
  if (isLeap) {
    seconds += 1;
    if (seconds % 86_400) {
      throw new SyntaxError("a leap second can only be the last second of a UTC day");
    }
  }
  const instant = BigInt(seconds) * NANOSECONDS + BigInt((match[7] ?? "").padEnd(9, "0"));
  if (instant < MIN_INSTANT || instant > MAX_INSTANT) {
    throw new SyntaxError("outside the years 1 to 9999 of UTC");
  }
  return instant;
}

function secondsOf(year, month, day, hour, minute, second) {
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  const isDate = moment.getUTCFullYear() === year && moment.getUTCMonth() === month - 1;
  if (!year || !isDate || moment.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    throw new SyntaxError("no such date or time of day");
  }
  return moment.getTime() / 1000 + hour * 3600 + minute * 60 + second;
}

function offset(sign, hours, minutes) {
  if (!sign) return 0;
  if (Number(hours) > 23 || Number(minutes) > 59) throw new SyntaxError("offset out of range");
  const seconds = Number(hours) * 3600 + Number(minutes) * 60;
  return sign === "-" ? -seconds : seconds;
}

// Returns RFC 3339 UTC text, with as many fraction digits (0, 3, 6 or 9) as the instant needs.
export function formatInstant(instant) {
  const rest = ((instant % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  const moment = new Date(Number((instant - rest) / NANOSECONDS) * 1000);
  const text = moment.toISOString().replace(/^\+0*(?=\d{4}-)/, "").slice(0, 19);
  let fraction = String(rest).padStart(9, "0");
  while (fraction.endsWith("000")) fraction = fraction.slice(0, -3);
  return fraction ? `${text}.${fraction}Z` : `${text}Z`;
}

// Tells whether this is an instant in the one spelling that formatInstant gives.
export function isUtc(value) {
  if (typeof value !== "string") return false;
  try {
    return formatInstant(parseInstant(value)) === value;
  } catch {
    return false;
  }
}
