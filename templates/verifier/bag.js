// The BagIt texts of a bundle (RFC 8493), read in the one form that is written (core/bag.py).

import { RejectedError, visible } from "./base.js";
import { isAscii, latin1 } from "./bytes.js";
import { BAGIT, BAG_INFO, checkName } from "./names.js";

const BAGIT_TXT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
const LINE = /^([0-9a-f]{64}) {2}([!-~]+)$/;
const INFO = new RegExp(
  "^External-Identifier: (?<identifier>[a-z0-9][a-z0-9._-]*)\\n" +
    "Bagging-Date: (?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})\\n" +
    "Bag-Software-Agent: (?<agent>[ -~]{1,100})\\n" +
    "Payload-Oxum: (?<octets>0|[1-9][0-9]{0,15})\\.(?<streams>[1-9][0-9]{0,7})\\n$",
);

export function checkBagitTxt(data) {
  if (latin1(data) !== BAGIT_TXT) {
    throw new RejectedError("bag.declaration", `${BAGIT}: is not the two lines of BagIt 1.0`);
  }
}

// Returns identifier, date, agent, octets and streams of bag-info.txt.
export function readBagInfo(data) {
  const found = INFO.exec(latin1(data));
  if (!found) {
    throw new RejectedError("bag.info", `${BAG_INFO}: is not the four lines in their one form`);
  }
  const { identifier, date, agent, octets, streams } = found.groups;
  return { identifier, date, agent, octets: Number(octets), streams: Number(streams) };
}

// Returns name and SHA-256 of each line of a checksum file in its one form, as a Map.
export function parseChecksums(data, what) {
  const text = latin1(data);
  if (!isAscii(text)) throw fault(what, "holds a byte that is not ASCII");
  const lines = text.split("\n");
  if (lines.pop()) throw fault(what, "does not end in a line end");
  const found = new Map();
  lines.forEach((line, at) => {
    const match = LINE.exec(line);
    if (!match) {
      const told = `'${visible(line)}', not 64 hex digits, two spaces and a name`;
      throw fault(what, `line ${at + 1} is ${told}`);
    }
    checkName(match[2]);
    if (found.has(match[2])) {
      throw fault(what, `line ${at + 1} lists ${match[2]} a second time`);
    }
    found.set(match[2], match[1]);
  });
  const names = [...found.keys()];
  if (names.some((name, at) => at && name < names[at - 1])) throw fault(what, "is not sorted by name");
  return found;
}

function fault(what, told) {
  return new RejectedError("checksums.syntax", `${what}: ${told}`);
}
