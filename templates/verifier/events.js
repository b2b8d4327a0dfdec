// One event of a JSON export, proved to be strict JSON at the speed of the browser's own parser
// (core/parse.py). The browser keeps the last of duplicate keys, rounds integers and reads half a
// surrogate pair; a text without the proof that none of that happened goes to the strict reader.

import { LIMITS } from "./base.js";
import { fromUtf8 } from "./bytes.js";
import { readJson } from "./strictjson.js";

const SUSPECT = /\\u(?:003|[dD][89a-fA-F])|[0-9]{19}/;

// Throws RejectedError json.… unless the bytes are one strict JSON text, nested `depth` deep.
export function checkEvent(record, depth) {
  if (depth > LIMITS.MAX_DEPTH || !isSurelyStrict(record)) readJson(record, "event");
}

// What is written again has no key twice. If it is the very text that was read, that proves it. If
// not, every colon of a text is a key's or inside a string, so a member that was dropped took at
// least its own colon with it; and a number that was rounded to infinity is written as null.
function isSurelyStrict(record) {
  let text;
  let written;
  try {
    text = fromUtf8(record);
    written = JSON.stringify(JSON.parse(text));
  } catch {
    return false;
  }
  if (SUSPECT.test(text)) return false;
  const isAsOften = (part) => occurrences(written, part) === occurrences(text, part);
  return written === text || (isAsOften(":") && isAsOften("null"));
}

function occurrences(text, part) {
  let found = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found += 1;
  return found;
}
