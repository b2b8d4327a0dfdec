// The part of TOML that trust files are written in: tables, texts, times with an offset, whole
// numbers and lists of texts. Anything else is refused, never guessed.

import { UndecidedError } from "./base.js";
import { fromUtf8 } from "./bytes.js";
import { parseInstant } from "./instant.js";

const HEADER = /\[([A-Za-z0-9_-]+)\]|\[\[([A-Za-z0-9_-]+)\]\]/y;
const KEY = /([A-Za-z0-9_-]+)[ \t]*=[ \t]*/y;
const SPACE = /[ \t]*/y;
const LINE_END = /[ \t]*(?:#[^\x00-\x08\x0a-\x1f\x7f]*)?(?:\r?\n|$)/y;
const BETWEEN = /(?:[ \t\r\n]|#[^\n]*\n)*/y;
const TIME = /\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)/y;
const LOCAL_TIME = /\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?)?/y;
const INTEGER = /[+-]?(?:0|[1-9][0-9]*)(?![0-9_.eE:-])/y;
const LITERAL = /'([^'\x00-\x08\x0a-\x1f\x7f]*)'(?!')/y;
const LONG_LITERAL = /'''(?:\r?\n)?((?:(?!''')[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f])*)'''(?!')/y;
const BASIC = /"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\.)*)"(?!")/y;
const LONG_BASIC = /"""(?:\r?\n)?((?:(?!""")(?:[^\\\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\\[^]))*)"""(?!")/y;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([btnfr"\\])|[ \t]*\r?\n[ \t\r\n]*|[^])/g;
const MEANINGS = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", '"': '"', "\\": "\\" };

// An instant, null where the time has no offset and so is none.
export class Time {
  constructor(instant) {
    this.instant = instant;
  }
}

// Returns a Map of what the file holds: a table is a Map, [[tables]] are an array of Maps.
export function readToml(data, what) {
  try {
    return new TomlReader(fromUtf8(data)).document();
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    const told = "is not TOML, or not in the simple form that this page reads";
    throw new UndecidedError("trust.syntax", `${what}: ${told}`);
  }
}

class TomlReader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  document() {
    const root = new Map();
    let table = root;
    while (this.at < this.text.length) {
      this.match(SPACE);
      if (this.match(LINE_END)) continue;
      const header = this.match(HEADER);
      if (header) table = open(root, header);
      else this.pair(table);
      if (!this.match(LINE_END)) throw new SyntaxError("something behind a value");
    }
    return root;
  }

  pair(table) {
    const key = this.match(KEY);
    if (!key || table.has(key[1])) throw new SyntaxError("no key, or one that is there twice");
    table.set(key[1], this.value());
  }

  value() {
    if (this.text[this.at] === "[") return this.list();
    const time = this.match(TIME);
    if (time) return new Time(parseInstant(time[0].replace(" ", "T")));
    if (this.match(LOCAL_TIME)) return new Time(null);
    for (const word of ["true", "false"]) {
      if (this.match(new RegExp(word, "y"))) return word === "true";
    }
    const integer = this.match(INTEGER);
    if (integer) return Number(integer[0]);
    const literal = this.match(LONG_LITERAL) ?? this.match(LITERAL);
    if (literal) return unixLines(literal[1]);
    const basic = this.match(LONG_BASIC) ?? this.match(BASIC);
    if (!basic) throw new SyntaxError("no value that is known here");
    return unixLines(basic[1]).replace(ESCAPE, unescaped);
  }

  list() {
    const items = [];
    this.at += 1;
    for (;;) {
      this.match(BETWEEN);
      if (this.take("]")) return items;
      items.push(this.value());
      this.match(BETWEEN);
      if (!this.take(",") && this.text[this.at] !== "]") throw new SyntaxError("no comma");
    }
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
}

function open(root, [, single, repeated]) {
  const name = single ?? repeated;
  const table = new Map();
  if (single) {
    if (root.has(name)) throw new SyntaxError("a table that is there twice");
    root.set(name, table);
  } else {
    if (!root.has(name)) root.set(name, Object.assign([], { tables: true }));
    if (!root.get(name).tables) throw new SyntaxError("a list and tables of one name");
    root.get(name).push(table);
  }
  return table;
}

function unixLines(text) {
  return text.replace(/\r\n/g, "\n");
}

function unescaped(whole, short, long, letter) {
  if (letter) return MEANINGS[letter];
  if (/^\\[ \t]*\r?\n/.test(whole)) return "";
  const code = parseInt(short ?? long ?? "", 16);
  if (!(code <= 0x10ffff) || (code >= 0xd800 && code < 0xe000)) throw new SyntaxError("no character");
  return String.fromCodePoint(code);
}
