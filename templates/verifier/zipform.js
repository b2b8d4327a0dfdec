// The one form of a bundle's zip: every byte but the members' own follows from five values each.
// Headers are written anew from them and compared (core/zipform.py, core/zipcheck.py).

import { LIMITS, RejectedError, count, visible } from "./base.js";
import { concat, fromLatin1, latin1, sameBytes } from "./bytes.js";
import { checkName, isLarge } from "./names.js";

export const DEFLATED = 8;
const ZIP64_FROM = 0xff00_0000; // the size from which a member has zip64 sizes
const FULL_32 = 0xffff_ffff; // stands in a field whose value is in the zip64 one
const LOCAL_SIZE = 30;
const CENTRAL_SIZE = 46;
const END_SIZE = 22;
export const MAX_ENDS_SIZE = 56 + 20 + END_SIZE;
const MAX_RECORD = CENTRAL_SIZE + 2 * LIMITS.MAX_NAME_BYTES + 1 + 28;
const MAX_DIRECTORY_SIZE = LIMITS.MAX_MEMBERS * MAX_RECORD;
const MAX_RATIO = 1032; // of DEFLATE: 258 bytes from two bits

const PACKED_AGAIN =
  "this zip is not as evidencekit wrote it: most likely somebody packed it again; unpack it and " +
  "give the folder to check the content, and ask the sender for the original";

// A header's fields in order: size in bytes, name, and what a different value means.
const COMMON = [
  ...[[2, "version needed", "feature"], [2, "flags", "feature"], [2, "method", "feature"]],
  ...[[2, "time", "header"], [2, "date", "header"], [4, "crc", "header"]],
  ...[[4, "compressed size", "header"], [4, "size", "header"]],
  ...[[2, "name length", "header"], [2, "extra length", "feature"]],
];
const LOCAL_FIELDS = [[4, "signature", "layout"], ...COMMON];
const CENTRAL_FIELDS = [
  ...[[4, "signature", "layout"], [2, "version made by", "header"], ...COMMON],
  ...[[2, "comment length", "feature"], [2, "disk", "feature"]],
  ...[[2, "internal attributes", "header"], [4, "external attributes", "type"]],
  [4, "offset", "layout"],
];

function little(...sizesAndValues) {
  const parts = sizesAndValues.map(([size, value]) => {
    const bytes = new Uint8Array(size);
    for (let at = 0, left = value; at < size; at += 1, left = Math.floor(left / 256)) {
      bytes[at] = left % 256;
    }
    return bytes;
  });
  return concat(...parts);
}

// Returns an unsigned number of up to 8 bytes; beyond 2**53 it is only roughly right, and refused.
function number(bytes, at, size) {
  let value = 0;
  for (let byte = at + size - 1; byte >= at; byte -= 1) value = value * 256 + bytes[byte];
  return value;
}

// One member: its path with the base folder, and the values that its headers are made of.
export class Entry {
  constructor({ path, crc, size, packed, offset }) {
    Object.assign(this, { path, crc, size, packed, offset });
    this.name = path.includes("/") ? path.slice(path.indexOf("/") + 1) : "";
    this.method = isLarge(this.name) ? DEFLATED : 0;
    this.start = offset + LOCAL_SIZE + path.length + (size >= ZIP64_FROM ? 20 : 0);
    this.end = this.start + packed;
  }

  get isWide() {
    return this.size >= ZIP64_FROM;
  }
}

export function localHeader(entry) {
  const wide = [[2, 1], [2, 16], [8, entry.size], [8, entry.packed]];
  const extra = entry.isWide ? little(...wide) : new Uint8Array();
  const fields = little([4, 0x04034b50], ...common(entry, extra.length));
  return concat(fields, fromLatin1(entry.path), extra);
}

