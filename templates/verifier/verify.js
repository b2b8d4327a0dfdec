// Verify a bundle: examine it once, then ask every check (verifier.py, checks/).

import { EvidenceError, RejectedError, UndecidedError, count } from "./base.js";
import { bagFaults, checksFaults, claimsFaults, digestFaults, factsFaults } from "./comparison.js";
import { manifestFaults, statementFaults } from "./comparison.js";
import { judgeChain, openChain } from "./chain.js";
import { openBundle } from "./container.js";
import { completeness, schemaCheck } from "./coverage.js";
import { examine, isError } from "./examine.js";
import { fromUtf8 } from "./bytes.js";
import { SUMMARY_HTML, TAGMANIFEST } from "./names.js";
import { FAIL, NOT_ASKED, PASS, failed, notAsked, ofError, passed, skipped, undecided } from "./report.js";
import { verdictOf } from "./report.js";
import { called, judgeSigners } from "./standing.js";
import { readStatement } from "./statement.js";
import { readTrust } from "./trust.js";

const RUN = "run evidencekit verify";
const TRUST_HINT =
  "give the signer's public key, its fingerprint, or a trust file; " +
  "get it from the signer over another channel, never from the bundle";

const CHECKS = {
  container: checkContainer,
  checksums: checkChecksums,
  signature: checkSignature,
  trust: checkTrust,
  expectations: checkExpectations,
  timestamp: checkTimestamp,
  manifest: checkManifest,
  schema: checkSchema,
  facts: checkFacts,
  coverage: checkCoverage,
  summary: () => notAsked("summary", `this page does not render the pages again: ${RUN}`),
  custody: checkCustody,
};

// Returns { verdict, checks, subject, trusted, export, summary }. `bundle` is what openBundle takes;
// `keys` are files of { name, data }; `at` is in nanoseconds; `progress` gets bytes done and bytes in all.
export async function verify({ bundle, keys, fingerprint, at, given, progress }) {
  let trust;
  let found;
  try {
    const opened = await openBundle(bundle);
    trust = orError(() => readTrust(keys, fingerprint));
    const total = opened.names.reduce((sum, name) => sum + opened.size(name), 0);
    let done = 0;
    const advance = (bytes) => progress((done += bytes), total);
    found = await examine(opened, isError(trust) ? null : trust, given, advance);
  } catch (error) {
    if (!isError(error)) throw error;
    return concluded([ofError("container", error)]);
  }
  const signed = found.signatures.map(({ opened }) => opened).filter((one) => one?.payload);
  const links = await openChain(found.documents, isError(trust) ? null : trust);
  const judged = { ...found, links, trust, signed, at, template: given.template };
  const checks = Object.values(CHECKS).map((question) => question(judged));
  return concluded(checks.filter(Boolean), judged);
}

function concluded(checks, judged = null) {
  const verdict = verdictOf(checks);
  const isAccepted = verdict === "accepted";
  return {
    verdict,
    checks,
    subject: judged ? subjectOf(checks, judged) : {},
    trusted: judged ? trustedOf(judged.trust) : [],
    export: isAccepted ? { ...judged.manifest.export } : null,
    summary: isAccepted ? fromUtf8(judged.documents.get(SUMMARY_HTML)) : null,
  };
}

// Returns whom the receiver trusts, as a report names them.
function trustedOf(trust) {
  if (!trust || isError(trust)) return [];
  return trust.signers.map(called);
}

function checkContainer({ faults, form, digests }) {
  if (faults.length) return failed("container", faults);
  const unseen = form === "folder" ? " (a browser cannot tell whether one is a link)" : "";
  return passed("container", `${form} with ${digests.size} members, each in its place${unseen}`);
}

function checkChecksums(found) {
  const faults = [...digestFaults(found), ...bagFaults(found)];
  if (faults.length) return failed("checksums", faults);
  const unreadable = [...found.digests.values()].filter(isError);
  if (unreadable.length) return undecided("checksums", unreadable);
  const outside = (name) => name === TAGMANIFEST || /^(?:signatures|custody)\//.test(name);
  const listed = [...found.digests.keys()].filter((name) => !outside(name)).length;
  const root = found.digests.get(TAGMANIFEST);
  return passed("checksums", `${listed} files have the SHA-256 that is listed; root ${root}`);
}

