// What one event says, whatever names its exporter uses (core/events.py). The first name that holds
// something counts: a name with null or "" holds nothing.

import { Real } from "./strictjson.js";

const ALIASES = {
  id: ["id", "event_id"],
  time: ["timestamp", "created_at"],
  verdict: ["verdict", "decision", "action", "outcome", "policy_outcome"],
  reason_code: ["reason_code", "reason"],
  request_id: ["request_id"],
  escalation_id: ["escalation_id"],
  config_version: ["config_version"],
  environment: ["environment"], // and metadata.environment
  gateway: ["gateway_id", "gateway"],
  model: ["model"],
};
const WORDS = {
  allow: ["allow", "allowed", "pass", "passed"],
  redact: ["redact", "redacted", "modified", "rewrite", "rewritten"],
  escalate: ["escalate", "escalated"],
  block: ["block", "blocked", "deny", "denied"],
};
const CANONICAL = new Map(
  Object.entries(WORDS).flatMap(([verdict, words]) => words.map((word) => [word, verdict])),
);
const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*";
const AROUND = new RegExp(`^${SPACE}|${SPACE}$`, "g"); // the white space that Python strips
const NAMES = Object.entries(ALIASES);
const READ = [...NAMES.flatMap(([, aliases]) => aliases), "metadata"];

// Returns what an event says, by canonical name; null where it does not say it. `event` is a Map of
// the strict reader, or an object of the browser's parser for which the strict reading is asked with
// `strictly` as soon as a number could be an identifier: it alone keeps all digits, and 1.0 from 1.
export function saidBy(event, strictly) {
  const get = (object, name) => {
    if (object instanceof Map) return object.get(name);
    return Object.hasOwn(object, name) ? object[name] : undefined;
  };
  const said = {};
  for (const [name, aliases] of NAMES) {
    said[name] = null;
    for (const alias of aliases) {
      const value = get(event, alias);
      if (typeof value === "number" && strictly) return saidBy(strictly(), null);
      said[name] = textOf(value);
      if (said[name] !== null) break;
    }
  }
  const metadata = get(event, "metadata");
  if (said.environment !== null || !isObject(metadata)) return said;
  const inner = get(metadata, "environment");
  if (typeof inner === "number" && strictly) return saidBy(strictly(), null);
  return Object.assign(said, { environment: textOf(inner) });
}

// Returns the verdict that a gateway's word stands for; "other" for none and for one unknown.
export function verdictOfWord(word) {
  if (word === null) return "other";
  return CANONICAL.get(word) ?? CANONICAL.get(word.replace(AROUND, "").toLowerCase()) ?? "other";
}

// Returns the columns of a CSV header that are asked for, each with its number and the JSON types
// that the schema gives it and no string (core/cells.py).
export function columnsOf(header, coercions) {
  return [...header.entries()].filter(([, name]) => READ.includes(name)).map(([at, name]) => {
    const types = Object.hasOwn(coercions, name) ? coercions[name] : [];
    return { at, name, types: types.includes("string") ? [] : types };
  });
}

// Returns the event that the cells of one record make; `read` is the strict reader of a text.
export function eventOfCells(cells, columns, read) {
  const event = new Map();
  for (const { at, name, types } of columns) {
    if (cells[at] === "") continue;
    const value = types.length ? read(cells[at]) : undefined;
    event.set(name, types.some((type) => isOfType(value, type)) ? value : cells[at]);
  }
  return event;
}

function isOfType(value, type) {
  const isNumber = ["number", "bigint"].includes(typeof value) || value instanceof Real;
  if (type === "number" || type === "integer") return isNumber;
  if (type === "boolean") return typeof value === "boolean";
  return type === "object" ? value instanceof Map : type === "array" && Array.isArray(value);
}

function isObject(value) {
  return value instanceof Map || (typeof value === "object" && value !== null && !Array.isArray(value));
}

// Identifiers are kept as written; an integer is read as its digits.
function textOf(value) {
  if (typeof value === "string") return value || null;
  return ["number", "bigint"].includes(typeof value) ? String(value) : null;
}
