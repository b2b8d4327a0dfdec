// A key's fingerprint as people give it: copied, read aloud in groups, or as words on the telephone
// (core/publickey.py, core/proquint.py). Every spelling has exactly one meaning, or is refused.

import { UndecidedError, visible } from "./base.js";
import { base64, fromBase64 } from "./bytes.js";

const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";
const LETTER = `[${CONSONANTS}]`;
const WORDS = new RegExp(`^(?:${LETTER}[${VOWELS}]${LETTER}[${VOWELS}]${LETTER}){16}$`);

// Returns SHA256: and 43 characters, or null for a field that was left empty. Throws UndecidedError
// key.fingerprint.
export function readFingerprint(typed) {
  const text = typed.replace(/\s/g, "");
  if (!text) return null;
  const words = text.replaceAll("-", "").toLowerCase();
  if (WORDS.test(words)) return written(ofWords(words));
  const digest = /^[A-Za-z0-9+/]{43}=?$/.test(text) ? text : text.replace(/^sha-?256:?/i, "");
  const bytes = fromBase64(`${digest.replace(/=$/, "")}=`);
  if (bytes?.length === 32) return written(bytes);
  const told = `${visible(typed)} is not SHA256: and 43 characters, nor 16 words of five letters`;
  const hint = "look for a character that was misread or is missing; capitals and small letters differ";
  throw new UndecidedError("key.fingerprint", `fingerprint: ${told}`, hint);
}

function written(bytes) {
  return `SHA256:${base64(bytes).replace(/=$/, "")}`;
}

// Two bytes for each word: 4, 2, 4, 2 and 4 bits for its letters.
function ofWords(letters) {
  const numbers = letters.match(/.{5}/g).map((word) =>
    [...word].reduce((number, letter, at) => {
      return at % 2 ? number * 4 + VOWELS.indexOf(letter) : number * 16 + CONSONANTS.indexOf(letter);
    }, 0),
  );
  return Uint8Array.from(numbers.flatMap((number) => [number >> 8, number & 255]));
}
