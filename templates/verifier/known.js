// Known answers: before anything is judged, the browser and this page prove that they hash, inflate
// and refuse as they must. Otherwise everything is undecided.

import { UndecidedError } from "./base.js";
import { fromHex, hex, utf8 } from "./bytes.js";
import { crc32 } from "./crc32.js";
import { sha256 } from "./sha256.js";

const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-4
const PACKED = "4b4c4a0600"; // "abc", as DEFLATE packs it

export async function checkBrowser() {
  if (hex(sha256(utf8("abc"))) !== ABC || crc32(utf8("123456789")) !== 0xcbf43926) {
    throw wrong("computes wrong checksums");
  }
  if (typeof DecompressionStream === "undefined" || !globalThis.crypto?.subtle) {
    throw wrong("is too old to inflate a zip or to verify a signature");
  }
  if ((await inflatedHex(PACKED)) !== "616263") throw wrong("inflates wrongly");
  for (const damaged of [`${PACKED}00`, PACKED.slice(0, -2)]) {
    if ((await inflatedHex(damaged)) !== null) throw wrong("inflates what is damaged");
  }
}

async function inflatedHex(packed) {
  const stream = new Blob([fromHex(packed)]).stream();
  try {
    const whole = new Response(stream.pipeThrough(new DecompressionStream("deflate-raw")));
    return hex(new Uint8Array(await whole.arrayBuffer()));
  } catch {
    return null;
  }
}

function wrong(told) {
  const hint = "use a current Chrome, Edge, Firefox or Safari, or run evidencekit verify";
  return new UndecidedError("browser.unfit", `this browser ${told}`, hint);
}
