// A bundle, folder or zip, read where it lies: every member is read once, from front to end
// (edges/container.py, edges/zipread.py, edges/folder.py).

import { EvidenceError, LIMITS, RejectedError, UndecidedError, count, visible } from "./base.js";
import { concat, latin1 } from "./bytes.js";
import { crc32 } from "./crc32.js";
import { FOLDERS, closedWorld, isKnown, isLarge } from "./names.js";
import {
  DEFLATED,
  MAX_ENDS_SIZE,
  baseFolder,
  checkLocalHeader,
  localHeader,
  parseDirectory,
  parseEnd,
} from "./zipform.js";

const BLOCK = 1 << 20;

// An open bundle: `names` are the members that it can have and that can be read, sorted; `faults` is
// all that is wrong with what is there or is not.
export class Bundle {
  constructor(source) {
    this.source = source;
    this.form = source.form;
    this.id = source.id;
    this.names = [...source.sizes.keys()].filter(isKnown).sort();
    this.faults = [...source.faults, ...closedWorld(source.present)];
    if (![...source.present].some(isKnown)) {
      const told = `${visible(this.id, 300)}: holds nothing that a bundle is made of`;
      const hint = "pick the folder that holds bagit.txt, or the zip as it came";
      throw new RejectedError("container.not-a-bundle", told, hint);
    }
  }

  size(name) {
    return this.source.sizes.get(name);
  }

  // Yields a member's bytes; throws at the end if the member is not whole.
  open(name) {
    return this.source.open(name);
  }

  async read(name) {
    const parts = [];
    for await (const part of this.open(name)) parts.push(part);
    return concat(...parts);
  }
}

// Opens { file } (a zip) or { files: [{ path, file }], empty: [path] } (a folder).
export async function openBundle({ file, files, empty = [] }) {
  return new Bundle(file ? await openZip(file) : openFolder(files, empty));
}

async function openZip(file) {
  const tail = await slice(file, Math.max(0, file.size - MAX_ENDS_SIZE), file.size);
  const head = await slice(file, 0, Math.min(2, file.size));
  if (latin1(head) !== "PK" && !latin1(tail).includes("PK\x05\x06")) {
    const told = "the file is not a zip; a bundle is a folder or a zip";
    throw new RejectedError("container.not-a-bundle", told);
  }
  const { members, size, offset } = parseEnd(tail, file.size);
  const entries = parseDirectory(await slice(file, offset, offset + size), members, offset);
  for (const entry of entries) {
    const end = entry.offset + localHeader(entry).length;
    checkLocalHeader(entry, await slice(file, entry.offset, end));
  }
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return {
    form: "zip",
    id: baseFolder(entries),
    sizes: new Map(entries.map((entry) => [entry.name, entry.size])),
    present: new Set(byName.keys()),
    faults: [],
    open: (name) => zipMember(file, byName.get(name)),
  };
}

async function* zipMember(file, entry) {
  const packed = file.slice(entry.start, entry.end);
  const bytes = entry.method === DEFLATED ? inflated(packed, entry) : streamed(packed, entry.name);
  let crc = 0;
  let left = entry.size;
  for await (const part of bytes) {
    if (part.length > left) {
      throw fault("size", entry.name, `inflates to more than ${count(entry.size)} bytes`);
    }
    left -= part.length;
    crc = crc32(part, crc);
    if (left) yield part;
    else if (crc === entry.crc && part.length) yield part;
  }
  if (left) {
    throw fault("size", entry.name, `ends ${count(left)} bytes early, of ${count(entry.size)}`);
  }
  if (crc !== entry.crc) {
    const sides = `crc is 0x${crc.toString(16)}, the header says 0x${entry.crc.toString(16)}`;
    throw fault("crc", entry.name, `was damaged or changed since it was zipped (${sides})`);
  }
}

