// Read a bundle once, in an order that is safe, and keep everything that judging it needs
// (examination.py). Each part is the value that was found or the error that stood in its place.

import { EvidenceError, RejectedError, UndecidedError, visible } from "./base.js";
import { parseChecksums } from "./bag.js";
import { hex } from "./bytes.js";
import { readManifest } from "./manifest.js";
import { CHECKSUMS, MANIFEST, SCHEMA, TAGMANIFEST, isLarge } from "./names.js";
import { signatureParts, signerId } from "./names.js";
import { sha256 } from "./sha256.js";
import { claimedSigner, keyOfSshsig, openSigned, verifySshsig } from "./signatures.js";
import { hashStream, surveyExport } from "./survey.js";
import { addKey } from "./trust.js";

export const isError = (value) => value instanceof EvidenceError;

// `given` holds the manifest's schema, and of the event schema the SHA-256 and the coercions of its
// columns; `progress` gets bytes.
export async function examine(bundle, trust, given, progress) {
  const found = { form: bundle.form, bundleId: bundle.id, faults: bundle.faults };
  found.sizes = new Map(bundle.names.map((name) => [name, bundle.size(name)]));
  found.documents = new Map();
  found.digests = new Map();
  for (const name of bundle.names.filter((one) => !isLarge(one))) {
    await readSmall(bundle, name, found);
    progress(bundle.size(name));
  }
  found.listed = tableOf(found.documents, CHECKSUMS);
  found.tagged = tableOf(found.documents, TAGMANIFEST);
  found.manifest = manifestOf(found, given.manifestSchema);
  found.survey = isError(found.manifest) ? null : withoutExport(bundle, found, given);
  for (const name of bundle.names.filter(isLarge)) {
    const isExport = !isError(found.manifest) && found.manifest.export.path === name;
    await readLarge(bundle, name, isExport, found, given, progress);
  }
  if (trust?.fingerprint) findKey(trust, found.documents);
  found.signatures = await openSignatures(found.documents, trust);
  return found;
}

async function readSmall(bundle, name, found) {
  try {
    found.documents.set(name, await bundle.read(name));
    found.digests.set(name, hex(sha256(found.documents.get(name))));
  } catch (error) {
    if (!isError(error)) throw error;
    found.digests.set(name, error);
  }
}

async function readLarge(bundle, name, isExport, found, given, progress) {
  if (!isExport) {
    found.digests.set(name, await hashStream(bundle.open(name), progress));
    return;
  }
  const unknown = unknownSchema(found, given.schemaSha256);
  const { digest, survey } = unknown
    ? { digest: await hashStream(bundle.open(name), progress), survey: unknown }
    : await surveyExport(bundle.open(name), questionOf(found.manifest, given), progress);
  found.digests.set(name, digest);
  found.survey = survey;
}

// Returns why there is no export to survey, or null.
function withoutExport(bundle, found, { schemaSha256 }) {
  const { path } = found.manifest.export;
  if (bundle.names.includes(path)) return null;
  const told = `${path}: is not there`;
  return unknownSchema(found, schemaSha256) ?? new RejectedError("container.missing", told);
}

function questionOf({ export: { format }, window, context }, { coercions }) {
  const { request_ids, escalation_ids } = context;
  return { format, window, request_ids, escalation_ids, coercions };
}

function tableOf(documents, name) {
  if (!documents.has(name)) {
    return new RejectedError("checksums.missing", `${name}: missing or not readable`);
  }
  return orError(() => parseChecksums(documents.get(name), name));
}

// Reads the manifest once the chain of digests from the root to it holds.
function manifestOf({ documents, digests, listed, tagged }, schema) {
  return orError(() => {
    for (const [name, lists, table] of [
      [CHECKSUMS, TAGMANIFEST, tagged],
      [MANIFEST, CHECKSUMS, listed],
    ]) {
      if (isError(table)) throw table;
      if (!documents.has(name)) {
        throw new RejectedError("manifest.missing", `${name}: missing or not readable`);
      }
      if (table.get(name) !== digests.get(name)) {
        throw new RejectedError("checksums.mismatch", `${name}: is not what ${lists} lists`);
      }
    }
    return readManifest(documents.get(MANIFEST), schema);
  });
}

