// Is the chain of hand-overs whole? Each record by itself, then each against the one before
// (core/chain.py). Time-stamps are not judged here: where one could change the answer, it is "could
// not tell".

import { EvidenceError, LIMITS, RejectedError, UndecidedError, visible } from "./base.js";
import { hex } from "./bytes.js";
import { RELEASED, readRecord } from "./custody.js";
import { NANOSECONDS, formatInstant } from "./instant.js";
import { failed, notAsked, passed, undecided } from "./report.js";
import { sha256 } from "./sha256.js";
import { claimedSigner, openSigned } from "./signatures.js";
import { timeErrors } from "./standing.js";

const SKEW = BigInt(LIMITS.MAX_CLOCK_SKEW_SECONDS) * NANOSECONDS;

// Returns each record of a bundle's documents, in the order of their numbers: what it says and who
// signed it, or the error in its place.
export async function openChain(documents, trust) {
  const names = [...documents.keys()].filter((name) => name.startsWith("custody/")).sort();
  const links = [];
  for (const [at, name] of names.entries()) {
    const data = documents.get(name);
    const link = { name, number: at + 1, digest: hex(sha256(data)) };
    links.push({ ...link, ...(trust ? await opened(name, data, trust.signers) : {}) });
  }
  return links;
}

async function opened(name, data, signers) {
  try {
    const said = claimedSigner(data, name);
    const signer = signers.find(({ key }) => key.fingerprint === said);
    if (!signer) {
      const told = `is signed by ${visible(said)}, who is not in your trust file`;
      const hint = "whoever took part in a hand-over must be trusted, too: drop that public key as well";
      throw new UndecidedError("custody.unknown-key", `${name}: ${told}`, hint);
    }
    const signed = await openSigned(data, signer.key, name);
    return { signer, signed, record: readRecord(signed.payload, name) };
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return { error };
  }
}

// Returns the check named custody, as of `at`, for the links of the bundle of `root`; `preparedBy` is
// the fingerprint of the first holder, or null where it is not known.
export function judgeChain(links, { root, trust, at, preparedBy }) {
  if (!links.length) return notAsked("custody", "no hand-over is recorded");
  const errors = links.flatMap((link, place) => [
    ...ownFaults(link, root, at),
    ...timeFaults(link, links.slice(place), at, trust),
  ]);
  errors.push(...orderFaults(links), ...holderFaults(links, preparedBy));
  if (!errors.length) return passed("custody", timeline(links, trust.signers).join("; "));
  const isNo = errors.some((error) => error instanceof RejectedError);
  return (isNo ? failed : undecided)("custody", errors);
}

// One line for each record: when, who, what, to whom.
function timeline(links, signers) {
  const nameOf = (fingerprint) => {
    const signer = signers.find(({ key }) => key.fingerprint === fingerprint);
    return signer ? visible(signer.name) : fingerprint;
  };
  return links.map(({ number, record }) => {
    const actor = record.actor === null ? "" : ` (${visible(record.actor)})`;
    const to = record.next_holder === null ? "" : ` to ${nameOf(record.next_holder)}`;
    return `${number}. ${record.at} ${record.action}${to} by ${nameOf(record.signer)}${actor}`;
  });
}

// What is wrong with one record, whatever the others say.
function ownFaults(link, root, at) {
  const { error, record, signer } = link;
  if (error) return [error];
  const { fingerprint } = signer.key;
  const faults = [];
  if (record.root !== root) {
    faults.push(fault("root", link, `is about the root ${record.root}, this bundle's is ${root}`));
  }
  if (record.signer !== fingerprint) {
    faults.push(fault("signer", link, `names ${record.signer}, and ${fingerprint} signed it`));
  }
  if (record.role !== null && signer.roles.length && !signer.roles.includes(record.role)) {
    const allowed = signer.roles.map((role) => visible(role)).join(", ");
    faults.push(fault("role", link, `acts as ${visible(record.role)}, may act as ${allowed}`));
  }
  if (record.instant > at + SKEW) {
    const sides = `is of ${record.at}, judged as of ${formatInstant(at)}`;
    const hint = "check this computer's clock";
    faults.push(new UndecidedError("custody.future", `${link.name}: ${sides}`, hint));
  }
  return faults;
}

// Why a record's time does not count, by its word; a time-stamp on it decides, and one on a later
// record proves by when it existed.
function timeFaults({ name, record, signer, signed }, onwards, at, { authorities }) {
  if (!record) return [];
  const isStamped = (one) => authorities.length > 0 && one?.tokens.length > 0;
  const errors = timeErrors(signer, { claimed: record.instant, judged: at, isStamped: false });
  const mayBeSaved = errors.length > 0 && onwards.some((link) => isStamped(link.signed));
  if (!isStamped(signed) && !mayBeSaved) return errors;
  const told = "a time-stamp on it or on a later record decides, which this page does not read";
  return [new UndecidedError("timestamp.not-read", `${name}: ${told}`)];
}

// Where numbers, digests and times do not follow one another.
function orderFaults(links) {
  const digests = new Map([[null, 0]]);
  const faults = [];
  let latest = null;
  links.forEach((link, at) => {
    const { record } = link;
    if (record) {
      if (record.number !== link.number) {
        faults.push(fault("order", link, `says it is record ${record.number}, not ${link.number}`));
      }
      const expected = at ? links[at - 1].digest : null;
      if (record.previous !== expected) faults.push(broken(link, digests));
      if (latest && record.instant < latest.instant) {
        faults.push(fault("time", link, `is of ${record.at}, the one before of ${latest.at}`));
      }
      latest = record;
    }
    digests.set(link.digest, link.number);
  });
  return faults;
}

// Tells two records on one ground from one on a ground that is not here.
function broken(link, digests) {
  const place = digests.get(link.record.previous);
  if (place === undefined) {
    const told = "follows a record that is not in this bundle: one was changed, or taken out";
    return fault("chain", link, told);
  }
  const what = place ? `record ${place}` : "the beginning";
  return fault("fork", link, `follows ${what}, which another record follows already`);
}

// Where somebody acts who does not hold the bundle and was not named to. Who receives and does not
// accept leaves it with whom it was with.
function holderFaults(links, preparedBy) {
  const faults = [];
  let holder = preparedBy;
  let named = null;
  for (const link of links) {
    if (!link.record) break;
    const { signer: who, action, next_holder } = link.record;
    if (action === RELEASED) {
      if (holder !== null && holder !== who) {
        faults.push(fault("holder", link, `is released by ${who}, and ${holder} holds it`));
      }
      [holder, named] = [who, next_holder];
      continue;
    }
    if (named !== null && named !== who) {
      faults.push(fault("holder", link, `is received by ${who}, it was released to ${named}`));
    }
    if (named === null && link.number > 1 && holder !== who) {
      const told = `is received by ${who}, and ${holder} released it to nobody`;
      faults.push(fault("holder", link, told));
    }
    [holder, named] = action === "accepted" ? [who, null] : [holder, who];
  }
  return faults;
}

function fault(what, { name }, told) {
  return new RejectedError(`custody.${what}`, `${name}: ${told}`);
}