// The browser's own inflater refuses bytes behind the end of the packed data; known.js makes sure.
async function* inflated(blob, entry) {
  const reader = blob.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  for (;;) {
    let step;
    try {
      step = await reader.read();
    } catch (error) {
      throw ofBrowser(error, entry.name, () =>
        fault("deflate", entry.name, "its packed bytes are damaged or end elsewhere than they must"),
      );
    }
    if (step.done) return;
    yield step.value;
  }
}

async function* streamed(blob, name) {
  for (let at = 0; at < blob.size; at += BLOCK) {
    yield await slice(blob, at, Math.min(at + BLOCK, blob.size), name);
  }
}

async function slice(blob, start, end, name = "archive") {
  let bytes;
  try {
    bytes = new Uint8Array(await blob.slice(start, end).arrayBuffer());
  } catch (error) {
    throw ofBrowser(error, name, () => unreadable(name));
  }
  if (bytes.length !== end - start) throw fault("changed", name, "became shorter meanwhile");
  return bytes;
}

// Tells a file that cannot be read (any more) from one that is damaged.
function ofBrowser(error, name, otherwise) {
  if (error instanceof EvidenceError) return error;
  return error instanceof DOMException ? unreadable(name) : otherwise();
}

function unreadable(name) {
  const told = `${visible(name, 300)}: the browser could not read it, or it was written meanwhile`;
  return new UndecidedError("container.unreadable", told);
}

// A browser shows the files of a folder, not whether one is a link or has a second name.
function openFolder(files, empty) {
  const byName = new Map();
  const faults = new Map();
  for (const { path, file } of files) {
    const name = below(path);
    byName.set(name, file);
    const folder = unknownFolder(name);
    if (folder) faults.set(folder, fault("unlisted", `${folder}/`, "is a folder that no bundle has"));
  }
  for (const path of empty.map(below)) {
    const folder = unknownFolder(`${path}/`);
    const told = folder ? "is a folder that no bundle has" : "is an empty folder";
    if (path) faults.set(folder ?? path, fault("unlisted", `${folder ?? path}/`, told));
  }
  const id = (files[0]?.path ?? empty[0] ?? "folder").split("/")[0];
  const inUnknown = (name) => unknownFolder(name) !== null;
  const present = [...byName.keys()].filter((name) => !inUnknown(name));
  checkSizes(id, byName);
  return {
    form: "folder",
    id,
    sizes: new Map(present.map((name) => [name, byName.get(name).size])),
    present: new Set(present),
    faults: [...faults.values()],
    open: (name) => streamed(byName.get(name), name),
  };
}

function below(path) {
  return path.includes("/") ? path.slice(path.indexOf("/") + 1) : "";
}

// Returns the outermost folder on the way to `name` that no bundle has, or null.
function unknownFolder(name) {
  const parts = name.split("/").slice(0, -1);
  const folders = parts.map((_part, at) => parts.slice(0, at + 1).join("/"));
  return folders.find((folder) => !FOLDERS.includes(folder)) ?? null;
}

function checkSizes(id, byName) {
  let total = 0;
  if (byName.size > LIMITS.MAX_MEMBERS) {
    throw fault("members", id, `holds more than ${count(LIMITS.MAX_MEMBERS)} members`);
  }
  for (const [name, { size }] of byName) {
    const limit = isLarge(name) ? LIMITS.MAX_MEMBER_BYTES : LIMITS.MAX_SMALL_MEMBER_BYTES;
    if (size > limit) {
      throw fault("size", name, `has ${count(size)} bytes, at most ${count(limit)} are read`);
    }
    total += size;
  }
  if (total > LIMITS.MAX_MEMBER_BYTES) {
    throw fault("size", id, `holds more than ${count(LIMITS.MAX_MEMBER_BYTES)} bytes`);
  }
}

function fault(code, where, sides) {
  return new RejectedError(`container.${code}`, `${visible(where, 300)}: ${sides}`);
}
