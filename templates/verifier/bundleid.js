// The bundle id follows from what the manifest says, so that it cannot say otherwise
// (core/bundleid.py).

import { hex, utf8 } from "./bytes.js";
import { sha256 } from "./sha256.js";

const SECONDS = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$/;
const MAX_PART = 40; // characters

// Returns the id that a bundle with this manifest has, whatever the manifest says.
export function derivedId({ context, facts, span, signer, createdAt, export: file }) {
  const start = span ? span.start : facts.first || "undated";
  const end = span ? span.end : facts.last || "undated";
  const words = [context.environment || "unspecified", start, end].map(slug);
  const seed = [file.sha256, createdAt, signer, file.received_as].join("\n");
  return ["evidence", ...words, hex(sha256(utf8(seed))).slice(0, 8)].join("-");
}

function slug(text) {
  const time = SECONDS.exec(text);
  const [, year, month, day, hour, minute, second] = time ?? [];
  const plain = time ? `${year}${month}${day}t${hour}${minute}${second}z` : text.toLowerCase();
  const spelled = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return spelled.slice(0, MAX_PART) || "unnamed";
}
