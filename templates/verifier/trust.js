// Whom the receiver trusts (core/trusted.py): a trust file, public keys, or a fingerprint to find the
// key by. Whatever is wrong with them leaves everything undecided.

import { EvidenceError, LIMITS, UndecidedError, visible } from "./base.js";
import { fromBase64, hex, latin1, utf8 } from "./bytes.js";
import { readFingerprint } from "./fingerprint.js";
import { PublicKey } from "./publickey.js";
import { sha256 } from "./sha256.js";
import { Time, readToml } from "./toml.js";

export const COMPROMISED = "key-compromise";
const MAX_DAYS = 36_500;
const NANOSECONDS_OF_A_DAY = 86_400n * 1_000_000_000n;
const REASONS = [COMPROMISED, "superseded", "left", "unspecified"];
const PEM_BLOCKS =
  /^\s*(?:-----BEGIN CERTIFICATE-----\s+[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/;

// Returns { signers, authorities, policy, sha256, fingerprint, wanted } from files of { name, data } and
// a fingerprint as it was typed, or null where nothing is given. A key that the file names keeps its
// conditions. Beside files a fingerprint only restricts: `wanted` is then who has to have signed, and
// must be among them.
export function readTrust(files, typed) {
  const isTrustFile = ({ data }) => looksLikeToml(latin1(data));
  const tables = files.filter(isTrustFile);
  if (tables.length > 1) throw fault("many", "trust", "two trust files were given, expected one");
  const trust = tables.length ? fromFile(tables[0]) : { signers: [], authorities: [], sha256: null };
  for (const { name, data } of files.filter((file) => !isTrustFile(file))) {
    checkSize(name, data, LIMITS.MAX_KEY_FILE_BYTES);
    addKey(trust, readKeyFile(name, data));
  }
  const fingerprint = readFingerprint(typed);
  if (!trust.signers.length && !fingerprint) return null;
  const wanted = (trust.signers.length && fingerprint) || null;
  if (wanted) checkAgreement(trust.signers, files, wanted);
  const policy = readPolicy(new Map(), "policy");
  return { policy, ...trust, fingerprint, wanted };
}

// What is given twice has to agree: whoever could put a key into the receiver's hands would otherwise
// be trusted beside the signer whose fingerprint was told on the telephone.
function checkAgreement(signers, files, wanted) {
  const found = signers.map(({ key }) => key.fingerprint);
  if (found.includes(wanted)) return;
  const names = files.map(({ name }) => visible(name)).join(", ");
  const what = found.length === 1 ? "the key" : "the keys";
  const told = `${what} in ${names} have the fingerprint ${found.join(", ")}, you typed ${wanted}`;
  const hint =
    "one of the two is not the signer's: ask the signer which, and do not ask whoever sent the bundle";
  const sentence = found.length === 1 ? told.replace(" have ", " has ") : told;
  throw new UndecidedError("trust.fingerprint", sentence, hint);
}

// Most files that are picked by mistake are no kind of key, whatever the reader stumbles over first.
function readKeyFile(name, data) {
  try {
    return PublicKey.fromBytes(data, visible(name));
  } catch (error) {
    const isLikeKey = /-----BEGIN|^[ \t]*(?:ssh|ecdsa|sk-ssh)-/m.test(latin1(data));
    if (!(error instanceof EvidenceError) || isLikeKey) throw error;
    const hint = "pick the .pub or .pem file that the signer gave you, or your trust.toml";
    const told = `${visible(name)}: is neither a public key nor a trust file`;
    throw new UndecidedError(error.code, told, hint);
  }
}

export function addKey(trust, key) {
  if (trust.signers.some((signer) => signer.key.fingerprint === key.fingerprint)) return;
  trust.signers.push({ name: key.fingerprint, key, environments: [], roles: [] });
}

// Tells by the first line that is no comment: a trust file begins with a table.
export function looksLikeToml(text) {
  const lines = text.split("\n").map((line) => line.trim());
  return (lines.find((line) => line && !line.startsWith("#")) ?? "").startsWith("[");
}

function fromFile({ name, data }) {
  const what = visible(name);
  checkSize(name, data, LIMITS.MAX_TRUST_FILE_BYTES);
  const document = readToml(data, what);
  closed(document, ["signer", "timestamp-authority", "policy"], what);
  const signers = tablesOf(document, "signer", what).map(([table, where]) => readSigner(table, where));
  const authorities = tablesOf(document, "timestamp-authority", what).map(([table, where]) =>
    readAuthority(table, where),
  );
  const policy = document.get("policy") ?? new Map();
  if (!(policy instanceof Map)) throw fault("value", `${what} [policy]`, "is not a table");
  if (!signers.length) throw fault("empty", what, "names no signer, so nobody is trusted");
  refuseTwice("name", signers.map((signer) => signer.name), what);
  refuseTwice("key", signers.map((signer) => signer.key.fingerprint), what);
  const digest = hex(sha256(data));
  return { signers, authorities, policy: readPolicy(policy, `${what} [policy]`), sha256: digest };
}

function readSigner(table, where) {
  const times = ["valid-from", "valid-until", "revoked-at"];
  closed(table, ["name", "key", "revoked-reason", "environments", "roles", ...times], where);
  const revokedAt = instant(table, "revoked-at", where);
  const reason = text(table, "revoked-reason", where);
  if (reason !== null && (!REASONS.includes(reason) || revokedAt === null)) {
    const told = `revoked-reason is one of ${REASONS.join(", ")}, and needs revoked-at`;
    throw fault("value", where, told);
  }
  return {
    name: needed(table, "name", where),
    key: readKey(needed(table, "key", where), where),
    ...period(table, where),
    revokedAt,
    revokedReason: reason ?? "unspecified",
    environments: texts(table, "environments", where),
    roles: texts(table, "roles", where),
  };
}

// The certificates are not used here: time-stamps are for `evidencekit verify`.
function readAuthority(table, where) {
  closed(table, ["name", "certificate", "valid-from", "valid-until"], where);
  period(table, where);
  const pem = needed(table, "certificate", where);
  const bodies = pem.split(/-----(?:BEGIN|END) CERTIFICATE-----/).map((s) => s.replace(/\s/g, ""));
  if (!PEM_BLOCKS.test(pem) || bodies.some((body) => !fromBase64(body))) {
    throw fault("certificate", where, "holds no readable PEM certificate");
  }
  return { name: needed(table, "name", where) };
}

function readPolicy(table, where) {
  const numbers = ["signatures-required", "maximum-age-days", "minimum-format"];
  closed(table, [...numbers, "roles-required", "timestamp", "schemas"], where);
  const required = number(table, "signatures-required", LIMITS.MAX_SIGNERS, where) ?? 1;
  const days = number(table, "maximum-age-days", MAX_DAYS, where);
  const timestamp = table.get("timestamp") ?? "optional";
  if (!["optional", "required"].includes(timestamp)) {
    throw fault("value", where, "timestamp is not one of optional, required");
  }
  const schemas = texts(table, "schemas", where);
  if (!schemas.every((one) => /^[0-9a-f]{64}$/.test(one))) {
    throw fault("value", where, "schemas is not a list of SHA-256 digests in hex");
  }
  return {
    signaturesRequired: required,
    rolesRequired: texts(table, "roles-required", where),
    timestamp,
    maximumAge: days === null ? null : BigInt(days) * NANOSECONDS_OF_A_DAY,
    minimumFormat: number(table, "minimum-format", 1_000, where) ?? 1,
    schemas,
  };
}

function readKey(value, where) {
  try {
    return PublicKey.fromBytes(utf8(value), where);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new UndecidedError("trust.key", error.message, error.hint);
  }
}

function tablesOf(document, name, what) {
  const tables = document.get(name) ?? [];
  if (!Array.isArray(tables) || !tables.every((table) => table instanceof Map)) {
    throw fault("value", what, `${name} is not written as [[${name}]]`);
  }
  return tables.map((table, at) => [table, `${what} [[${name}]] ${at + 1}`]);
}

function refuseTwice(kind, values, what) {
  const twice = values.find((value, at) => values.indexOf(value) < at);
  if (twice) throw fault("duplicate", what, `the ${kind} ${visible(twice)} is there twice`);
}

function closed(table, names, where) {
  const unknown = [...table.keys()].sort().find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const known = [...names].sort().join(", ");
    throw fault("unknown-name", where, `${visible(unknown)} is not known; known are ${known}`);
  }
}

function needed(table, name, where) {
  const value = text(table, name, where);
  if (value === null) throw fault("value", where, `${name} is missing`);
  return value;
}

function text(table, name, where) {
  const value = table.get(name) ?? null;
  if (value === null || (typeof value === "string" && value)) return value;
  throw fault("value", where, `${name} is not a text`);
}

// An empty list is refused, since it reads as "none" and as "any".
function texts(table, name, where) {
  if (!table.has(name)) return [];
  const value = table.get(name);
  const isText = (one) => typeof one === "string" && one;
  if (Array.isArray(value) && value.length && value.every(isText)) return value;
  throw fault("value", where, `${name} is not a list of texts`);
}

function number(table, name, most, where) {
  const value = table.get(name) ?? null;
  if (value === null || (Number.isInteger(value) && 1 <= value && value <= most)) return value;
  throw fault("value", where, `${name} is not a number from 1 to ${most.toLocaleString("en-US")}`);
}

function period(table, where) {
  const validFrom = instant(table, "valid-from", where);
  const validUntil = instant(table, "valid-until", where);
  if (validFrom !== null && validUntil !== null && validUntil <= validFrom) {
    throw fault("value", where, "valid-until is not after valid-from");
  }
  return { validFrom, validUntil };
}

function instant(table, name, where) {
  const value = table.get(name) ?? null;
  if (value === null) return null;
  if (value instanceof Time && value.instant !== null) return value.instant - (value.instant % 1000n);
  const told = `${name} is not a time with an offset, such as 2026-01-01T00:00:00Z, unquoted`;
  throw fault("value", where, told);
}

function checkSize(name, data, limit) {
  if (data.length > limit) throw fault("size", visible(name), `is larger than ${limit} bytes`);
}

function fault(what, where, told) {
  return new UndecidedError(`trust.${what}`, `${where}: ${told}`);
}