function checkSignature(found) {
  const { signatures, signed, trust, manifest } = found;
  if (!signatures.length) {
    const told = "signatures: there are none in the bundle";
    return failed("signature", [new RejectedError("signature.none", told)]);
  }
  const errors = signatures.map(({ opened }) => opened).filter(isError);
  const faults = errors.filter((error) => error instanceof RejectedError);
  faults.push(...signed.flatMap((one) => statementFaults(found, one)));
  if (!isError(manifest) && !signatures.some((one) => one.signerId === manifest.signerId)) {
    const told = `signatures: hold none of ${manifest.signer}, who prepared the bundle`;
    faults.push(new RejectedError("signature.preparer", told));
  }
  if (faults.length) return failed("signature", faults);
  if (isError(trust)) return undecided("signature", [trust]);
  if (!trust) {
    const told = "no trusted key was given, so no signature was checked";
    return undecided("signature", [new UndecidedError("trust.none", told)]);
  }
  if (errors.length) return undecided("signature", errors);
  const signers = signatureForms(found).map(({ signer, present, absent }) => {
    const without = absent.length ? `; without ${dotted(absent)}` : "";
    return `${signer} (${dotted(present)}${without})`;
  });
  const told = `${signatures.length} signature files verify over the root, by ${signers.join(", ")}`;
  return passed("signature", told);
}

// Returns for each signer which files there are and which are absent. Only the envelope must be there:
// its companions say the same to other tools, and no signature covers that there are any.
function signatureForms({ signed, documents }) {
  const forms = signed.map(({ key: { fingerprint, signerId }, tokens }) => {
    const wanted = ["sigstore.json", "sig", "sshsig", ...(tokens.length ? ["tsr"] : [])];
    const isThere = (kind) => documents.has(`signatures/${signerId}.${kind}`);
    const absent = wanted.filter((kind) => !isThere(kind));
    return { signer: fingerprint, present: wanted.filter(isThere), absent };
  });
  return forms.sort((one, other) => (one.signer < other.signer ? -1 : 1));
}

function dotted(kinds) {
  return kinds.map((kind) => `.${kind}`).join(", ");
}

function checkTrust({ trust, signed, manifest, at }) {
  if (isError(trust)) return undecided("trust", [trust]);
  if (!trust) {
    const told = "nothing trusted was given: whose signature it is cannot be told";
    return undecided("trust", [new UndecidedError("trust.none", told, TRUST_HINT)]);
  }
  if (trust.missing) return undecided("trust", [trust.missing]);
  const { context, schema } = isError(manifest) ? {} : manifest;
  const of = { environment: context?.environment ?? null, schema: schema?.sha256 ?? null };
  return judgeSigners(trust, signed, { at, ...of });
}

// Only where keys and a fingerprint were given: the fingerprint then says who of them has to have
// signed, as --signer does beside --key.
function checkExpectations({ trust, signed, manifest }) {
  const { wanted } = trust && !isError(trust) ? trust : {};
  if (!wanted) return null;
  if (isError(manifest)) return skipped("expectations", "the manifest was not read");
  const signers = signed.map((one) => one.key.fingerprint).sort();
  if (signers.includes(wanted)) return passed("expectations", `as asked for: signed by ${wanted}`);
  const told = `signer is ${signers.join(", ") || "not declared"}, asked for ${wanted}`;
  return failed("expectations", [new RejectedError("expectations.signer", told)]);
}

function checkTimestamp({ trust, signatures }) {
  const stamps = signatures.reduce((sum, { opened }) => sum + (opened?.tokens?.length ?? 0), 0);
  if (trust && !isError(trust) && trust.policy.timestamp === "required") {
    const told = "your trust file requires a time-stamp, and this page does not read them";
    return undecided("timestamp", [new UndecidedError("timestamp.not-read", told, RUN)]);
  }
  const told = stamps
    ? `this page does not read the ${stamps} time-stamps in the bundle (${RUN})`
    : "no time-stamp";
  return notAsked("timestamp", `${told}: the signing time is the signer's word`);
}

