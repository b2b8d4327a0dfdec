// The statement: what a signer says of a bundle, as an in-toto Statement v1 (core/statement.py).

import { hexNumber, LIMITS, RejectedError, visible } from "./base.js";
import { fromUtf8 } from "./bytes.js";
import { isUtc, parseInstant } from "./instant.js";
import { writeJson } from "./jsontext.js";
import { hasExactly, readJson } from "./strictjson.js";

const TYPE = "https://in-toto.io/Statement/v1";
const EVIDENCE = "urn:evidencekit:evidence:v1";
const FORMAT = "evidencekit-bundle/1";
const SUBJECTS = ["data/export/events.json", "data/export/events.csv"].map((name) => [
  ...["tagmanifest-sha256.txt", "data/manifest.json", name],
]);

const WINDOW_ORDER = { properties: { start: {}, end: {} } };

export const isFingerprint = (value) => isText(value) && /^SHA256:[A-Za-z0-9+/]{43}$/.test(value);
const isText = (value) => typeof value === "string";
export const isSha256 = (value) => isText(value) && /^[0-9a-f]{64}$/.test(value);
const isBundleId = (value) => isText(value) && /^[a-z0-9][a-z0-9._-]*$/.test(value);

// The members of the predicate, each with what it can be; an integer is a number or a BigInt.
const FIELDS = {
  bundle_id: (value) => isBundleId(value) && value.length <= LIMITS.MAX_NAME_BYTES,
  signer: isFingerprint,
  window: isWindow,
  events: (value) => ["number", "bigint"].includes(typeof value) && value >= 0,
  tree_root: isSha256,
  previous: (value) => value === null || isSha256(value),
  signed_at: isUtc,
};

// Returns what a verified payload says. Throws RejectedError: json.… or statement.…
export function readStatement(payload) {
  const { subjects, predicate } = readInToto(payload, EVIDENCE);
  if (predicate.get("format") !== FORMAT) {
    throw fault("version", `format is not ${FORMAT}, the only one this page reads`);
  }
  if (!SUBJECTS.some((names) => hasExactly(subjects, names))) {
    throw fault("subject", "subjects are not the tag manifest, the manifest and the export");
  }
  const names = Object.keys(FIELDS);
  if (!hasExactly(predicate, ["format", ...names])) {
    throw fault("shape", `the predicate does not hold exactly ${names.join(", ")}`);
  }
  const wrong = names.find((name) => !FIELDS[name](predicate.get(name)));
  if (wrong) throw fault("value", `predicate.${wrong} is not a value that it can have`);
  if (!isOneForm(payload, { ...orderOf(["format", ...names]), window: WINDOW_ORDER })) {
    throw fault("form", "is not in the one form that a statement with this content has");
  }
  const values = Object.fromEntries(names.map((name) => [name, predicate.get(name)]));
  return { ...values, subjects, window: windowOf(predicate.get("window")) };
}

// Returns the subjects and the predicate of a verified payload of exactly this type.
export function readInToto(payload, predicateType) {
  const document = readJson(payload, "statement");
  if (!hasExactly(document, ["_type", "subject", "predicateType", "predicate"])) {
    throw fault("shape", "is not an in-toto statement");
  }
  if (document.get("_type") !== TYPE) throw fault("type", `_type is not ${TYPE}`);
  if (document.get("predicateType") !== predicateType) {
    throw fault("type", `predicate type is not ${predicateType}`);
  }
  const predicate = document.get("predicate");
  if (!(predicate instanceof Map)) throw fault("shape", "the predicate is not an object");
  return { subjects: subjectsOf(document.get("subject")), predicate };
}

// Tells whether a payload that was read is the one text with its content: members in their order,
// subjects by name, two spaces, pure ASCII, a line feed at the end.
export function isOneForm(payload, predicate) {
  const digest = { properties: orderOf(["sha256"]) };
  const subject = { items: { properties: { name: {}, digest } } };
  const order = { _type: {}, subject, predicateType: {}, predicate: { properties: predicate } };
  const document = readJson(payload, "statement");
  const names = document.get("subject").map((one) => one.get("name"));
  const text = writeJson(document, { properties: order });
  const escape = (unit) => `\\u${hexNumber(unit.charCodeAt(0), 4)}`;
  const escaped = text.replace(/[\x7f-\uffff]/g, escape);
  return `${names}` === `${[...names].sort()}` && `${escaped}\n` === fromUtf8(payload);
}

export const orderOf = (names) => Object.fromEntries(names.map((name) => [name, {}]));

function subjectsOf(value) {
  const subjects = new Map();
  for (const subject of Array.isArray(value) ? value : []) {
    if (!hasExactly(subject, ["name", "digest"])) {
      throw fault("subject", "a subject is not a name and a digest");
    }
    const [name, digest] = [subject.get("name"), subject.get("digest")];
    if (!isText(name) || subjects.has(name)) {
      throw fault("subject", "a subject has no name, or that of another");
    }
    if (!hasExactly(digest, ["sha256"])) {
      throw fault("subject", `${visible(name)} has not exactly a sha256 digest`);
    }
    if (!isSha256(digest.get("sha256"))) {
      throw fault("subject", `${visible(name)} has a sha256 that is not 64 hex digits`);
    }
    subjects.set(name, digest.get("sha256"));
  }
  if (!subjects.size) throw fault("subject", "names no subject");
  return subjects;
}

function isWindow(value) {
  if (value === null) return true;
  if (!hasExactly(value, ["start", "end"])) return false;
  const [start, end] = [value.get("start"), value.get("end")];
  return isUtc(start) && isUtc(end) && parseInstant(start) < parseInstant(end);
}

function windowOf(value) {
  if (value === null) return null;
  return { start: parseInstant(value.get("start")), end: parseInstant(value.get("end")) };
}

function fault(what, told) {
  return new RejectedError(`statement.${what}`, `statement: ${told}`);
}
