// Do these signatures count? Each by the conditions of its key, then all by the policy
// (core/standing.py). Time-stamps are not judged here: where one could change the answer, the answer
// is "could not tell".

import { EvidenceError, RejectedError, UndecidedError, visible } from "./base.js";
import { formatInstant, parseInstant } from "./instant.js";
import { failed, passed, undecided } from "./report.js";
import { readStatement } from "./statement.js";
import { COMPROMISED } from "./trust.js";

const FORMAT = 1; // of every bundle that can be read here
const DAY = 86_400n * 1_000_000_000n;

// Returns the check named trust, as of `at`, for a bundle of that environment and event schema (its
// SHA-256; null where it could not be read).
export function judgeSigners(trust, signed, { at, environment, schema }) {
  const standings = new Map();
  for (const one of signed) {
    const signer = trust.signers.find((s) => s.key.fingerprint === one.key.fingerprint);
    const isStamped = one.tokens.length > 0 && trust.authorities.length > 0;
    const moment = { claimed: claimedTime(one), judged: at, isStamped };
    const before = standings.get(signer) ?? [];
    const errors = [...errorsOf(signer, moment, environment), age(signer, moment, trust.policy)];
    standings.set(signer, [...before, ...errors.filter(Boolean)]);
  }
  const refused = [ofSchema(trust.policy, schema), ofFormat(trust.policy)].filter(Boolean);
  if (refused.length) return failed("trust", refused);
  return conclude([...standings], trust.policy);
}

function conclude(standings, policy) {
  const isNo = (error) => error instanceof RejectedError;
  const good = standings.filter(([, errors]) => !errors.length).map(([signer]) => signer);
  const hopeful = standings.filter(([, errors]) => !errors.some(isNo)).map(([signer]) => signer);
  const errors = standings.flatMap(([, found]) => found);
  const lack = lacking(good, policy);
  if (!lack) {
    const names = good.map(called).join(", ");
    const told = `signed by ${names}; ${good.length} of ${policy.signaturesRequired} needed`;
    return passed("trust", told + errors.map((e) => `; not counted: ${e.message}`).join(""));
  }
  if (!errors.length || policy.signaturesRequired > 1 || policy.rolesRequired.length) {
    errors.push(lack);
  }
  return (lacking(hopeful, policy) ? failed : undecided)("trust", errors);
}

// A key without a name of its own is called by its fingerprint.
export function called({ name, key: { fingerprint } }) {
  return name === fingerprint ? fingerprint : `${visible(name)} (${fingerprint})`;
}

// Returns what the policy misses in these signers, each with a key of its own.
function lacking(good, policy) {
  if (!good.length) {
    const hint = "compare the key you gave with the one that signed, and ask the signer which is theirs";
    return new RejectedError("trust.unknown-signer", "no signature by a key you trust counts", hint);
  }
  if (good.length < policy.signaturesRequired) {
    const needed = `${policy.signaturesRequired} needed`;
    const told = `signatures by ${good.length} distinct keys count, ${needed}`;
    return new RejectedError("trust.threshold", told);
  }
  if (!isCast(policy.rolesRequired, good)) {
    const wanted = policy.rolesRequired.map((role) => visible(role)).join(", ");
    const told = `not every role is signed for by its own key: ${wanted}`;
    return new RejectedError("trust.roles", told);
  }
  return null;
}

// Tells whether each role can be given to another signer who has it.
function isCast(roles, signers) {
  if (!roles.length) return true;
  const able = signers.filter((signer) => signer.roles.includes(roles[0]));
  return able.some((one) => isCast(roles.slice(1), signers.filter((other) => other !== one)));
}

function errorsOf(signer, moment, environment) {
  const undecided = unproven(signer, moment);
  const found = undecided ? [undecided] : timeErrors(signer, moment);
  return [...found, ofEnvironment(signer, environment)].filter(Boolean);
}

// Returns why a signature of this moment does not count: a revocation, or the validity.
export function timeErrors(signer, moment) {
  return [revocation(signer, moment), validity(signer, moment)].filter(Boolean);
}