// Returns why events would be judged by a schema that this page does not know, or null.
function unknownSchema({ manifest, digests }, ours) {
  if (manifest.schema.sha256 === ours && digests.get(SCHEMA) === ours) return null;
  const sides = `the bundle's schema has sha256 ${manifest.schema.sha256}, this page's ${ours}`;
  const hint = "run evidencekit verify, and name the schema you expect with --schema";
  return new UndecidedError("schema.unknown", `${SCHEMA}: ${sides}`, hint);
}

// No key found in a bundle is trusted, unless it has the very fingerprint that the receiver gave: the
// fingerprint is then what is trusted, and the bundle only spells it out.
function findKey(trust, documents) {
  const { fingerprint } = trust;
  const isBySigner = (name) => signatureParts(name)?.signerId === signerId(fingerprint);
  const names = [...documents.keys()].filter(isBySigner);
  for (const name of names.filter((one) => one.endsWith(".sshsig"))) {
    const key = keyOfSshsig(documents.get(name));
    if (key?.fingerprint === fingerprint) addKey(trust, key);
  }
  if (names.length && !trust.signers.some(({ key }) => key.fingerprint === fingerprint)) {
    const told = `the bundle is signed by ${fingerprint}, and does not spell out that key`;
    const hint = "give the public key file instead of its fingerprint";
    trust.missing = new UndecidedError("key.missing", told, hint);
  }
}

// Opens the envelopes first: a time-stamp file is compared with what its envelope holds.
async function openSignatures(documents, trust) {
  const names = [...documents.keys()].filter((name) => name.startsWith("signatures/")).sort();
  const opened = new Map();
  const isEnvelope = (name) => name.endsWith(".sigstore.json");
  const inOrder = [...names.filter(isEnvelope), ...names.filter((name) => !isEnvelope(name))];
  for (const name of inOrder) {
    try {
      opened.set(name, await openSignature(name, documents, trust, opened));
    } catch (error) {
      if (!isError(error)) throw error;
      opened.set(name, error);
    }
  }
  return names.map((name) => {
    return { name, signerId: signatureParts(name).signerId, opened: opened.get(name) };
  });
}

async function openSignature(name, documents, trust, opened) {
  const { signerId: signer, kind } = signatureParts(name);
  const envelope = `signatures/${signer}.sigstore.json`;
  if (!documents.has(envelope)) {
    const told = `${name}: stands alone, without the signer's ${envelope}`;
    throw new RejectedError("signature.no-envelope", told);
  }
  const key = trust?.signers.map((one) => one.key).find((one) => one.signerId === signer);
  if (!key) throw unknownKey(name, documents.get(envelope), trust);
  const covered = documents.get(TAGMANIFEST) ?? new Uint8Array();
  const data = documents.get(name);
  if (kind === "sigstore.json") return openSigned(data, key, name);
  if (kind === "sig") await key.verify(data, covered, name);
  else if (kind === "sshsig") await verifySshsig(data, covered, key, name);
  else checkCopy(name, data, opened.get(envelope));
  return key;
}

function unknownKey(name, envelope, trust) {
  if (!trust) return new UndecidedError("trust.none", `${name}: no trusted key was given`);
  const fingerprints = [...trust.signers.map(({ key }) => key.fingerprint), trust.fingerprint];
  const known = [...new Set(fingerprints.filter(Boolean))].join(", ");
  const said = orError(() => claimedSigner(envelope, name));
  const by = isError(said) ? "a key that it does not tell" : `${visible(said)} (its own word)`;
  const told = `${name}: signed by ${by}; you trust ${known}`;
  const hint =
    "ask the signer, by another way than the bundle came, which key is theirs; trust no key because " +
    "a bundle names it";
  return new UndecidedError("signature.unknown-key", told, hint);
}

// Throws unless a .tsr file is a copy of a time-stamp that its envelope holds.
function checkCopy(name, token, envelope) {
  if (isError(envelope)) throw envelope;
  if (!envelope.tokens.some((one) => hex(one) === hex(token))) {
    const told = `${name}: is not one of the time-stamps in the signer's envelope`;
    throw new RejectedError("signature.time-stamp-copy", told);
  }
}

function orError(work) {
  try {
    return work();
  } catch (error) {
    if (!isError(error)) throw error;
    return error;
  }
}
