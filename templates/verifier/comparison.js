// Compare what was found with what is claimed; every difference is an error with both sides
// (comparison.py).

import { RejectedError, count, visible } from "./base.js";
import { checkBagitTxt, readBagInfo } from "./bag.js";
import { derivedId } from "./bundleid.js";
import { isError } from "./examine.js";
import { BAGIT, BAG_INFO, CHECKSUMS, MANIFEST, SCHEMA, TAGMANIFEST, TAG_FILES } from "./names.js";
import { readStatement } from "./statement.js";
import { Real, same } from "./strictjson.js";

// Returns every member that is not listed, is listed and absent, or has another SHA-256.
export function digestFaults(found) {
  const faults = [];
  const isCovered = {
    [CHECKSUMS]: (member) => member.startsWith("data/"),
    [TAGMANIFEST]: (member) => TAG_FILES.includes(member),
  };
  for (const [name, table] of [[CHECKSUMS, found.listed], [TAGMANIFEST, found.tagged]]) {
    if (isError(table)) {
      faults.push(table);
      continue;
    }
    const covered = [...found.digests.keys()].filter(isCovered[name]).sort();
    const unlisted = covered.filter((member) => !table.has(member));
    const absent = [...table.keys()].filter((member) => !covered.includes(member));
    faults.push(...unlisted.map((one) => fault("checksums.unlisted", one, `is not listed in ${name}`)));
    const told = `is listed in ${name}, and absent`;
    faults.push(...absent.map((one) => fault("checksums.missing", one, told)));
    for (const member of covered.filter((one) => table.has(one))) {
      faults.push(...digestFault(found.digests.get(member), member, table.get(member)));
    }
  }
  const isInTable = (member) => Object.values(isCovered).some((covers) => covers(member));
  const outside = [...found.digests.keys()].filter((member) => !isInTable(member)).sort();
  const broken = outside.map((member) => found.digests.get(member)); // must be whole too
  return [...faults, ...broken.filter((digest) => digest instanceof RejectedError)];
}

function digestFault(digest, member, listed) {
  if (isError(digest)) return digest instanceof RejectedError ? [digest] : [];
  if (digest === listed) return [];
  return [fault("checksums.mismatch", member, `sha256 is ${digest}, listed is ${listed}`)];
}

// Returns what is wrong with the two BagIt texts: they have one form, and count the payload.
export function bagFaults({ documents, sizes }) {
  return gathered(() => {
    if (documents.has(BAGIT)) checkBagitTxt(documents.get(BAGIT));
    if (!documents.has(BAG_INFO)) return [];
    const info = readBagInfo(documents.get(BAG_INFO));
    const payload = [...sizes].filter(([name]) => name.startsWith("data/")).map(([, size]) => size);
    const octets = payload.reduce((sum, size) => sum + size, 0);
    if (info.octets === octets && info.streams === payload.length) return [];
    const said = `${count(info.octets)} bytes in ${count(info.streams)} files`;
    const sides = `counts ${said}, there are ${count(octets)} in ${count(payload.length)}`;
    return [fault("bag.oxum", BAG_INFO, sides)];
  });
}

// Returns every subject of a signed statement that is not in this bundle as it says.
export function statementFaults(found, signed) {
  return gathered(() => {
    const statement = readStatement(signed.payload);
    const faults = [];
    if (statement.signer !== signed.key.fingerprint) {
      const sides = `signed by ${signed.key.fingerprint}, but says ${visible(statement.signer)}`;
      faults.push(fault("statement.signer", "statement", sides));
    }
    for (const [name, digest] of statement.subjects) {
      const seen = found.digests.get(name);
      if (seen === digest) continue;
      const told = seen === undefined ? "absent" : isError(seen) ? "not known" : seen;
      faults.push(fault("statement.subject", name, `sha256 is ${told}, signed is ${digest}`));
    }
    return faults;
  });
}

// Returns everything in which the manifest and the members differ.
export function manifestFaults(found, manifest) {
  const faults = identityFaults(found, manifest);
  const claimed = new Map(manifest.files.map((file) => [file.path, file.sha256]));
  claimed.set(SCHEMA, manifest.schema.sha256);
  for (const name of [...claimed.keys()].sort()) {
    if (found.digests.get(name) !== claimed.get(name)) {
      faults.push(fault("manifest.digest", name, "sha256 is not what the manifest says"));
    }
  }
  const paths = manifest.files.map(({ path }) => path);
  for (const name of [...new Set(paths)].sort()) {
    const times = paths.filter((path) => path === name).length;
    if (times > 1) faults.push(fault("manifest.twice", name, `is described ${times} times in the manifest`));
  }
  for (const { path, size } of manifest.files) {
    const seen = found.sizes.get(path);
    if (seen === undefined || seen === size) continue;
    const sides = `has ${count(seen)} bytes, the manifest says ${count(size)}`;
    faults.push(fault("manifest.size", path, sides));
  }
  faults.push(...lengthFaults(manifest));
  const isDescribed = (name) => /^data\/(?:attachments|export)\//.test(name);
  for (const name of [...found.digests.keys()].filter(isDescribed).sort()) {
    if (claimed.has(name)) continue;
    faults.push(fault("manifest.unlisted", name, "is not described by the manifest"));
  }
  return faults;
}

