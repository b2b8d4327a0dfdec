// One hand-over of a bundle: what a custody record says, as an in-toto statement over the root
// (core/custody.py).

import { LIMITS, RejectedError } from "./base.js";
import { isUtc, parseInstant } from "./instant.js";
import { TAGMANIFEST } from "./names.js";
import { isFingerprint, isOneForm, isSha256, orderOf, readInToto } from "./statement.js";
import { hasExactly } from "./strictjson.js";

const CUSTODY = "urn:evidencekit:custody:v1";
const FORMAT = "evidencekit-custody/1";
export const RELEASED = "released";
const ACTIONS = ["accepted", "rejected", "insufficient", RELEASED];
const VERDICTS = ["accepted", "rejected", "undecided"];

const orNull = (rule) => (value) => value === null || rule(value);
const matches = (pattern) => (value) => typeof value === "string" && pattern.test(value);
const isVerifier = matches(/^urn:evidencekit:verifier:[0-9A-Za-z.+-]{1,64}$/);
const isProperty = matches(/^EVIDENCEKIT_[A-Z]{1,32}$/);
const areAll = (value, rule) => Array.isArray(value) && value.length <= 64 && value.every(rule);

const FIELDS = {
  number: (value) => Number.isInteger(value) && value >= 1 && value <= LIMITS.MAX_CUSTODY_RECORDS,
  previous: orNull(isSha256),
  action: (value) => ACTIONS.includes(value),
  signer: isFingerprint,
  actor: orNull(isText),
  role: orNull(isText),
  purpose: orNull(isText),
  note: orNull(isText),
  next_holder: orNull(isFingerprint),
  report: orNull(isReport),
  verification: orNull(isVerification),
  at: isUtc,
};

// The members of objects inside a field, in their order.
const POLICY_ORDER = { properties: orderOf(["name", "digest"]) };
const VERIFIER_ORDER = { properties: { id: {}, policies: { items: POLICY_ORDER } } };
const ORDERS = {
  report: { properties: orderOf(["verdict", "sha256"]) },
  verification: { properties: { verifier: VERIFIER_ORDER, ...orderOf(["timeCreated", "properties"]) } },
};

// Returns what a verified payload says. Throws RejectedError: json.…, statement.…, custody.version,
// custody.shape, custody.value or custody.form.
export function readRecord(payload, what) {
  const { subjects, predicate } = readInToto(payload, CUSTODY);
  if (predicate.get("format") !== FORMAT) {
    throw fault("version", what, `format is not ${FORMAT}, the only one this page reads`);
  }
  const names = Object.keys(FIELDS);
  if (!hasExactly(subjects, [TAGMANIFEST]) || !hasExactly(predicate, ["format", ...names])) {
    throw fault("shape", what, `does not hold exactly ${names.join(", ")}`);
  }
  const wrong = names.find((name) => !FIELDS[name](predicate.get(name)));
  if (wrong) throw fault("value", what, `${wrong} is not a value that it can have`);
  const values = Object.fromEntries(names.map((name) => [name, predicate.get(name)]));
  const record = { ...values, root: subjects.get(TAGMANIFEST), instant: parseInstant(values.at) };
  checkTogether(record, what);
  if (!isOneForm(payload, { ...orderOf(["format", ...names]), ...ORDERS })) {
    throw fault("form", what, "is not in the one form that a record with this content has");
  }
  return record;
}

// Holds what no single field says: a release names a holder, an acceptance was verified.
function checkTogether({ action, number, previous, next_holder, report, verification }, what) {
  if ((action === RELEASED) !== (next_holder !== null)) {
    throw fault("value", what, "a release names the next holder, and nothing else does");
  }
  if ((number === 1) !== (previous === null)) {
    throw fault("value", what, "every record but the first names the one before");
  }
  if ((report === null) !== (verification === null)) {
    throw fault("value", what, "report and verification are there together or not at all");
  }
  if (action === "accepted" && report?.get("verdict") !== "accepted") {
    throw fault("value", what, "says accepted, and its verification does not");
  }
}

// Python strips what it calls white space, and counts characters.
function isText(value) {
  if (typeof value !== "string" || Array.from(value).length > LIMITS.MAX_CUSTODY_TEXT_CHARS) return false;
  return /[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/.test(value);
}

function isReport(value) {
  if (!hasExactly(value, ["verdict", "sha256"])) return false;
  return VERDICTS.includes(value.get("verdict")) && isSha256(value.get("sha256"));
}

function isVerification(value) {
  if (!hasExactly(value, ["verifier", "timeCreated", "properties"])) return false;
  const verifier = value.get("verifier");
  if (!hasExactly(verifier, ["id", "policies"]) || !isVerifier(verifier.get("id"))) return false;
  const hasRest = isUtc(value.get("timeCreated")) && areAll(value.get("properties"), isProperty);
  return hasRest && areAll(verifier.get("policies"), isPolicy);
}

function isPolicy(value) {
  if (!hasExactly(value, ["name", "digest"])) return false;
  const digest = value.get("digest");
  const isKnown = ["schema", "trust"].includes(value.get("name"));
  return isKnown && hasExactly(digest, ["sha256"]) && isSha256(digest.get("sha256"));
}

function fault(what, where, told) {
  return new RejectedError(`custody.${what}`, `${where}: ${told}`);
}