function centralHeader(entry) {
  const wide = entry.isWide ? [[8, entry.size], [8, entry.packed]] : [];
  if (entry.offset >= FULL_32) wide.push([8, entry.offset]);
  const extra = wide.length ? little([2, 1], [2, 8 * wide.length], ...wide) : new Uint8Array();
  const attributes = [[2, 0], [2, 0], [2, 0], [4, 0o100644 * 0x10000]];
  const fields = little(
    ...[[4, 0x02014b50], [2, 0x032d], ...common(entry, extra.length), ...attributes],
    [4, Math.min(entry.offset, FULL_32)],
  );
  return concat(fields, fromLatin1(entry.path), extra);
}

function common(entry, extra) {
  const [packed, size] = entry.isWide ? [FULL_32, FULL_32] : [entry.packed, entry.size];
  return [
    ...[[2, extra ? 45 : 20], [2, 0], [2, entry.method], [2, 0], [2, 0x0021]],
    ...[[4, entry.crc], [4, packed], [4, size], [2, entry.path.length], [2, extra]],
  ];
}

function endRecords(members, size, offset) {
  const wide = [];
  if (offset >= FULL_32) {
    wide.push([4, 0x06064b50], [8, 44], [2, 0x032d], [2, 45], [4, 0], [4, 0]);
    wide.push([8, members], [8, members], [8, size], [8, offset]);
    wide.push([4, 0x07064b50], [4, 0], [8, offset + size], [4, 1]);
  }
  return little(
    ...[...wide, [4, 0x06054b50], [2, 0], [2, 0], [2, members], [2, members], [4, size]],
    ...[[4, Math.min(offset, FULL_32)], [2, 0]],
  );
}

// Returns count, size and offset of the central directory of an archive of `total` bytes; `tail` is
// its last MAX_ENDS_SIZE bytes, or all of them.
export function parseEnd(tail, total) {
  const end = tail.length - END_SIZE;
  if (end < 0 || number(tail, end, 4) !== 0x06054b50) {
    throw fault("layout", "archive", "does not end in an end record without a comment");
  }
  const members = number(tail, end + 10, 2);
  const size = number(tail, end + 12, 4);
  let offset = number(tail, end + 16, 4);
  if (offset === FULL_32) {
    if (tail.length < MAX_ENDS_SIZE) {
      throw fault("zip64", "end record", "says zip64, and there is no zip64 record");
    }
    offset = number(tail, 48, 8);
  }
  const code = offset >= FULL_32 ? "zip64" : "layout";
  if (offset + size >= total) {
    throw fault(code, "end record", "tells of a central directory beyond the archive's end");
  }
  const expected = endRecords(members, size, offset);
  const actual = tail.subarray(Math.max(0, tail.length - expected.length));
  if (!sameBytes(actual, expected)) {
    throw fault(code, "end record", "is not the one that follows from its count and offset");
  }
  if (offset + size + expected.length !== total) {
    const begins = count(total - expected.length);
    const sides = `ends at ${count(offset + size)}, the end record begins at ${begins}`;
    throw fault("layout", "central directory", sides);
  }
  if (members < 1 || members > LIMITS.MAX_MEMBERS || size > MAX_DIRECTORY_SIZE) {
    const sides = `${members} members in ${count(size)} bytes, at most ${LIMITS.MAX_MEMBERS} are read`;
    throw fault("members", "central directory", sides);
  }
  return { members, size, offset };
}

// Returns the members that a central directory at `offset` lists, in their order.
export function parseDirectory(data, members, offset) {
  const entries = [];
  let place = 0;
  let position = 0;
  for (let at = 0; at < members; at += 1) {
    const [entry, next] = parseRecord(data, position, place);
    checkOrder(entries.length ? entries.at(-1).path : "", entry.path);
    checkSize(entry);
    entries.push(entry);
    place = entry.end;
    position = next;
  }
  if (position !== data.length || place !== offset) {
    const begins = `the central directory begins at ${count(offset)}`;
    throw fault("layout", "archive", `the members end at ${count(place)}, ${begins}`);
  }
  if (entries.reduce((sum, entry) => sum + entry.size, 0) > LIMITS.MAX_MEMBER_BYTES) {
    const sides = `its members have more than ${count(LIMITS.MAX_MEMBER_BYTES)} bytes`;
    throw fault("size", "archive", sides);
  }
  return entries;
}

