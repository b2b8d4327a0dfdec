// What verifying gives: checks with outcomes, and the verdict they add up to (core/report.py).

import { LIMITS, RejectedError } from "./base.js";

export const PASS = "pass";
export const FAIL = "fail";
export const UNDECIDED = "undecided";
export const SKIPPED = "skipped"; // an earlier fault made the question meaningless
export const NOT_ASKED = "not asked"; // nothing asked for it, or this page does not do it

export function passed(name, message) {
  return { name, outcome: PASS, message, faults: [] };
}

export function skipped(name, message) {
  return { name, outcome: SKIPPED, message, faults: [] };
}

export function notAsked(name, message) {
  return { name, outcome: NOT_ASKED, message, faults: [] };
}

// Returns a check that found these errors, at least one: the first gives the sentence.
export function failed(name, errors) {
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const faults = errors.slice(0, LIMITS.MAX_FAULTS).map(({ code, message, hint }) => {
    return { code, message, hint };
  });
  return { name, outcome: FAIL, message: errors[0].message + more, faults };
}

export function undecided(name, errors) {
  return { ...failed(name, errors), outcome: UNDECIDED };
}

export function ofError(name, error) {
  return (error instanceof RejectedError ? failed : undecided)(name, [error]);
}

// Rejected if a check failed, else undecided if one could not tell or none was made.
export function verdictOf(checks) {
  const outcomes = checks.map((check) => check.outcome);
  if (outcomes.includes(FAIL)) return "rejected";
  if (outcomes.includes(UNDECIDED) || !outcomes.includes(PASS)) return "undecided";
  return "accepted";
}
