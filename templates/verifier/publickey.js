// Public keys, PEM or OpenSSH text, named by their OpenSSH fingerprint (core/publickey.py). Signatures
// are verified by the browser; which 32 bytes may stand for a point is decided here (core/ed25519.py).

import { EvidenceError, RejectedError, UndecidedError } from "./base.js";
import { base64, concat, fromBase64, fromHex, hex, latin1, packSsh, sameBytes } from "./bytes.js";
import { startsWith, unpackSsh, utf8 } from "./bytes.js";
import { fromDer, pointIsOnP256, toDer } from "./p256.js";
import { sha256 } from "./sha256.js";

export const ED25519 = "ed25519";
export const ECDSA_P256 = "ecdsa-p256";
const KINDS = "an Ed25519 or ECDSA P-256 public key";
// SubjectPublicKeyInfo in DER is a fixed head and the key (RFC 8410, RFC 5480).
const DER_HEADS = {
  [ED25519]: fromHex("302a300506032b6570032100"),
  [ECDSA_P256]: fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200"),
};
const SSH_HEADS = { [ED25519]: ["ssh-ed25519"], [ECDSA_P256]: ["ecdsa-sha2-nistp256", "nistp256"] };
const PEM = /^\s*-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END PUBLIC KEY-----\s*$/;

const P = 2n ** 255n - 19n;
const D = mod(-121_665n * power(121_666n, P - 2n));
const ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
const LOW_ORDER = [0n, 1n, P - 1n, ORDER_8, P - ORDER_8]; // y of all points of order 1, 2, 4, 8

export class PublicKey {
  constructor(algorithm, raw, what = "public key") {
    checkPoint(algorithm, raw, what);
    this.algorithm = algorithm;
    this.raw = raw;
    this.wire = packSsh(...SSH_HEADS[algorithm].map(utf8), raw);
    const digest = sha256(this.wire);
    this.fingerprint = `SHA256:${base64(digest).replace(/=+$/, "")}`;
    this.signerId = hex(digest).slice(0, 16);
  }

  // Returns the one key of a file, PEM or OpenSSH; throws UndecidedError with key.… codes.
  static fromBytes(data, what = "public key") {
    const text = latin1(data);
    if (text.includes("PRIVATE KEY-----")) {
      const hint = "give the .pub file, and never hand the private key on";
      throw new UndecidedError("key.private", `${what}: is a private key`, hint);
    }
    return text.includes("-----BEGIN") ? fromPem(text, what) : fromOpenSsh(text, what);
  }

  static fromWire(wire, what) {
    const strings = unpackSsh(wire);
    for (const [algorithm, head] of Object.entries(SSH_HEADS)) {
      const isSame = head.every((name, at) => strings[at] && latin1(strings[at]) === name);
      if (isSame && strings.length === head.length + 1) {
        return new PublicKey(algorithm, strings.at(-1), what);
      }
    }
    throw new UndecidedError("key.type", `${what}: is not ${KINDS}`);
  }

  get kind() {
    return SSH_HEADS[this.algorithm][0];
  }

  // Returns if `signature` is this key's over `data`; throws RejectedError otherwise.
  async verify(signature, data, what = "signature") {
    const isValid =
      this.algorithm === ED25519
        ? await verifyEd25519(this.raw, signature, data)
        : await verifyEcdsa(this.raw, signature, data);
    if (!isValid) {
      const told = `${what}: not a signature by ${this.fingerprint} over these bytes`;
      throw new RejectedError("signature.invalid", told);
    }
  }
}

function fromPem(text, what) {
  if (text.split("-----BEGIN").length > 2) {
    throw new UndecidedError("key.many", `${what}: holds several PEM blocks, expected one key`);
  }
  const match = PEM.exec(text);
  if (!match) throw new UndecidedError("key.type", `${what}: is not ${KINDS} in PEM form`);
  const der = decoded(match[1].replace(/\s+/g, ""), what);
  for (const [algorithm, head] of Object.entries(DER_HEADS)) {
    if (startsWith(der, head)) return new PublicKey(algorithm, der.slice(head.length), what);
  }
  throw new UndecidedError("key.type", `${what}: is not ${KINDS}, or is cut or damaged`);
}

