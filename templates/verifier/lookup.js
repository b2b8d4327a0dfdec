// Find an ID in the export that was judged: the same readers read the same file again, and what they
// find counts only if its digest is the one that was verified.

import { EvidenceError, LIMITS, UndecidedError } from "./base.js";
import { openBundle } from "./container.js";
import { surveyExport } from "./survey.js";

const IDS = { id: "event", request_id: "request", escalation_id: "escalation" };
const NOTHING = { window: null, request_ids: [], escalation_ids: [] };

// Returns { events, matches, found }: how many events there are, how many hold `wanted` as an ID, and
// the first of them as { position, as, said }; or { error }. `judged` is the export that was verified:
// its path, format and sha256.
export async function lookUp({ bundle, judged, wanted, given, progress }) {
  const result = { events: 0, matches: 0, found: [] };
  const onSaid = (said, position) => {
    const as = Object.keys(IDS).filter((name) => said[name] === wanted).map((name) => IDS[name]);
    if (!as.length) return;
    result.matches += 1;
    if (result.found.length < LIMITS.MAX_NAMED_EVENTS) result.found.push({ position, as, said });
  };
  try {
    const opened = await openBundle(bundle);
    const total = opened.size(judged.path) ?? 0;
    let done = 0;
    const advance = (bytes) => progress((done += bytes), total);
    const question = { ...NOTHING, format: judged.format, coercions: given.coercions, onSaid };
    const { digest, survey } = await surveyExport(opened.open(judged.path), question, advance);
    if (digest !== judged.sha256 || survey instanceof EvidenceError) throw changed();
    return { ...result, events: survey.facts.events };
  } catch (error) {
    return { error: (error instanceof EvidenceError ? error : changed()).message };
  }
}

function changed() {
  return new UndecidedError("export.changed", "the export is not the one that was checked: check it again");
}
