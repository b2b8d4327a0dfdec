// The one strict JSON reader: a document has one reading or none (core/strict_json.py).
// Objects become Map, so that no key is special; an integer that a double cannot hold becomes BigInt;
// a number written with a point or an exponent becomes Real, so that 1 and 1.0 stay apart.

import { LIMITS, MAX_INTEGER, MIN_INTEGER, RejectedError, count, visible } from "./base.js";
import { fromUtf8, startsWith } from "./bytes.js";

const BOM = Uint8Array.of(0xef, 0xbb, 0xbf);
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /(-?(?:0|[1-9][0-9]*))((?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)/y;
const CONSTANT = /NaN|-?Infinity/y;
const PLAIN = /[^"\\\x00-\x1f]*/y;
const UNICODE = /[0-9a-fA-F]{4}/y;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const WORDS = [["true", true], ["false", false], ["null", null]];

export class Real {
  constructor(value) {
    this.value = value;
  }
}

// Returns the one value that `data` holds, or throws RejectedError with a json.… code.
export function readJson(data, what = "document") {
  refuseUnreadable(data, what);
  let text;
  try {
    text = fromUtf8(data);
  } catch {
    throw new RejectedError("json.encoding", `${what}: is not UTF-8`);
  }
  const reader = new JsonReader(text, what);
  reader.skip();
  const document = reader.value();
  reader.skip();
  if (reader.at < text.length) {
    throw new RejectedError("json.trailing", `${what}: text after the end of the JSON value`);
  }
  if (/\\u[dD][89a-fA-F]/.test(text)) refuseLoneSurrogates(document, what);
  return document;
}

function refuseUnreadable(data, what) {
  if (data.length > LIMITS.MAX_DOCUMENT_BYTES) {
    const sides = `${count(data.length)} bytes, at most ${count(LIMITS.MAX_DOCUMENT_BYTES)} allowed`;
    throw new RejectedError("json.size", `${what}: ${sides}`);
  }
  if (startsWith(data, BOM)) {
    throw new RejectedError("json.bom", `${what}: starts with a byte order mark`);
  }
  if (deepest(data) > LIMITS.MAX_DEPTH) {
    const told = `nested deeper than ${LIMITS.MAX_DEPTH} levels`;
    throw new RejectedError("json.depth", `${what}: ${told}`);
  }
}

// Returns how deep a parser can get in `data` before it finishes or finds a fault.
export function deepest(data) {
  let depth = 0;
  let most = 0;
  let inString = false;
  for (let at = 0; at < data.length; at += 1) {
    const byte = data[at];
    if (byte === 0x22) inString = !inString;
    else if (inString) at += byte === 0x5c ? 1 : 0;
    else if (byte === 0x5b || byte === 0x7b) most = Math.max(most, (depth += 1));
    else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return most;
}

class JsonReader {
  constructor(text, what) {
    this.text = text;
    this.what = what;
    this.at = 0;
  }

  value() {
    const char = this.text[this.at];
    if (char === "{") return this.object();
    if (char === "[") return this.array();
    if (char === '"') return this.string();
    for (const [word, meaning] of WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return meaning;
      }
    }
    return this.number();
  }

  object() {
    const pairs = [];
    this.at += 1;
    this.skip();
    if (!this.take("}")) {
      do {
        this.skip();
        if (this.text[this.at] !== '"') throw this.syntax();
        const key = this.string();
        this.skip();
        if (!this.take(":")) throw this.syntax();
        this.skip();
        pairs.push([key, this.value()]);
        this.skip();
      } while (this.take(","));
      if (!this.take("}")) throw this.syntax();
    }
    const object = new Map(pairs);
    if (object.size < pairs.length) {
      const twice = pairs.find(([key], at) => pairs.findIndex(([other]) => other === key) < at)[0];
      const told = `key "${visible(twice)}" twice in one object`;
      throw new RejectedError("json.duplicate-key", `${this.what}: ${told}`);
    }
    return object;
  }

  array() {
    const items = [];
    this.at += 1;
    this.skip();
    if (this.take("]")) return items;
    do {
      this.skip();
      items.push(this.value());
      this.skip();
    } while (this.take(","));
    if (!this.take("]")) throw this.syntax();
    return items;
  }

  string() {
    let text = "";
    this.at += 1;
    for (;;) {
      text += this.match(PLAIN)[0];
      if (this.take('"')) return text;
      if (!this.take("\\")) throw this.syntax();
      if (this.take("u")) {
        const digits = this.match(UNICODE);
        if (!digits) throw this.syntax();
        text += String.fromCharCode(parseInt(digits[0], 16));
      } else {
        const meaning = Object.hasOwn(ESCAPES, this.text[this.at]) && ESCAPES[this.text[this.at]];
        if (!meaning) throw this.syntax();
        text += meaning;
        this.at += 1;
      }
    }
  }

  number() {
    if (this.match(CONSTANT)) throw this.refused("NaN or Infinity is no JSON number");
    const found = this.match(NUMBER);
    if (!found) throw this.syntax();
    const [, digits, rest] = found;
    if (rest) {
      const value = Number(digits + rest);
      if (!Number.isFinite(value)) throw this.refused("a number beyond the range of a double");
      return new Real(value);
    }
    const value = digits.length > 20 ? MAX_INTEGER + 1n : BigInt(digits);
    if (value < MIN_INTEGER || value > MAX_INTEGER) throw this.refused("an integer beyond 64 bits");
    return Number.isSafeInteger(Number(value)) ? Number(value) + 0 : value;
  }

  skip() {
    this.match(SPACE);
  }

  take(char) {
    if (this.text[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  syntax() {
    const before = this.text.slice(0, this.at).split("\n");
    const where = `line ${before.length}, column ${before.at(-1).length + 1}`;
    return new RejectedError("json.syntax", `${this.what}: not JSON at ${where}`);
  }

  refused(why) {
    return new RejectedError("json.number", `${this.what}: ${why}`);
  }
}

function refuseLoneSurrogates(value, what) {
  if (typeof value === "string" && /[\ud800-\udfff]/u.test(value)) {
    const told = "a string holds half a surrogate pair, which is no character";
    throw new RejectedError("json.surrogate", `${what}: ${told}`);
  }
  const inner = value instanceof Map ? [...value.keys(), ...value.values()] : value;
  if (Array.isArray(inner)) for (const item of inner) refuseLoneSurrogates(item, what);
}

// Tells whether this is an object of exactly these members.
export function hasExactly(value, names) {
  return value instanceof Map && value.size === names.length && names.every((n) => value.has(n));
}

// Tells whether two values without objects are the same, in kind too: 1 is not 1.0.
export function same(one, other) {
  if (one instanceof Real && other instanceof Real) return Object.is(one.value, other.value);
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, at) => same(item, other[at]));
  }
  return one === other;
}