// Compares what stands before a member's bytes with what must.
export function checkLocalHeader(entry, data) {
  const expected = localHeader(entry);
  if (!sameBytes(data, expected)) {
    throw difference("local header", LOCAL_FIELDS, entry.path, data, expected);
  }
}

// Returns the one folder that all members lie in.
export function baseFolder(entries) {
  const base = entries[0].path.split("/")[0];
  checkName(base);
  for (const entry of entries) {
    if (!entry.path.startsWith(`${base}/`)) {
      const sides = `lies outside ${base}/, the folder that the archive is of`;
      throw fault("name", entry.path, sides);
    }
  }
  return base;
}

function parseRecord(data, position, place) {
  if (position + CENTRAL_SIZE > data.length) {
    throw fault("layout", "central directory", "is shorter than its count says");
  }
  const nameAt = position + CENTRAL_SIZE;
  const path = latin1(data.subarray(nameAt, nameAt + number(data, position + 28, 2)));
  let packed = number(data, position + 20, 4);
  let size = number(data, position + 24, 4);
  if (size === FULL_32) [size, packed] = wideSizes(data, nameAt + number(data, position + 28, 2), path);
  const crc = number(data, position + 16, 4);
  const entry = new Entry({ path, crc, size, packed, offset: place });
  const expected = centralHeader(entry);
  const actual = data.subarray(position, position + expected.length);
  if (!sameBytes(actual, expected)) {
    throw difference("central header", CENTRAL_FIELDS, path, actual, expected);
  }
  return [entry, position + expected.length];
}

function wideSizes(data, position, path) {
  if (position + 20 > data.length) {
    throw fault("zip64", path, "says zip64, and has no zip64 sizes");
  }
  const size = number(data, position + 4, 8);
  if (size < ZIP64_FROM) {
    throw fault("zip64", path, `has zip64 sizes for ${count(size)} bytes, which need none`);
  }
  return [size, number(data, position + 12, 8)];
}

function checkOrder(before, path) {
  if (path === before) throw fault("duplicate", path, "is there twice");
  if (path < before) {
    const sides = `stands after ${visible(before, 300)}, names are sorted`;
    throw fault("order", path, sides, PACKED_AGAIN);
  }
}

function checkSize(entry) {
  const limit = isLarge(entry.name) ? LIMITS.MAX_MEMBER_BYTES : LIMITS.MAX_SMALL_MEMBER_BYTES;
  if (entry.size > limit) {
    const sides = `has ${count(entry.size)} bytes, at most ${count(limit)} are read`;
    throw fault("size", entry.path, sides);
  }
  const isPacked = entry.method === DEFLATED;
  const least = isPacked ? Math.ceil(entry.size / MAX_RATIO) : entry.size;
  const most = isPacked ? entry.size + Math.floor(entry.size / 256) + 64 : entry.size;
  if (entry.packed < least || entry.packed > most) {
    const sides = `${count(entry.packed)} bytes cannot hold ${count(entry.size)}`;
    throw fault("size", entry.path, sides);
  }
}

// Returns the fault of the first field in which two headers differ.
function difference(kind, fields, path, actual, expected) {
  if (actual.length < fields.reduce((sum, [size]) => sum + size, 0)) {
    return fault("layout", path, `${kind} is cut`);
  }
  let at = 0;
  for (const [size, field, code] of fields) {
    const [is, must] = [number(actual, at, size), number(expected, at, size)];
    if (is !== must) {
      const sides = `${field} is 0x${is.toString(16)}, must be 0x${must.toString(16)}`;
      return fault(code, path, `${kind}: ${sides}`, PACKED_AGAIN);
    }
    at += size;
  }
  const sides = `${kind}: name or zip64 field is not as it must be`;
  return fault("header", path, sides, PACKED_AGAIN);
}

function fault(code, where, sides, hint = null) {
  return new RejectedError(`container.${code}`, `${visible(where, 300)}: ${sides}`, hint);
}
