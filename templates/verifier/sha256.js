// SHA-256 (FIPS 180-4) in pieces: browsers hash whole buffers only, and an export may have 1 GB.

const K = Int32Array.from(roots(64, 3));
const START = Int32Array.from(roots(8, 2));

// Returns the first 32 fraction bits of the square or cube roots of the first primes.
function roots(howMany, degree) {
  const found = [];
  for (let number = 2; found.length < howMany; number += 1) {
    let isPrime = true;
    for (let factor = 2; factor * factor <= number; factor += 1) isPrime &&= number % factor !== 0;
    if (isPrime) found.push(fraction(BigInt(number), BigInt(degree)));
  }
  return found;
}

// Floating point would round some of them wrongly, so the root is sought among whole numbers.
function fraction(prime, degree) {
  const wanted = prime << (32n * degree);
  let root = 0n;
  for (let bit = 1n << 40n; bit; bit >>= 1n) {
    if ((root | bit) ** degree <= wanted) root |= bit;
  }
  return Number(BigInt.asIntN(32, root));
}

export class Sha256 {
  constructor() {
    this.state = Int32Array.from(START);
    this.rest = new Uint8Array(64); // the bytes that do not fill a block yet
    this.filled = 0;
    this.length = 0;
  }

  update(data) {
    this.length += data.length;
    let at = 0;
    if (this.filled) {
      at = Math.min(64 - this.filled, data.length);
      this.rest.set(data.subarray(0, at), this.filled);
      this.filled += at;
      if (this.filled < 64) return this;
      compress(this.state, this.rest, 0, 64);
      this.filled = 0;
    }
    const whole = at + ((data.length - at) & ~63);
    compress(this.state, data, at, whole);
    this.filled = data.length - whole;
    if (this.filled) this.rest.set(data.subarray(whole));
    return this;
  }

  // Returns the 32 bytes; the object is used up.
  digest() {
    const bits = this.length * 8;
    const block = this.rest;
    block[this.filled] = 0x80;
    block.fill(0, this.filled + 1);
    if (this.filled >= 56) {
      compress(this.state, block, 0, 64);
      block.fill(0);
    }
    const view = new DataView(block.buffer);
    view.setUint32(56, Math.floor(bits / 2 ** 32));
    view.setUint32(60, bits >>> 0);
    compress(this.state, block, 0, 64);
    return toBytes(this.state);
  }
}