function fromOpenSsh(text, what) {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() && !line.startsWith("#"));
  if (lines.length > 1) {
    throw new UndecidedError("key.many", `${what}: holds ${lines.length} lines, expected one key`);
  }
  const words = lines.length ? lines[0].trim().split(/[ \t]+/) : [];
  if (words.length < 2) {
    throw new UndecidedError("key.syntax", `${what}: is neither PEM nor OpenSSH text`);
  }
  try {
    const key = PublicKey.fromWire(decoded(words[1], what), what);
    if (key.kind === words[0]) return key;
  } catch (error) {
    if (error instanceof EvidenceError) throw error;
    throw new UndecidedError("key.syntax", `${what}: is cut or damaged`);
  }
  throw new UndecidedError("key.type", `${what}: is not ${KINDS}`);
}

function decoded(text, what) {
  const data = fromBase64(text);
  if (!data) throw new UndecidedError("key.syntax", `${what}: is cut or damaged (base64)`);
  return data;
}

async function verifyEd25519(raw, signature, data) {
  if (signature.length !== 64 || hasLowOrder(signature.subarray(0, 32))) return false;
  let key;
  try {
    key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  } catch {
    throw noBrowserSupport("Ed25519");
  }
  return crypto.subtle.verify("Ed25519", key, signature, data);
}

// An ECDSA signature is DER, and in the one DER spelling of its two numbers.
async function verifyEcdsa(raw, signature, data) {
  const numbers = fromDer(signature);
  if (!numbers || !sameBytes(toDer(...numbers), signature)) return false;
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  let key;
  try {
    key = await crypto.subtle.importKey("raw", raw, curve, false, ["verify"]);
  } catch {
    throw noBrowserSupport("ECDSA P-256");
  }
  const padded = numbers.map((one) => fromHex(one.toString(16).padStart(64, "0")));
  if (padded.some((one) => one.length !== 32)) return false;
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, concat(...padded), data);
}

function noBrowserSupport(name) {
  const hint = "use a current Chrome, Edge, Firefox or Safari, or run evidencekit verify";
  return new UndecidedError("browser.crypto", `this browser has no ${name}`, hint);
}

function checkPoint(algorithm, raw, what) {
  if (algorithm === ECDSA_P256) {
    if (raw.length !== 65 || raw[0] !== 4) {
      throw new UndecidedError("key.size", `${what}: a P-256 key is 65 bytes, uncompressed`);
    }
    if (!pointIsOnP256(raw)) {
      throw new UndecidedError("key.not-a-point", `${what}: is no point of the curve`);
    }
  } else if (raw.length !== 32) {
    const sides = `an Ed25519 key has 32 bytes, this one ${raw.length}`;
    throw new UndecidedError("key.size", `${what}: ${sides}`);
  } else if (hasLowOrder(raw)) {
    const told = "is a point of low order, under which forged signatures verify";
    throw new UndecidedError("key.low-order", `${what}: ${told}`);
  } else if (yOf(raw) >= P) {
    throw new UndecidedError("key.not-canonical", `${what}: is a second spelling of another key`);
  } else if (!isOnCurve(raw)) {
    throw new UndecidedError("key.not-a-point", `${what}: is no point of the curve`);
  }
}

export function hasLowOrder(point) {
  return LOW_ORDER.includes(mod(yOf(point)));
}

// Tells whether some x goes with this y: x² = (y² - 1) / (d y² + 1) has a root.
function isOnCurve(point) {
  const square = mod(yOf(point) ** 2n);
  const xSquare = mod((square - 1n) * power(mod(D * square + 1n), P - 2n));
  return [0n, 1n].includes(power(xSquare, (P - 1n) / 2n));
}

function yOf(point) {
  const number = BigInt(`0x${hex(Uint8Array.from(point).reverse())}`);
  return number & (2n ** 255n - 1n); // the top bit is the sign of x
}

function mod(number) {
  return ((number % P) + P) % P;
}

function power(base, exponent) {
  let result = 1n;
  for (let left = exponent, square = mod(base); left; left >>= 1n) {
    if (left & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}
