// Bytes: text, hex and base64 in their one spelling, and the SSH wire format (RFC 4251, 5).

const ENCODER = new TextEncoder();
const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ASCII_ONLY = /^[\x00-\x7f]*$/;

export function utf8(text) {
  return ENCODER.encode(text);
}

// Returns the text of UTF-8 bytes, a byte order mark included. Throws TypeError on any other bytes.
export function fromUtf8(bytes) {
  return STRICT.decode(bytes);
}

// Returns one character for each byte, so that foreign bytes can be compared and shown.
export function latin1(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x2000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  }
  return text;
}

export function fromLatin1(text) {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

export function isAscii(text) {
  return ASCII_ONLY.test(text);
}

export function hex(bytes) {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function base64(bytes) {
  return btoa(latin1(bytes));
}

// Returns the bytes of padded standard base64 in its one spelling, or null.
export function fromBase64(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  let decoded;
  try {
    decoded = atob(text);
  } catch {
    return null;
  }
  return btoa(decoded) === text ? fromLatin1(decoded) : null;
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function sameBytes(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

export function startsWith(bytes, head) {
  return bytes.length >= head.length && sameBytes(bytes.subarray(0, head.length), head);
}

// Returns the strings, each after its length in four bytes.
export function packSsh(...strings) {
  return concat(...strings.flatMap((string) => [bigEndian(string.length), string]));
}

// Returns the strings that `data` is made of. Throws SyntaxError where one is cut.
export function unpackSsh(data) {
  const strings = [];
  while (data.length) {
    const end = 4 + (data.length >= 4 ? new DataView(data.buffer, data.byteOffset).getUint32(0) : -4);
    if (end < 4 || end > data.length) throw new SyntaxError("a string is cut");
    strings.push(data.subarray(4, end));
    data = data.subarray(end);
  }
  return strings;
}

function bigEndian(number) {
  return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
}

// White space, as JSON has it.
function isWhite(byte) {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

// Returns where the white space that starts at `start` ends.
export function whiteEnd(data, start) {
  let at = start;
  while (at < data.length && isWhite(data[at])) at += 1;
  return at;
}

// Returns the bytes without the white space around them.
export function stripped(line) {
  let end = line.length;
  while (end && isWhite(line[end - 1])) end -= 1;
  return line.subarray(Math.min(whiteEnd(line, 0), end), end);
}