export function sha256(...parts) {
  const hash = new Sha256();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const SCRATCH = new Uint8Array(64 * 1024);
const SCRATCH_VIEW = new DataView(SCRATCH.buffer);
const SCRATCH_STATE = new Int32Array(8);

// Returns the digest of one byte and some data: for the many short ones of a tree, without making
// an object for each.
export function sha256Prefixed(prefix, data) {
  const length = data.length + 1;
  const end = (length + 72) & ~63;
  if (end > SCRATCH.length) return sha256(Uint8Array.of(prefix), data);
  SCRATCH[0] = prefix;
  SCRATCH.set(data, 1);
  SCRATCH[length] = 0x80;
  SCRATCH.fill(0, length + 1, end);
  SCRATCH_VIEW.setUint32(end - 4, length * 8);
  SCRATCH_STATE.set(START);
  compress(SCRATCH_STATE, SCRATCH, 0, end);
  return toBytes(SCRATCH_STATE);
}

function toBytes(state) {
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  for (let at = 0; at < 8; at += 1) view.setInt32(4 * at, state[at]);
  return digest;
}

// Works the blocks of data[from, to) into the state: the sums of the standard's section 6.2.2, sixteen
// rounds written out, each with the letters moved on by one, so that no value has to move. The rest
// of the message schedule takes the place of the sixteen words before it. Functions for the sums
// would read better and be five times as slow: there are more than V8 is willing to inline.
function compress(state, data, from, to) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let h0 = state[0], h1 = state[1], h2 = state[2], h3 = state[3];
  let h4 = state[4], h5 = state[5], h6 = state[6], h7 = state[7];
  for (let at = from; at < to; at += 64) {
    let w0 = view.getInt32(at);
    let w1 = view.getInt32(at + 4);
    let w2 = view.getInt32(at + 8);
    let w3 = view.getInt32(at + 12);
    let w4 = view.getInt32(at + 16);
    let w5 = view.getInt32(at + 20);
    let w6 = view.getInt32(at + 24);
    let w7 = view.getInt32(at + 28);
    let w8 = view.getInt32(at + 32);
    let w9 = view.getInt32(at + 36);
    let w10 = view.getInt32(at + 40);
    let w11 = view.getInt32(at + 44);
    let w12 = view.getInt32(at + 48);
    let w13 = view.getInt32(at + 52);
    let w14 = view.getInt32(at + 56);
    let w15 = view.getInt32(at + 60);
    let a = h0, b = h1, c = h2, d = h3, e = h4, f = h5, g = h6, h = h7, t = 0;
    for (let i = 0; ; i += 16) {
      t = (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) | 0;
      t = (h + t + (g ^ (e & (f ^ g))) + K[i] + w0) | 0;
      d = (d + t) | 0;
      t += ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      h = (t + ((a & b) | (c & (a | b)))) | 0;
      t = (((d >>> 6) | (d << 26)) ^ ((d >>> 11) | (d << 21)) ^ ((d >>> 25) | (d << 7))) | 0;
      t = (g + t + (f ^ (d & (e ^ f))) + K[i + 1] + w1) | 0;
      c = (c + t) | 0;
      t += ((h >>> 2) | (h << 30)) ^ ((h >>> 13) | (h << 19)) ^ ((h >>> 22) | (h << 10));
      g = (t + ((h & a) | (b & (h | a)))) | 0;
      t = (((c >>> 6) | (c << 26)) ^ ((c >>> 11) | (c << 21)) ^ ((c >>> 25) | (c << 7))) | 0;
      t = (f + t + (e ^ (c & (d ^ e))) + K[i + 2] + w2) | 0;
      b = (b + t) | 0;
      t += ((g >>> 2) | (g << 30)) ^ ((g >>> 13) | (g << 19)) ^ ((g >>> 22) | (g << 10));
      f = (t + ((g & h) | (a & (g | h)))) | 0;
      t = (((b >>> 6) | (b << 26)) ^ ((b >>> 11) | (b << 21)) ^ ((b >>> 25) | (b << 7))) | 0;
      t = (e + t + (d ^ (b & (c ^ d))) + K[i + 3] + w3) | 0;
      a = (a + t) | 0;
      t += ((f >>> 2) | (f << 30)) ^ ((f >>> 13) | (f << 19)) ^ ((f >>> 22) | (f << 10));
      e = (t + ((f & g) | (h & (f | g)))) | 0;
      t = (((a >>> 6) | (a << 26)) ^ ((a >>> 11) | (a << 21)) ^ ((a >>> 25) | (a << 7))) | 0;
      t = (d + t + (c ^ (a & (b ^ c))) + K[i + 4] + w4) | 0;
      h = (h + t) | 0;
      t += ((e >>> 2) | (e << 30)) ^ ((e >>> 13) | (e << 19)) ^ ((e >>> 22) | (e << 10));
      d = (t + ((e & f) | (g & (e | f)))) | 0;
      t = (((h >>> 6) | (h << 26)) ^ ((h >>> 11) | (h << 21)) ^ ((h >>> 25) | (h << 7))) | 0;
      t = (c + t + (b ^ (h & (a ^ b))) + K[i + 5] + w5) | 0;
      g = (g + t) | 0;
      t += ((d >>> 2) | (d << 30)) ^ ((d >>> 13) | (d << 19)) ^ ((d >>> 22) | (d << 10));
      c = (t + ((d & e) | (f & (d | e)))) | 0;
      t = (((g >>> 6) | (g << 26)) ^ ((g >>> 11) | (g << 21)) ^ ((g >>> 25) | (g << 7))) | 0;
      t = (b + t + (a ^ (g & (h ^ a))) + K[i + 6] + w6) | 0;
      f = (f + t) | 0;
      t += ((c >>> 2) | (c << 30)) ^ ((c >>> 13) | (c << 19)) ^ ((c >>> 22) | (c << 10));
      b = (t + ((c & d) | (e & (c | d)))) | 0;
      t = (((f >>> 6) | (f << 26)) ^ ((f >>> 11) | (f << 21)) ^ ((f >>> 25) | (f << 7))) | 0;
      t = (a + t + (h ^ (f & (g ^ h))) + K[i + 7] + w7) | 0;
      e = (e + t) | 0;
      t += ((b >>> 2) | (b << 30)) ^ ((b >>> 13) | (b << 19)) ^ ((b >>> 22) | (b << 10));
      a = (t + ((b & c) | (d & (b | c)))) | 0;
      t = (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) | 0;
      t = (h + t + (g ^ (e & (f ^ g))) + K[i + 8] + w8) | 0;
      d = (d + t) | 0;
      t += ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      h = (t + ((a & b) | (c & (a | b)))) | 0;
      t = (((d >>> 6) | (d << 26)) ^ ((d >>> 11) | (d << 21)) ^ ((d >>> 25) | (d << 7))) | 0;
      t = (g + t + (f ^ (d & (e ^ f))) + K[i + 9] + w9) | 0;
      c = (c + t) | 0;
      t += ((h >>> 2) | (h << 30)) ^ ((h >>> 13) | (h << 19)) ^ ((h >>> 22) | (h << 10));
      g = (t + ((h & a) | (b & (h | a)))) | 0;
      t = (((c >>> 6) | (c << 26)) ^ ((c >>> 11) | (c << 21)) ^ ((c >>> 25) | (c << 7))) | 0;
      t = (f + t + (e ^ (c & (d ^ e))) + K[i + 10] + w10) | 0;
      b = (b + t) | 0;
      t += ((g >>> 2) | (g << 30)) ^ ((g >>> 13) | (g << 19)) ^ ((g >>> 22) | (g << 10));
      f = (t + ((g & h) | (a & (g | h)))) | 0;
      t = (((b >>> 6) | (b << 26)) ^ ((b >>> 11) | (b << 21)) ^ ((b >>> 25) | (b << 7))) | 0;
      t = (e + t + (d ^ (b & (c ^ d))) + K[i + 11] + w11) | 0;
      a = (a + t) | 0;
      t += ((f >>> 2) | (f << 30)) ^ ((f >>> 13) | (f << 19)) ^ ((f >>> 22) | (f << 10));
      e = (t + ((f & g) | (h & (f | g)))) | 0;
      t = (((a >>> 6) | (a << 26)) ^ ((a >>> 11) | (a << 21)) ^ ((a >>> 25) | (a << 7))) | 0;
      t = (d + t + (c ^ (a & (b ^ c))) + K[i + 12] + w12) | 0;
      h = (h + t) | 0;
      t += ((e >>> 2) | (e << 30)) ^ ((e >>> 13) | (e << 19)) ^ ((e >>> 22) | (e << 10));
      d = (t + ((e & f) | (g & (e | f)))) | 0;
      t = (((h >>> 6) | (h << 26)) ^ ((h >>> 11) | (h << 21)) ^ ((h >>> 25) | (h << 7))) | 0;
      t = (c + t + (b ^ (h & (a ^ b))) + K[i + 13] + w13) | 0;
      g = (g + t) | 0;
      t += ((d >>> 2) | (d << 30)) ^ ((d >>> 13) | (d << 19)) ^ ((d >>> 22) | (d << 10));
      c = (t + ((d & e) | (f & (d | e)))) | 0;
      t = (((g >>> 6) | (g << 26)) ^ ((g >>> 11) | (g << 21)) ^ ((g >>> 25) | (g << 7))) | 0;
      t = (b + t + (a ^ (g & (h ^ a))) + K[i + 14] + w14) | 0;
      f = (f + t) | 0;
      t += ((c >>> 2) | (c << 30)) ^ ((c >>> 13) | (c << 19)) ^ ((c >>> 22) | (c << 10));
      b = (t + ((c & d) | (e & (c | d)))) | 0;
      t = (((f >>> 6) | (f << 26)) ^ ((f >>> 11) | (f << 21)) ^ ((f >>> 25) | (f << 7))) | 0;
      t = (a + t + (h ^ (f & (g ^ h))) + K[i + 15] + w15) | 0;
      e = (e + t) | 0;
      t += ((b >>> 2) | (b << 30)) ^ ((b >>> 13) | (b << 19)) ^ ((b >>> 22) | (b << 10));
      a = (t + ((b & c) | (d & (b | c)))) | 0;
      if (i === 48) break;
      t = ((w1 >>> 7) | (w1 << 25)) ^ ((w1 >>> 18) | (w1 << 14)) ^ (w1 >>> 3);
      w0 = (w0 + t + w9) | 0;
      w0 += ((w14 >>> 17) | (w14 << 15)) ^ ((w14 >>> 19) | (w14 << 13)) ^ (w14 >>> 10);
      w0 |= 0;
      t = ((w2 >>> 7) | (w2 << 25)) ^ ((w2 >>> 18) | (w2 << 14)) ^ (w2 >>> 3);
      w1 = (w1 + t + w10) | 0;
      w1 += ((w15 >>> 17) | (w15 << 15)) ^ ((w15 >>> 19) | (w15 << 13)) ^ (w15 >>> 10);
      w1 |= 0;
      t = ((w3 >>> 7) | (w3 << 25)) ^ ((w3 >>> 18) | (w3 << 14)) ^ (w3 >>> 3);
      w2 = (w2 + t + w11) | 0;
      w2 += ((w0 >>> 17) | (w0 << 15)) ^ ((w0 >>> 19) | (w0 << 13)) ^ (w0 >>> 10);
      w2 |= 0;
      t = ((w4 >>> 7) | (w4 << 25)) ^ ((w4 >>> 18) | (w4 << 14)) ^ (w4 >>> 3);
      w3 = (w3 + t + w12) | 0;
      w3 += ((w1 >>> 17) | (w1 << 15)) ^ ((w1 >>> 19) | (w1 << 13)) ^ (w1 >>> 10);
      w3 |= 0;
      t = ((w5 >>> 7) | (w5 << 25)) ^ ((w5 >>> 18) | (w5 << 14)) ^ (w5 >>> 3);
      w4 = (w4 + t + w13) | 0;
      w4 += ((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10);
      w4 |= 0;
      t = ((w6 >>> 7) | (w6 << 25)) ^ ((w6 >>> 18) | (w6 << 14)) ^ (w6 >>> 3);
      w5 = (w5 + t + w14) | 0;
      w5 += ((w3 >>> 17) | (w3 << 15)) ^ ((w3 >>> 19) | (w3 << 13)) ^ (w3 >>> 10);
      w5 |= 0;
      t = ((w7 >>> 7) | (w7 << 25)) ^ ((w7 >>> 18) | (w7 << 14)) ^ (w7 >>> 3);
      w6 = (w6 + t + w15) | 0;
      w6 += ((w4 >>> 17) | (w4 << 15)) ^ ((w4 >>> 19) | (w4 << 13)) ^ (w4 >>> 10);
      w6 |= 0;
      t = ((w8 >>> 7) | (w8 << 25)) ^ ((w8 >>> 18) | (w8 << 14)) ^ (w8 >>> 3);
      w7 = (w7 + t + w0) | 0;
      w7 += ((w5 >>> 17) | (w5 << 15)) ^ ((w5 >>> 19) | (w5 << 13)) ^ (w5 >>> 10);
      w7 |= 0;
      t = ((w9 >>> 7) | (w9 << 25)) ^ ((w9 >>> 18) | (w9 << 14)) ^ (w9 >>> 3);
      w8 = (w8 + t + w1) | 0;
      w8 += ((w6 >>> 17) | (w6 << 15)) ^ ((w6 >>> 19) | (w6 << 13)) ^ (w6 >>> 10);
      w8 |= 0;
      t = ((w10 >>> 7) | (w10 << 25)) ^ ((w10 >>> 18) | (w10 << 14)) ^ (w10 >>> 3);
      w9 = (w9 + t + w2) | 0;
      w9 += ((w7 >>> 17) | (w7 << 15)) ^ ((w7 >>> 19) | (w7 << 13)) ^ (w7 >>> 10);
      w9 |= 0;
      t = ((w11 >>> 7) | (w11 << 25)) ^ ((w11 >>> 18) | (w11 << 14)) ^ (w11 >>> 3);
      w10 = (w10 + t + w3) | 0;
      w10 += ((w8 >>> 17) | (w8 << 15)) ^ ((w8 >>> 19) | (w8 << 13)) ^ (w8 >>> 10);
      w10 |= 0;
      t = ((w12 >>> 7) | (w12 << 25)) ^ ((w12 >>> 18) | (w12 << 14)) ^ (w12 >>> 3);
      w11 = (w11 + t + w4) | 0;
      w11 += ((w9 >>> 17) | (w9 << 15)) ^ ((w9 >>> 19) | (w9 << 13)) ^ (w9 >>> 10);
      w11 |= 0;
      t = ((w13 >>> 7) | (w13 << 25)) ^ ((w13 >>> 18) | (w13 << 14)) ^ (w13 >>> 3);
      w12 = (w12 + t + w5) | 0;
      w12 += ((w10 >>> 17) | (w10 << 15)) ^ ((w10 >>> 19) | (w10 << 13)) ^ (w10 >>> 10);
      w12 |= 0;
      t = ((w14 >>> 7) | (w14 << 25)) ^ ((w14 >>> 18) | (w14 << 14)) ^ (w14 >>> 3);
      w13 = (w13 + t + w6) | 0;
      w13 += ((w11 >>> 17) | (w11 << 15)) ^ ((w11 >>> 19) | (w11 << 13)) ^ (w11 >>> 10);
      w13 |= 0;
      t = ((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3);
      w14 = (w14 + t + w7) | 0;
      w14 += ((w12 >>> 17) | (w12 << 15)) ^ ((w12 >>> 19) | (w12 << 13)) ^ (w12 >>> 10);
      w14 |= 0;
      t = ((w0 >>> 7) | (w0 << 25)) ^ ((w0 >>> 18) | (w0 << 14)) ^ (w0 >>> 3);
      w15 = (w15 + t + w8) | 0;
      w15 += ((w13 >>> 17) | (w13 << 15)) ^ ((w13 >>> 19) | (w13 << 13)) ^ (w13 >>> 10);
      w15 |= 0;
    }
    h0 = (h0 + a) | 0;
    h1 = (h1 + b) | 0;
    h2 = (h2 + c) | 0;
    h3 = (h3 + d) | 0;
    h4 = (h4 + e) | 0;
    h5 = (h5 + f) | 0;
    h6 = (h6 + g) | 0;
    h7 = (h7 + h) | 0;
  }
  state[0] = h0, state[1] = h1, state[2] = h2, state[3] = h3;
  state[4] = h4, state[5] = h5, state[6] = h6, state[7] = h7;
}
