// Signature files: the DSSE envelope in a Sigstore bundle (core/dsse.py), and SSHSIG (core/sshsig.py).
// What `openSigned` returns was verified, and nothing gives a payload that was not.

import { EvidenceError, LIMITS, RejectedError, count } from "./base.js";
import { base64, concat, fromBase64, latin1, packSsh } from "./bytes.js";
import { sameBytes, startsWith, unpackSsh, utf8 } from "./bytes.js";
import { fromDer, fromMpint, toDer, toMpint } from "./p256.js";
import { ECDSA_P256, PublicKey } from "./publickey.js";
import { hasExactly, readJson } from "./strictjson.js";

const MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const SSHSIG_HEAD = concat(utf8("SSHSIG"), Uint8Array.of(0, 0, 0, 1));
const SSHSIG_TAIL = [utf8("evidencekit"), utf8(""), utf8("sha512")];
const ARMOR =
  /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n$/;

// Returns { payload, key, signature, tokens } of a Sigstore bundle that `key` signed.
export async function openSigned(document, key, what) {
  refuseLarge(document, what);
  const found = parseEnvelope(readJson(document, what), what);
  await key.verify(found.signature, preAuthEncoding(found.payload), what);
  if (found.hint !== key.fingerprint) {
    const told = `is signed by ${key.fingerprint}, its key id says otherwise`;
    throw new RejectedError("envelope.key-id", `${what}: ${told}`);
  }
  const signed = { ...found, key };
  if (!sameBytes(utf8(encoded(signed)), document)) {
    const told = "is not in the one form that a bundle with this content has";
    throw new RejectedError("envelope.form", `${what}: ${told}`);
  }
  return signed;
}

// Returns the key id of a Sigstore bundle, which says only which key to try.
export function claimedSigner(document, what) {
  refuseLarge(document, what);
  return parseEnvelope(readJson(document, what), what).hint;
}

function refuseLarge(document, what) {
  if (document.length <= LIMITS.MAX_ENVELOPE_BYTES) return;
  const most = `at most ${count(LIMITS.MAX_ENVELOPE_BYTES)} are read`;
  throw new RejectedError("envelope.size", `${what}: ${count(document.length)} bytes, ${most}`);
}