// A time-stamp tells a later time than the signer did, or saves a revoked or expired key.
function unproven(signer, { isStamped }) {
  const hasEnd = (signer.revokedAt ?? signer.validUntil ?? null) !== null;
  if (!isStamped || !hasEnd) return null;
  const told = "its key was revoked or has an end, so the time-stamp decides, which is not read here";
  const hint = "run evidencekit verify, which reads time-stamps";
  return new UndecidedError("timestamp.not-read", `${visible(signer.name)}: ${told}`, hint);
}

// Refuses what was signed after a revocation, and of a compromised key what may have been.
function revocation(signer, { claimed }) {
  if ((signer.revokedAt ?? null) === null) return null;
  const when = signer.revokedReason === COMPROMISED ? null : claimed;
  if (when !== null && when < signer.revokedAt) return null;
  const revoked = `revoked ${formatInstant(signer.revokedAt)} (${signer.revokedReason})`;
  const told = `${visible(signer.name)}: ${revoked}, ${toldTime(claimed)}`;
  return new RejectedError("trust.revoked", told);
}

// Refuses what was signed outside the validity; an expired key's own word decides nothing.
function validity(signer, { claimed, judged }) {
  const [start, end] = [signer.validFrom ?? null, signer.validUntil ?? null];
  if (start === null && end === null) return null;
  const told = (instant) => (instant === null ? "ever" : formatInstant(instant));
  const valid = `valid from ${told(start)} until ${told(end)}`;
  const sides = `${visible(signer.name)}: ${valid}, ${toldTime(claimed)}`;
  if (claimed === null) return new UndecidedError("trust.validity", sides);
  if ((start !== null && claimed < start) || (end !== null && claimed >= end)) {
    return new RejectedError("trust.validity", sides);
  }
  if (end === null || judged < end) return null;
  const hint = "the key has expired since; only a trusted time-stamp can show that it had not";
  return new UndecidedError("trust.validity", `${sides}, judged ${formatInstant(judged)}`, hint);
}

// Refuses a signature that is older than the policy allows. From a time-stamp on it counts where there
// is one, so then it cannot be told here.
function age(signer, { claimed, judged, isStamped }, { maximumAge }) {
  if (maximumAge === null) return null;
  const days = (maximumAge / DAY).toLocaleString("en-US");
  const most = `judged ${formatInstant(judged)}, at most ${days} days count`;
  const sides = `${visible(signer.name)}: ${toldTime(claimed)}, ${most}`;
  if (isStamped) {
    const told = `${sides}; its age counts from the time-stamp, which is not read here`;
    const hint = "run evidencekit verify, which reads time-stamps";
    return new UndecidedError("timestamp.not-read", told, hint);
  }
  if (claimed === null) return new UndecidedError("trust.age", sides);
  return judged - claimed > maximumAge ? new RejectedError("trust.age", sides) : null;
}

function ofSchema({ schemas }, schema) {
  if (!schemas.length || schemas.includes(schema)) return null;
  const told = `policy: made with schema ${schema ?? "(not read)"}, allowed ${schemas.join(", ")}`;
  return new RejectedError("trust.schema", told);
}

function ofFormat({ minimumFormat }) {
  if (FORMAT >= minimumFormat) return null;
  const told = `policy: the bundle has format ${FORMAT}, at least ${minimumFormat} is asked`;
  return new RejectedError("trust.format", told);
}

function ofEnvironment(signer, environment) {
  if (!signer.environments.length || signer.environments.includes(environment)) return null;
  const allowed = signer.environments.map((one) => visible(one)).join(", ");
  const found = environment === null ? "none" : visible(environment);
  const sides = `may sign for ${allowed}, the bundle's environment is ${found}`;
  return new RejectedError("trust.environment", `${visible(signer.name)}: ${sides}`);
}

// A bad statement is another check's fault.
function claimedTime(signed) {
  try {
    return parseInstant(readStatement(signed.payload).signed_at);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return null;
  }
}

function toldTime(claimed) {
  if (claimed === null) return "signed at a time it does not say";
  return `signed ${formatInstant(claimed)} by its own word`;
}
