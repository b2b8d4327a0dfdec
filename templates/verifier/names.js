// Names: how a member of a bundle may be spelled, and which names a bundle holds (core/names.py).

import { LIMITS, RejectedError, count, visible } from "./base.js";
import { fromBase64, hex } from "./bytes.js";

export const BAGIT = "bagit.txt";
export const BAG_INFO = "bag-info.txt";
export const CHECKSUMS = "manifest-sha256.txt";
export const TAGMANIFEST = "tagmanifest-sha256.txt";
export const MANIFEST = "data/manifest.json";
export const EXPORTS = ["data/export/events.csv", "data/export/events.json"];
export const SCHEMA = "data/schema/event.schema.json";
export const SUMMARY_HTML = "data/summary.html";
export const TAG_FILES = [BAG_INFO, BAGIT, CHECKSUMS];
const ATTACHMENTS = "data/attachments/";
const REQUIRED = [
  ...[...TAG_FILES, TAGMANIFEST, MANIFEST, SCHEMA, SUMMARY_HTML],
  ...["data/summary.md", "data/verify.txt"],
];
export const FOLDERS = [
  ...["data", "data/attachments", "data/export", "data/schema", "signatures", "custody"],
];

const LEFT = [".DS_Store", "Thumbs.db", "desktop.ini"];
const LEFT_HINT = " (file managers leave it: delete it, or verify the zip)";
const PART = /^[a-z0-9][a-z0-9._-]*$/;
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$/;
const SIGNATURE = /^signatures\/([0-9a-f]{16})\.(sigstore\.json|sig|sshsig|tsr)$/;
const CUSTODY = /^custody\/([0-9]{4})\.sigstore\.json$/;

// Throws RejectedError container.name unless `name` is spelled as a member's path is.
export function checkName(name) {
  const reason = misspelling(name);
  if (reason) throw fault("name", name, reason);
}

function misspelling(name) {
  if (name.length > LIMITS.MAX_NAME_BYTES) {
    return `is ${count(name.length)} characters long, a name has at most ${LIMITS.MAX_NAME_BYTES}`;
  }
  for (const part of name.split("/")) {
    if (!PART.test(part)) {
      return "is not made of lower-case letters, digits, dots, hyphens and underscores";
    }
    if (part.endsWith(".")) return "has a part that ends in a dot, which some systems drop";
    if (DEVICE.test(part.split(".")[0])) return "has a part that is a device on Windows";
  }
  return null;
}

export function isKnown(name) {
  if (REQUIRED.includes(name) || EXPORTS.includes(name)) return true;
  if (name.startsWith(ATTACHMENTS)) {
    return !name.slice(ATTACHMENTS.length).includes("/") && !misspelling(name);
  }
  return signatureParts(name) !== null || isCustody(name);
}

// Tells whether a member is read in pieces: the export and attachments, of any size.
export function isLarge(name) {
  return EXPORTS.includes(name) || name.startsWith(ATTACHMENTS);
}

// Returns the signer's 16 digits and the kind of a signature file, or null.
export function signatureParts(name) {
  const found = SIGNATURE.exec(name);
  return found && { signerId: found[1], kind: found[2] };
}

// Returns the 16 hex digits that a signer's files are named after, for a SHA256:… text.
export function signerId(fingerprint) {
  return hex(fromBase64(`${fingerprint.slice("SHA256:".length)}=`) ?? []).slice(0, 16);
}

function isCustody(name) {
  const number = Number(CUSTODY.exec(name)?.[1] ?? 0);
  return number >= 1 && number <= LIMITS.MAX_CUSTODY_RECORDS;
}

// Returns every fault of a bundle that holds these names: misspelled, unlisted, missing.
export function closedWorld(names) {
  return [...strangers(names), ...missing(names), ...tooMany(names)];
}

function strangers(names) {
  const found = [];
  for (const name of [...names].sort()) {
    const reason = misspelling(name);
    const last = name.slice(name.lastIndexOf("/") + 1);
    const left = LEFT.includes(last) || last.startsWith("._") ? LEFT_HINT : "";
    const unlisted = `is not a name that a bundle holds${left}`;
    if (reason) found.push(fault("name", name, reason + left));
    else if (!isKnown(name)) found.push(fault("unlisted", name, unlisted));
  }
  return found;
}

function missing(names) {
  const told = "is not there, and every bundle has it";
  const found = REQUIRED.filter((name) => !names.has(name)).sort();
  const faults = found.map((name) => fault("missing", name, told));
  const exports = EXPORTS.filter((name) => names.has(name));
  if (!exports.length) {
    faults.push(fault("missing", "data/export", "holds neither events.json nor events.csv"));
  }
  if (exports.length > 1) {
    faults.push(fault("unlisted", "data/export", "holds two exports, a bundle has one"));
  }
  return faults;
}

function tooMany(names) {
  const parts = [...names].map(signatureParts).filter(Boolean);
  const signers = new Set(parts.map((part) => part.signerId)).size;
  if (signers <= LIMITS.MAX_SIGNERS) return [];
  const told = `${signers} signers, at most ${LIMITS.MAX_SIGNERS} are read`;
  return [fault("members", "signatures", told)];
}

function fault(code, where, told) {
  return new RejectedError(`container.${code}`, `${visible(where, 300)}: ${told}`);
}