// Returns where the bundle calls itself something else than its manifest does.
function identityFaults({ form, bundleId, documents }, manifest) {
  const faults = [];
  if (form === "zip" && bundleId !== manifest.bundleId) {
    const sides = `is ${visible(bundleId, 200)}, the manifest says ${manifest.bundleId}`;
    faults.push(fault("manifest.bundle-id", "base folder", sides));
  }
  const derived = derivedId(manifest);
  if (manifest.bundleId !== derived) {
    const sides = `bundle_id is ${manifest.bundleId}, what it says besides gives ${derived}`;
    faults.push(fault("manifest.derived-id", MANIFEST, sides));
  }
  let info;
  try {
    info = readBagInfo(documents.get(BAG_INFO) ?? new Uint8Array());
  } catch (error) {
    if (!isError(error)) throw error;
    return faults; // bagFaults names it
  }
  const agent = `evidencekit ${manifest.toolVersion}`;
  const wanted = [manifest.bundleId, manifest.createdAt.slice(0, 10), agent];
  if (!same([info.identifier, info.date, info.agent], wanted)) {
    faults.push(fault("manifest.bag-info", BAG_INFO, "says otherwise than the manifest"));
  }
  if (manifest.export.format !== manifest.export.path.split(".").pop()) {
    const sides = `is called ${manifest.export.format} in the manifest`;
    faults.push(fault("manifest.format", manifest.export.path, sides));
  }
  return faults;
}

// Returns that the answer had another length than the export, which is what came, unchanged. Nothing
// is said where the answer had no length, or something was done to its bytes.
function lengthFaults({ query, export: { path, size } }) {
  const length = query?.get("response").get("content_length") ?? null;
  if (length === null || query.get("transformations").length || BigInt(length) === BigInt(size)) {
    return [];
  }
  const sides = `has ${count(size)} bytes, the answer that carried it ${count(length)}`;
  return [fault("manifest.content-length", path, sides)];
}

// Returns what the signed predicate says otherwise than the manifest.
export function claimsFaults(manifest, signed) {
  let statement;
  try {
    statement = readStatement(signed.payload);
  } catch (error) {
    if (!isError(error)) throw error;
    return []; // statementFaults names it
  }
  const text = (window) => window && `${window.start} to ${window.end}`;
  const pairs = [
    ["bundle_id", statement.bundle_id, manifest.bundleId],
    ["window", text(statement.window), text(manifest.window)],
    ["events", statement.events, manifest.facts.events],
    ["tree_root", statement.tree_root, manifest.facts.tree_root],
    ["previous", statement.previous, manifest.previous?.root ?? null],
  ];
  return pairs.filter(([, said, expected]) => said !== expected).map(([name, said, expected]) => {
    const sides = `${name} is ${short(said)}, the manifest says ${short(expected)}`;
    return fault("statement.claim", "statement", sides);
  });
}

// Returns every claimed fact that a fresh survey does not find.
export function factsFaults(manifest, { facts, file }) {
  const { shape, size, sha256, header } = manifest.export;
  const said = { ...manifest.facts, shape, size, sha256, header };
  const seen = Object.entries({ ...facts, ...file });
  return seen.filter(([name, value]) => !isSameFact(said[name], value)).map(([name, value]) => {
    return fault("facts.mismatch", MANIFEST, difference(name, said[name], value));
  });
}

// A map of counts has an order; the members of a record, such as a named event, have none.
function isSameFact(said, seen) {
  if (Array.isArray(said) && Array.isArray(seen)) {
    return said.length === seen.length && said.every((one, at) => isSameFact(one, seen[at]));
  }
  if (!(said instanceof Map && seen instanceof Map)) return same(said, seen);
  const isRecord = seen.has("bucket_seconds") || seen.has("position");
  const names = [...said.keys()];
  const areNamed = isRecord ? names.every((name) => seen.has(name)) : same(names, [...seen.keys()]);
  const isSame = (name) => isSameFact(said.get(name), seen.get(name));
  return areNamed && said.size === seen.size && names.every(isSame);
}

// Returns both sides of a fact, or of the first part of it that differs.
function difference(name, said, seen) {
  const areMaps = said instanceof Map && seen instanceof Map && said.size === seen.size;
  if (areMaps && [...seen.keys()].every((part) => said.has(part))) {
    for (const [part, value] of seen) {
      if (!isSameFact(said.get(part), value)) return difference(`${name}.${part}`, said.get(part), value);
    }
  }
  if (Array.isArray(said) && Array.isArray(seen) && said.length === seen.length) {
    const at = said.findIndex((one, index) => !isSameFact(one, seen[index]));
    if (at >= 0) return difference(`${name}[${at}]`, said[at], seen[at]);
  }
  return `${visible(name, 100)} is ${short(worded(said))}, the export gives ${short(worded(seen))}`;
}

// Returns a fact as people write it: counts after their names, lists by their length.
function worded(value) {
  if (value instanceof Map) {
    return [...value].map(([name, inner]) => `${name} ${worded(inner)}`).join(", ") || "empty";
  }
  if (Array.isArray(value)) return `(${value.length} values)`;
  if (value === null || value === undefined) return "absent";
  return String(value instanceof Real ? value.value : value);
}

// Returns whether the checks that the manifest lists are others than the facts give, as a fault; their
// sentences are compared where both versions word them alike.
export function checksFaults(manifest, checks, template) {
  const fields = manifest.template === template ? ["name", "outcome", "message"] : ["name", "outcome"];
  const claimed = manifest.checks.map((check) => fields.map((field) => check.get(field)));
  if (same(claimed, checks.map((check) => fields.map((field) => check[field])))) return [];
  const sides = "the checks it lists are not those that the facts give";
  return [fault("coverage.claimed", MANIFEST, sides)];
}

function gathered(work) {
  try {
    return work();
  } catch (error) {
    if (!isError(error)) throw error;
    return [error];
  }
}

function short(value) {
  return visible(String(value), 100);
}

function fault(code, where, sides) {
  return new RejectedError(code, `${visible(where, 300)}: ${sides}`);
}
