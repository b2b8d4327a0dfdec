// Completeness, judged by the facts that the bundle claims (core/coverage.py). This page does not
// recompute most of them, so it can find here that a bundle is incomplete by its own words, and
// never that it is complete.

import { RejectedError, count } from "./base.js";

// Returns every completeness check that the claimed facts fail.
export function coverageFaults({ facts, context, window, allowances, query }) {
  const seen = (name) => [...facts[name].keys()];
  const faults = [];
  const fail = (code, told) => faults.push(new RejectedError(`coverage.${code}`, told));
  if (!facts.events && !allowances.includes("empty")) fail("empty", "the export holds 0 events");
  if (facts.untimed) {
    fail("untimed", `${count(facts.untimed)} events carry no time that can be read`);
  } else if (window && facts.outside_window) {
    fail("outside-window", `${count(facts.outside_window)} events lie outside the window`);
  }
  const environments = seen("environments");
  const { environment } = context;
  if (environment !== null && environments.some((one) => one !== environment)) {
    fail("environment", "events name another environment than the declared one");
  }
  const versions = seen("config_versions");
  if (versions.length && context.config_versions.some((one) => !versions.includes(one))) {
    fail("config-version", "a declared config version is named by no event");
  }
  for (const kind of ["request", "escalation"]) {
    const absent = [...facts[`${kind}_ids`].values()].filter((events) => !events).length;
    if (absent && !allowances.includes("missing-ids")) {
      fail("missing-id", `${count(absent)} named ${kind} IDs are not in the export`);
    }
  }
  if (facts.duplicate_ids && !allowances.includes("duplicate-ids")) {
    fail("duplicate-ids", `${count(facts.duplicate_ids)} events repeat the ID of an earlier one`);
  }
  const promised = query?.get("preview")?.get("events") ?? 0;
  if (facts.events < promised) {
    const held = `the export holds ${count(facts.events)}`;
    fail("count", `the preview promised ${count(promised)} events, ${held}`);
  }
  return faults;
}