// Returns the bytes that a DSSE signature covers (PAE); lengths count bytes.
function preAuthEncoding(payload) {
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `;
  return concat(utf8(head), payload);
}

function encoded({ payload, key, signature, tokens }) {
  const verificationMaterial = { publicKey: { hint: key.fingerprint } };
  if (tokens.length) {
    const stamps = tokens.map((token) => ({ signedTimestamp: base64(token) }));
    verificationMaterial.timestampVerificationData = { rfc3161Timestamps: stamps };
  }
  const signatures = [{ sig: base64(signature), keyid: key.fingerprint }];
  const dsseEnvelope = { payload: base64(payload), payloadType: PAYLOAD_TYPE, signatures };
  const document = { mediaType: MEDIA_TYPE, verificationMaterial, dsseEnvelope };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function parseEnvelope(document, what) {
  const bundle = members(document, ["mediaType", "verificationMaterial", "dsseEnvelope"], what);
  mustBe(bundle.get("mediaType"), MEDIA_TYPE, "envelope.media-type", what);
  const found = bundle.get("verificationMaterial");
  const isStamped = found instanceof Map && found.has("timestampVerificationData");
  const names = isStamped ? ["publicKey", "timestampVerificationData"] : ["publicKey"];
  const material = members(found, names, what);
  const tokens = isStamped ? tokensOf(material.get("timestampVerificationData"), what) : [];
  const hint = members(material.get("publicKey"), ["hint"], what).get("hint");
  const inner = ["payload", "payloadType", "signatures"];
  const envelope = members(bundle.get("dsseEnvelope"), inner, what);
  mustBe(envelope.get("payloadType"), PAYLOAD_TYPE, "envelope.payload-type", what);
  const { signature, keyId } = signatureOf(envelope.get("signatures"), what);
  mustBe(keyId, hint, "envelope.key-id", what);
  return { payload: unbase64(envelope.get("payload"), what), signature, hint, tokens };
}

// Returns the one signature and its key id: none, several or an empty one are no signature.
function signatureOf(value, what) {
  if (Array.isArray(value) && value.length === 1) {
    const entry = members(value[0], ["sig", "keyid"], what, "envelope.signatures");
    if (entry.get("sig") && typeof entry.get("keyid") === "string") {
      return { signature: unbase64(entry.get("sig"), what), keyId: entry.get("keyid") };
    }
  }
  throw new RejectedError("envelope.signatures", `${what}: expected exactly one signature`);
}

function tokensOf(value, what) {
  const stamps = members(value, ["rfc3161Timestamps"], what).get("rfc3161Timestamps");
  if (!Array.isArray(stamps) || !stamps.length) {
    throw new RejectedError("envelope.shape", `${what}: expected a list of time-stamps`);
  }
  const entries = stamps.map((stamp) => members(stamp, ["signedTimestamp"], what));
  const tokens = entries.map((entry) => unbase64(entry.get("signedTimestamp"), what));
  const sized = tokens.every(
    (token) => token.length && token.length <= LIMITS.MAX_TIMESTAMP_TOKEN_BYTES,
  );
  const distinct = new Set(tokens.map(base64)).size === tokens.length;
  if (!sized || !distinct || tokens.length > LIMITS.MAX_TIMESTAMPS) {
    const told = "a time-stamp is empty, too large or there twice, or there are too many";
    throw new RejectedError("envelope.timestamps", `${what}: ${told}`);
  }
  return tokens;
}

function members(value, names, what, code = "envelope.shape") {
  if (!hasExactly(value, names)) {
    const told = `expected an object of ${names.join(", ")}, and no more`;
    throw new RejectedError(code, `${what}: ${told}`);
  }
  return value;
}

function mustBe(found, expected, code, what) {
  if (typeof found !== "string" || found !== expected) {
    const name = code.slice("envelope.".length);
    throw new RejectedError(code, `${what}: ${name} is not the one it must be`);
  }
}

function unbase64(text, what) {
  const data = fromBase64(text);
  if (!data) {
    throw new RejectedError("envelope.base64", `${what}: a value is not padded standard base64`);
  }
  return data;
}

// Returns if `document` is this key's SSHSIG file over `message`, in its one form.
export async function verifySshsig(document, message, key, what) {
  let fields;
  let signature;
  try {
    fields = sshsigFields(document);
    signature = fromSshWire(key, fields[4]);
  } catch (error) {
    if (error instanceof EvidenceError) throw error;
    throw new RejectedError("sshsig.syntax", `${what}: ${error.message}`);
  }
  if (!sameBytes(fields[0], key.wire)) {
    throw new RejectedError("sshsig.key", `${what}: is by another key than ${key.fingerprint}`);
  }
  if (!SSHSIG_TAIL.every((part, at) => sameBytes(part, fields[at + 1]))) {
    const told = "namespace or hash is not evidencekit and sha512";
    throw new RejectedError("sshsig.namespace", `${what}: ${told}`);
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", message));
  const covered = concat(utf8("SSHSIG"), packSsh(...SSHSIG_TAIL, digest));
  await key.verify(signature, covered, what);
  if (armored(key, signature) !== latin1(document)) {
    throw new RejectedError("sshsig.form", `${what}: is not as ssh-keygen would write it`);
  }
}

// Returns the key that an SSHSIG file was made with: whoever uses it must know its fingerprint from
// elsewhere. Null where there is none that could be read.
export function keyOfSshsig(document) {
  try {
    return PublicKey.fromWire(sshsigFields(document)[0], "key of the sshsig");
  } catch {
    return null;
  }
}

function sshsigFields(document) {
  const match = ARMOR.exec(latin1(document));
  const blob = match && fromBase64(match[1].replace(/\n/g, ""));
  if (!blob) throw new SyntaxError("is not an armored SSH signature");
  if (!startsWith(blob, SSHSIG_HEAD)) throw new SyntaxError("is not an SSHSIG of version 1");
  const fields = unpackSsh(blob.subarray(SSHSIG_HEAD.length));
  if (fields.length !== 5) throw new SyntaxError(`has ${fields.length} fields, expected 5`);
  return fields;
}

function armored(key, signature) {
  const packed = packSsh(key.wire, ...SSHSIG_TAIL, toSshWire(key, signature));
  const lines = base64(concat(SSHSIG_HEAD, packed)).match(/.{1,70}/g);
  const [head, tail] = ["-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"];
  return [head, ...lines, tail, ""].join("\n");
}

// An ECDSA signature is two integers to SSH (RFC 5656, 3.1.2) and DER to everybody else.
function toSshWire(key, signature) {
  if (key.algorithm !== ECDSA_P256) return packSsh(utf8(key.kind), signature);
  return packSsh(utf8(key.kind), packSsh(...fromDer(signature).map(toMpint)));
}

function fromSshWire(key, blob) {
  const [kind, signature] = two(unpackSsh(blob));
  if (key.algorithm !== ECDSA_P256 || latin1(kind) !== key.kind) return signature;
  return toDer(...two(unpackSsh(signature)).map(fromMpint));
}

function two(strings) {
  if (strings.length !== 2) {
    throw new SyntaxError(`has a signature of ${strings.length} parts, expected 2`);
  }
  return strings;
}
