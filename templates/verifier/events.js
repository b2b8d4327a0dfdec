// One event of a JSON export, proved to be strict JSON at the speed of the browser's own parser
// (core/parse.py). The browser keeps the last of duplicate keys, rounds integers and reads half a
// surrogate pair; a text without the proof that none of that happened goes to the strict reader.

import { LIMITS } from "./base.js";
import { fromUtf8 } from "./bytes.js";
import { readJson } from "./strictjson.js";

const SUSPECT = /\\u(?:003|[dD][89a-fA-F])|[0-9]{19}/;

// Returns what the bytes of one strict JSON text hold: an object of the browser's parser, or a Map of
// the strict reader. Throws RejectedError json.… where they are none, or nested too deep.
export function readEvent(record, depth) {
  return (depth <= LIMITS.MAX_DEPTH && surelyStrict(record)) || readJson(record, "event");
}

// What is written again has no key twice. If it is the very text that was read, that proves it. If
// not, every colon of a text is a key's or inside a string, so a member that was dropped took at
// least its own colon with it; and a number that was rounded to infinity is written as null.
function surelyStrict(record) {
  let text;
  let event;
  let written;
  try {
    text = fromUtf8(record);
    event = JSON.parse(text);
    written = JSON.stringify(event);
  } catch {
    return null;
  }
  if (SUSPECT.test(text)) return null;
  const isAsOften = (part) => occurrences(written, part) === occurrences(text, part);
  return written === text || (isAsOften(":") && isAsOften("null")) ? event : null;
}

function occurrences(text, part) {
  let found = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found += 1;
  return found;
}