function checkManifest(found) {
  const { manifest, signed } = found;
  if (isError(manifest)) return ofError("manifest", manifest);
  const faults = manifestFaults(found, manifest);
  faults.push(...signed.flatMap((one) => claimsFaults(manifest, one)));
  if (faults.length) return failed("manifest", faults);
  return passed("manifest", `${manifest.bundleId}: describes the members of this bundle`);
}

function checkSchema({ survey, manifest }) {
  if (isError(survey)) return ofError("schema", survey);
  if (!survey) return skipped("schema", "the manifest was not read");
  const invalid = manifest.schema.invalid_events;
  if (invalid) {
    const told = `by its own word, ${count(invalid)} events break the schema`;
    return failed("schema", [new RejectedError("schema.invalid-events", told)]);
  }
  const read = `${count(survey.facts.events)} events are well-formed`;
  return notAsked("schema", `${read}; this page does not judge them by the schema: ${RUN}`);
}

function checkFacts({ survey, manifest }) {
  if (isError(survey)) return skipped("facts", "the export could not be surveyed");
  if (!survey) return skipped("facts", "the manifest was not read");
  const faults = factsFaults(manifest, survey);
  if (faults.length) return failed("facts", faults);
  const told = `${count(survey.facts.events)} events surveyed again; they give every claimed fact`;
  return passed("facts", `${told}, but for how many break the schema`);
}

function checkCoverage({ survey, manifest, template }) {
  if (isError(survey)) return skipped("coverage", "the export could not be surveyed");
  if (!survey) return skipped("coverage", "the manifest was not read");
  const first = schemaCheck(survey.facts.events, manifest.schema.invalid_events);
  const checks = [first, ...completeness(survey.facts, manifest)];
  const broken = checks.slice(1).filter(({ outcome }) => outcome === FAIL);
  const faults = broken.map(({ code, message }) => new RejectedError(code, message));
  faults.push(...checksFaults(manifest, checks, template));
  if (faults.length) return failed("coverage", faults);
  const passing = checks.filter(({ outcome }) => outcome === PASS).map(({ name }) => name);
  const asked = checks.filter(({ outcome }) => outcome !== NOT_ASKED);
  const told = `${passing.length} of ${asked.length} completeness checks pass: ${passing.join(", ")}`;
  return passed("coverage", `${told}; how many events break the schema is the bundle's word`);
}

function checkCustody({ links, trust, digests, manifest, at }) {
  if (!links.length) return notAsked("custody", "no hand-over is recorded");
  if (!trust || isError(trust)) {
    const told = `${links.length} records, and no trusted key was given to check them with`;
    return undecided("custody", [new UndecidedError("trust.none", told)]);
  }
  const root = digests.get(TAGMANIFEST);
  if (root === undefined || isError(root)) return skipped("custody", "the root could not be read");
  const preparedBy = isError(manifest) ? null : manifest.signer;
  return judgeChain(links, { root, trust, at, preparedBy });
}

// Returns what verified bytes say of the bundle; each member needs the checks before it.
function subjectOf(checks, { form, digests, documents, manifest, signed, survey }) {
  const has = (...names) =>
    names.every((name) => checks.find((check) => check.name === name)?.outcome === PASS);
  if (!has("container", "checksums")) return {};
  const subject = { form, root: digests.get(TAGMANIFEST) };
  if (!has("signature", "trust", "manifest")) return subject;
  Object.assign(subject, {
    bundle_id: manifest.bundleId,
    signers: signed.map((one) => one.key.fingerprint).sort(),
    signatures: signatureForms({ signed, documents }),
    signed_at: signed.map((one) => readStatement(one.payload).signed_at).sort()[0],
    environment: manifest.context.environment,
    window: manifest.window && { ...manifest.window },
    prepared_by: manifest.context.prepared_by,
    purpose: manifest.context.purpose,
    incident: manifest.context.incident,
    export_sha256: manifest.export.sha256,
  });
  if (has("facts")) {
    const { events, tree_root } = survey.facts;
    Object.assign(subject, { events, tree_root });
  }
  return subject;
}

function orError(work) {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return error;
  }
}
