// Completeness, judged by the facts that were found and not by those claimed, in the very sentences of
// the command (core/coverage.py): so what the bundle says of itself can be compared.

import { count, visible } from "./base.js";
import { NANOSECONDS, formatInstant, parseInstant } from "./instant.js";

const QUESTIONS = [
  ...[emptiness, ofWindow, ofEnvironment, configVersions, requestIds, escalationIds, duplicates],
  preview,
];

// Returns the completeness checks as { name, outcome, message, code }, in their order; `scope` holds
// window, context, query, allowances.
export function completeness(facts, scope) {
  return QUESTIONS.map((question) => question(facts, scope));
}

// Returns the check that every event follows the schema, for a number of them that does not.
export function schemaCheck(events, invalid) {
  if (!invalid) return pass("schema", `${count(events)} of ${count(events)} events follow the schema`);
  return fail("schema", "invalid-events", `${count(invalid)} of ${count(events)} events break the schema`);
}

function emptiness({ events }, { allowances }) {
  if (events) return pass("emptiness", `${count(events)} events`);
  if (allowances.includes("empty")) {
    return pass("emptiness", "0 events: the preparer declares an empty export");
  }
  return fail("emptiness", "empty", "the export holds 0 events");
}

function ofWindow({ events, untimed, outside_window, first, last }, { window }) {
  const of = `of ${count(events)} events`;
  if (untimed) {
    return fail("window", "untimed", `${count(untimed)} ${of} carry no time that can be read`);
  }
  if (!window) return notAsked("window", "no window was declared, so nothing to compare");
  const told = `${formatInstant(window.start)} to ${formatInstant(window.end)}`;
  if (outside_window) {
    const seen = `; first ${first}, last ${last}`;
    return fail("window", "outside-window", `${count(outside_window)} ${of} lie outside ${told}${seen}`);
  }
  if (first === null) return pass("window", `no events in ${told}`);
  const lead = duration(parseInstant(first) - window.start);
  const tail = duration(window.end - parseInstant(last));
  const ends = `the first ${lead} after its start, the last ${tail} before its end`;
  return pass("window", `${count(events)} events, all inside ${told}; ${ends}`);
}

function ofEnvironment({ environments: seen }, { context: { environment: declared } }) {
  if (declared === null) {
    const said = seen.size ? `; events name ${names(seen.keys())}` : "";
    return notAsked("environment", `no environment was declared${said}`);
  }
  const told = `declared ${visible(declared)}`;
  if (!seen.size) return skipped("environment", `${told}; no event names one, so nothing to compare`);
  if (seen.size > 1 || !seen.has(declared)) {
    return fail("environment", "environment", `${told}, events name ${counts(seen)}`);
  }
  const sentence = `${count(seen.get(declared))} events name ${visible(declared)}, as declared`;
  return pass("environment", sentence);
}

function configVersions({ config_versions: seen }, { context: { config_versions: declared } }) {
  const name = "config-versions";
  const several = seen.size > 1 ? `${seen.size} config versions in one export: ` : "";
  if (!declared.length) {
    if (!seen.size) return notAsked(name, "none named");
    return notAsked(name, `none declared; ${several}${counts(seen)} observed`);
  }
  const told = `declared ${names(declared)}`;
  if (!seen.size) return skipped(name, `${told}; no event names one, so nothing to compare`);
  const absent = declared.filter((version) => !seen.has(version));
  if (absent.length) {
    const sides = `${told}, events name ${counts(seen)}`;
    return fail(name, "config-version", `${sides}; absent: ${names(absent)}`);
  }
  const further = [...seen.keys()].filter((version) => !declared.includes(version));
  const note = further.length ? `; observed but not declared: ${names(further)}` : "";
  return pass(name, `${several}${counts(seen)}${note}`);
}

function requestIds(facts, scope) {
  return ids("request", facts.request_ids, scope);
}

function escalationIds(facts, scope) {
  return ids("escalation", facts.escalation_ids, scope);
}

function ids(kind, found, { allowances }) {
  const name = `${kind}-ids`;
  if (!found.size) return notAsked(name, `no ${kind} IDs were named`);
  const absent = [...found].filter(([, events]) => !events).map(([id]) => id);
  const here = `${count(found.size - absent.length)} of ${count(found.size)}`;
  const sentence = `${here} named ${kind} IDs are in the export`;
  if (!absent.length) return pass(name, sentence);
  const missing = `${sentence}; missing: ${names(absent)}`;
  if (allowances.includes("missing-ids")) return pass(name, `${missing}, as the preparer declared`);
  return fail(name, "missing-id", missing);
}

function duplicates({ duplicate_ids }, { allowances }) {
  const name = "duplicate-ids";
  if (!duplicate_ids) return pass(name, "every event ID occurs once");
  const sentence = `${count(duplicate_ids)} events repeat the ID of an earlier one`;
  if (!allowances.includes(name)) return fail(name, name, sentence);
  return pass(name, `${sentence}, as the preparer declared`);
}

function preview({ events }, { query }) {
  const promised = query?.get("preview")?.get("events") ?? null;
  if (promised === null) return notAsked("preview", "no preview count is on record");
  const told = `the preview promised ${count(promised)} events`;
  if (events < promised) {
    return fail("preview", "count", `${told}, the export holds ${count(events)}`);
  }
  const more = events > promised ? `, ${count(events - Number(promised))} more than the preview` : "";
  return pass("preview", `${told}, all arrived${more}`);
}

function pass(name, message) {
  return { name, outcome: "pass", message, code: null };
}

function skipped(name, message) {
  return { name, outcome: "skipped", message, code: null };
}

function notAsked(name, message) {
  return { name, outcome: "not asked", message, code: null };
}

function fail(name, what, message) {
  return { name, outcome: "fail", message, code: `coverage.${what}` };
}

function names(values, limit = 10) {
  return listed([...values].map((value) => visible(value)), limit);
}

function counts(seen, limit = 10) {
  return listed([...seen].map(([value, events]) => `${visible(value)} (${count(events)})`), limit);
}

function listed(told, limit) {
  const more = told.length > limit ? ` and ${count(told.length - limit)} more` : "";
  return told.slice(0, limit).join(", ") + more;
}

function duration(nanoseconds) {
  const seconds = Number(nanoseconds / NANOSECONDS);
  for (const [unit, size] of [["d", 86_400], ["h", 3_600], ["min", 60]]) {
    if (seconds >= 2 * size) return `${count(Math.floor(seconds / size))} ${unit}`;
  }
  return `${seconds} s`;
}
