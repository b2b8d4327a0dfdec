// Show a report. Whatever comes from the bundle is made visible and set as text, never as HTML.

import { count, visible } from "./base.js";
import { formatInstant } from "./instant.js";
import { FAIL, PASS, UNDECIDED } from "./report.js";

const GROUPS = [
  ["Integrity", "Are these the bytes that were sealed?", ["container", "checksums", "manifest", "summary"]],
  ["Authenticity", "Who signed them?", ["signature", "trust", "expectations"]],
  ["Time", "When was that, and who says so?", ["timestamp"]],
  ["Completeness", "Does the export hold what it should?", ["schema", "facts", "coverage"]],
  ["Hand-over", "Who had it since?", ["custody"]],
];
const TITLES = {
  container: "Form of the bundle",
  checksums: "Checksums of the files",
  manifest: "Manifest",
  summary: "Summary pages",
  signature: "Signatures",
  trust: "Trust in the signers",
  expectations: "The fingerprint you typed",
  timestamp: "Time-stamps",
  schema: "Events and their schema",
  facts: "Figures computed again",
  coverage: "Completeness checks",
  custody: "Custody records",
};
const MARKS = { pass: "✓", fail: "✗", undecided: "?", skipped: "–", "not asked": "–", "not judged": "–" };
const HEADLINES = {
  accepted: "Accepted, as far as this page looks",
  rejected: "Rejected",
  undecided: "Could not tell",
};
const NOT_DONE =
  "This page did not judge the events by their schema, did not read time-stamps, and did not compare " +
  "the summary with the manifest: a signer who lies in his own summary is caught by the command " +
  "evidencekit verify alone, which does all of that.";
const PROVES = {
  accepted:
    "This proves: these bytes are what the named key signed; when, only the signer states. " +
    "Every fact but the number of events that break the schema was computed again from those bytes.",
  rejected: "This proves nothing about the content. The evidence is at fault, for the reasons marked ✗.",
  undecided:
    "This is neither a yes nor a no. Something that is needed is missing, for the reasons marked with a " +
    "question mark.",
};
const NEVER =
  "No verdict proves that the gateway recorded everything, or that the preparer told the gateway's " +
  "export apart from a forgery.";
const LABELS = {
  bundle_id: "Bundle",
  environment: "Environment",
  window: "Window",
  events: "Events",
  prepared_by: "Prepared by",
  purpose: "Purpose",
  incident: "Incident",
  signed_at: "Signed, by its own word",
  signers: "Signed by",
  root: "Root",
  tree_root: "Event tree root",
  export_sha256: "Export SHA-256",
};
const CODES = ["bundle_id", "signers", "root", "tree_root", "export_sha256"];

// Returns an element of that name with a class and children, which are elements or texts.
export function make(name, className = "", ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null));
  return element;
}

// Fills `place` with the report: what was asked, what verified bytes say, the verdict last.
export function showReport(place, report) {
  const groups = GROUPS.map(([title, question, names]) => {
    const checks = report.checks.filter((check) => names.includes(check.name));
    const heading = make("h3", "", title, " ", make("small", "", question));
    const rows = checks.map((check) => checkRow(check, report));
    return rows.length ? make("section", "group", heading, ...rows) : null;
  });
  const asked = askedTable(report);
  const found = [...groups.filter(Boolean), ...subjectTable(report)];
  place.replaceChildren(asked, ...found, verdictBox(report));
  place.dataset.verdict = report.verdict;
}

// What was asked of which file and when; the answer stands here on paper alone, where nothing else is
// above it.
function askedTable(report) {
  const { bundle, judged_at, given, trusted } = report;
  const none = (list) => (list.length ? list.join(", ") : "none");
  const list = make("dl", "fields");
  const add = (name, className, ...value) => {
    list.append(make("div", className, make("dt", "", name), make("dd", "", ...value)));
  };
  add("Answer", "printed", ...headline(report));
  add("File", "", foreign(bundle));
  add("Checked at", "", `${judged_at}, by this computer's clock`);
  add("Keys or trust file", "", foreign(none(given.keys)));
  add("Fingerprint typed", "", foreign(given.fingerprint || "none"));
  add("Trusted", "", text(none(trusted)));
  return make("section", "group", make("h3", "", "What was asked"), list);
}

function checkRow(check, report) {
  const { outcome: shown, message } = asShown(check, report);
  const mark = make("span", "mark", MARKS[shown]);
  mark.setAttribute("aria-hidden", "true");
  const outcome = make("span", "outcome", mark, ` ${shown}`);
  const row = make("div", `check ${shown.replace(" ", "-")}`, outcome);
  const title = make("h4", "", TITLES[check.name] ?? check.name, " ", make("code", "", check.name));
  const told = make("div", "told", title, make("div", "", text(message)));
  const faults = check.faults.map((fault, at) => {
    const isSaid = at > 0 && check.faults[at - 1].hint === fault.hint;
    return faultItem(isSaid ? { ...fault, hint: null } : fault, check);
  });
  if (faults.length) told.append(make("ul", "faults", ...faults));
  row.append(told);
  row.dataset.check = check.name;
  row.dataset.outcome = check.outcome;
  row.dataset.codes = check.faults.map((fault) => fault.code).join(" ");
  return row;
}

