// What ECDSA P-256 needs beyond the browser: the curve's equation, and signatures as DER and as SSH
// write them (RFC 5480, RFC 5656).

import { concat, fromHex, hex } from "./bytes.js";

const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

// Tells whether 65 bytes, 04 and two coordinates, are a point: y² = x³ - 3x + b.
export function pointIsOnP256(raw) {
  const x = BigInt(`0x${hex(raw.subarray(1, 33))}`);
  const y = BigInt(`0x${hex(raw.subarray(33))}`);
  return x < P && y < P && (y * y - x * x * x + 3n * x - B) % P === 0n;
}

// Returns the two numbers of a signature in DER, or null; toDer says whether it was the one DER form.
export function fromDer(data) {
  if (data.length < 8 || data.length > 72 || data[0] !== 0x30) return null;
  const numbers = [];
  for (let at = 2; at < data.length; ) {
    const length = data[at + 1];
    const bytes = data.subarray(at + 2, at + 2 + length);
    if (data[at] !== 2 || !length || bytes.length !== length || bytes[0] & 0x80) return null;
    numbers.push(BigInt(`0x${hex(bytes)}`));
    at += 2 + length;
  }
  return numbers.length === 2 ? numbers : null;
}

export function toDer(r, s) {
  const parts = [r, s].flatMap((one) => [Uint8Array.of(2, toMpint(one).length), toMpint(one)]);
  const inner = concat(...parts);
  return concat(Uint8Array.of(0x30, inner.length), inner);
}

// Returns a positive number in its shortest form with a sign bit; DER and SSH write it alike.
export function toMpint(number) {
  const digits = number.toString(16);
  const even = digits.length % 2 ? `0${digits}` : digits;
  return fromHex(parseInt(even[0], 16) >= 8 ? `00${even}` : even);
}

// Returns the number of an mpint. Throws SyntaxError unless positive and in its shortest form.
export function fromMpint(data) {
  const number = data.length && !(data[0] & 0x80) ? BigInt(`0x${hex(data)}`) : 0n;
  if (number <= 0n || hex(toMpint(number)) !== hex(data)) {
    throw new SyntaxError("not a positive integer in its shortest form");
  }
  return number;
}
