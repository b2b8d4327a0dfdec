// The error family, the limits, and the one place where hostile text becomes visible text.
// The numbers are those of evidencekit/limits.py; a test compares the two tables.

const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS = Object.freeze({
  MAX_DEPTH: 64,
  MAX_EVENT_BYTES: 16 * MIB,
  MAX_DOCUMENT_BYTES: 16 * MIB,
  MAX_CSV_COLUMNS: 1000,
  MAX_DISTINCT: 10_000,
  MAX_VALUE_CHARS: 200,
  MAX_NAMED_EVENTS: 200,
  MAX_TIMELINE_BUCKETS: 100,
  MAX_FAULTS: 200,
  MAX_MEMBERS: 4096,
  MAX_MEMBER_BYTES: 2 ** 40,
  MAX_SMALL_MEMBER_BYTES: 16 * MIB,
  MAX_SIGNERS: 16,
  MAX_CUSTODY_RECORDS: 1000,
  MAX_CUSTODY_TEXT_CHARS: 2000,
  MAX_CLOCK_SKEW_SECONDS: 300,
  MAX_NAME_BYTES: 200,
  MAX_KEY_FILE_BYTES: 64 * KIB,
  MAX_TRUST_FILE_BYTES: 4 * MIB,
  MAX_TIMESTAMP_TOKEN_BYTES: 64 * KIB,
  MAX_TIMESTAMPS: 8,
  MAX_ENVELOPE_BYTES: MIB,
});
export const MIN_INTEGER = -(2n ** 63n);
export const MAX_INTEGER = 2n ** 64n - 1n;

// `code` is stable and for machines, the message is one line: where, then both sides.
export class EvidenceError extends Error {
  constructor(code, message, hint = null) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

// The evidence is at fault: this is a "no".
export class RejectedError extends EvidenceError {}

// Anything but the evidence is at fault: this is a "could not tell".
export class UndecidedError extends EvidenceError {}

// What a reader cannot see, or what changes how other text is seen (core/visible.py has the list).
const HIDDEN_OR_BACKSLASH = new RegExp(
  "[\\\\\\x00-\\x1f\\x7f-\\xa0\\xad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2" +
    "\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f" +
    "\\u2800\\u3000\\u3164\\ud800-\\uf8ff\\ufdd0-\\ufdef\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb" +
    "\\ufffe\\uffff\\u{110bd}\\u{110cd}\\u{13430}-\\u{1343f}\\u{1bca0}-\\u{1bca3}" +
    "\\u{1d173}-\\u{1d17a}\\u{1fffe}\\u{1ffff}\\u{2fffe}\\u{2ffff}\\u{3fffe}-\\u{10ffff}]",
  "gu",
);

// Returns `text` on one line with nothing hidden, cut at `limit` characters with a mark.
export function visible(text, limit = 80) {
  const chars = Array.from(text.length > 4 * limit ? text.slice(0, 4 * limit) : text);
  const shown = chars.slice(0, limit).join("").replace(HIDDEN_OR_BACKSLASH, escaped);
  const length = text.length > 4 * limit ? Array.from(text).length : chars.length;
  return length > limit ? `${shown}… (${count(length)} characters)` : shown;
}

// Returns `text` with every character that a reader would not see put through `escape`.
export function hiddenTo(escape, text) {
  return text.replace(HIDDEN_OR_BACKSLASH, (char) => (char === "\\" ? char : escape(char)));
}

function escaped(char) {
  const code = char.codePointAt(0);
  if (char === "\\") return "\\\\";
  if (code < 0x100) return `\\x${hexNumber(code, 2)}`;
  return code < 0x10000 ? `\\u${hexNumber(code, 4)}` : `\\U${hexNumber(code, 8)}`;
}

export function hexNumber(number, digits) {
  return number.toString(16).padStart(digits, "0");
}

// Returns a number with its thousands apart: 12,904.
export function count(number) {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