// A trusted envelope beside a broken signature file is a pass by itself (core/standing.py), and would
// be read as a comfort that it is not.
function asShown(check, { checks }) {
  const isBroken = checks.some(({ name, outcome }) => name === "signature" && outcome === FAIL);
  if (check.name !== "trust" || check.outcome !== PASS || !isBroken) return check;
  return { outcome: "not judged", message: "a signature fails, so whose the others are proves nothing" };
}

function faultItem(fault, check) {
  const item = make("li", "", make("code", "", fault.code));
  if (fault.message !== check.message) item.append(" ", text(fault.message));
  if (fault.hint) item.append(make("div", "hint", "What to do: ", text(fault.hint)));
  return item;
}

// What a rejected bundle holds is called by no word that could be taken for a yes.
function subjectTable({ subject, verdict }) {
  const rows = Object.entries(LABELS).filter(([name]) => (subject[name] ?? null) !== null);
  if (!rows.length) return [];
  const list = make("dl", "fields");
  const isRejected = verdict === "rejected";
  for (const [name, usual] of rows) {
    const label = isRejected && name === "root" ? "Root of what was given" : usual;
    const value = make("dd", CODES.includes(name) ? "code" : "", foreign(worded(name, subject[name])));
    list.append(make("div", "", make("dt", "", label), value));
  }
  const title = isRejected ? "What was given" : "What the verified bytes say";
  return [make("section", "group", make("h3", "", title), list)];
}

function worded(name, value) {
  if (name === "window") return `${formatInstant(value.start)} to ${formatInstant(value.end)}`;
  if (name === "signers") return value.join(", ");
  return name === "events" ? count(value) : value;
}

function verdictBox(report) {
  const { verdict } = report;
  const reasons = reasonsOf(report);
  const box = make("section", `verdict ${verdict}`);
  box.id = "verdict";
  box.append(
    make("p", "", PROVES[verdict]),
    verdict === "accepted" ? make("p", "", NOT_DONE) : "",
    make("p", "", NEVER),
    make("h3", "", `Verdict: ${HEADLINES[verdict]}`),
  );
  if (reasons.length) box.append(make("p", "reason", ...reasonOf(reasons)));
  const hint = reasons.flatMap((check) => check.faults)[0]?.hint;
  if (hint) box.append(make("p", "hint", "What to do: ", text(hint)));
  return box;
}

// The first fault of all that led to the verdict, and how many more there are; not an empty folder
// where another says what was in it (core/report.py).
function reasonOf(reasons) {
  const faults = reasons.flatMap((check) => check.faults);
  const telling = faults.find(({ code }) => ["checksums.missing", "signature.none"].includes(code));
  const follows = ["container.unlisted", "container.missing"].includes(faults[0]?.code);
  const first = (follows && telling) || faults[0];
  const more = faults.length > 1 ? ` (and ${count(faults.length - 1)} more)` : "";
  return [text(first?.message ?? reasons[0].message), more];
}

// Returns the verdict in words with its first reason, as children of an element.
export function headline(report) {
  const reasons = reasonsOf(report);
  return [HEADLINES[report.verdict], ...(reasons.length ? [": ", ...reasonOf(reasons)] : [])];
}

// Returns the checks that the verdict follows from.
function reasonsOf({ verdict, checks }) {
  const wanted = { rejected: FAIL, undecided: UNDECIDED }[verdict];
  return checks.filter((check) => check.outcome === wanted);
}

// Returns hostile text as it may be shown, kept apart from the direction of its surroundings.
export function foreign(value) {
  return make("bdi", "", visible(String(value), 600));
}

// Returns a sentence of our own. What is foreign in it was made visible when it was put in, so its
// backslashes are doubled already.
function text(sentence) {
  return make("bdi", "", visible(sentence, 2000).replaceAll("\\\\", "\\"));
}

// Shows the bundle's own page in a frame that can run nothing, reach nothing and open nothing.
export function showSummary(place, html) {
  place.hidden = html === null;
  place.querySelector("iframe")?.remove();
  if (html === null) return;
  const frame = make("iframe");
  frame.setAttribute("sandbox", "");
  frame.title = "Summary, as the preparer signed it";
  frame.srcdoc = inert(html);
  place.append(frame);
}

// The frame runs no script and may load nothing; even so, what is there only to load, to lead away or
// to make the browser look up a name is taken out. The bundle's own policy stays.
function inert(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const loading = "link, base, script, iframe, frame, object, embed, meta[http-equiv]";
  for (const element of parsed.querySelectorAll(loading)) {
    if (element.getAttribute("http-equiv")?.toLowerCase() !== "content-security-policy") element.remove();
  }
  for (const element of parsed.querySelectorAll("[href]:not([href^='#'])")) {
    element.removeAttribute("href");
  }
  return `<!doctype html>\n${parsed.documentElement.outerHTML}`;
}
