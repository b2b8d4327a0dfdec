// What the receiver drops or picks, told apart: a bundle, or whom to trust.

import { LIMITS } from "./base.js";
import { latin1 } from "./bytes.js";

// Returns what a drop holds as { bundles, keys }; a bundle is { name, file } or { name, files, empty }.
// Throws where the browser does not let a page read a dropped folder. Everything is asked for before
// the first await: behind it, the drop is empty.
export async function dropped(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const asked = items.map((item) => {
    const entry = item.webkitGetAsEntry?.();
    if (!entry?.isDirectory) return { file: item.getAsFile() };
    return { entry, handle: item.getAsFileSystemHandle?.() };
  });
  const found = { bundles: [], keys: [] };
  for (const { entry, handle, file } of asked) {
    if (entry) found.bundles.push(await folderOf(handle ? await handle : entry));
    else if (await isBundle(file)) found.bundles.push({ name: file.name, file });
    else found.keys.push(file);
  }
  return found;
}

// Returns the bundle that a folder input holds; the browser says nothing of empty folders.
export function pickedFolder(list) {
  const files = [...list].map((file) => ({ path: file.webkitRelativePath, file }));
  return { name: files[0].path.split("/")[0], files, empty: [] };
}

// Returns the files as { name, data }, cut where one is larger than any that could be meant.
export async function read(files) {
  const most = LIMITS.MAX_TRUST_FILE_BYTES + 1;
  const texts = files.map(async (file) => {
    const data = new Uint8Array(await file.slice(0, most).arrayBuffer());
    return { name: file.name, data };
  });
  return Promise.all(texts);
}

async function isBundle(file) {
  if (file.size > LIMITS.MAX_TRUST_FILE_BYTES || /\.zip$/i.test(file.name)) return true;
  return latin1(new Uint8Array(await file.slice(0, 2).arrayBuffer())) === "PK";
}

async function folderOf(root) {
  const found = { name: root.name, files: [], empty: [] };
  const visit = async (folder, path) => {
    const inside = await (folder.entries ? handlesOf(folder) : entriesOf(folder));
    if (!inside.length) found.empty.push(path);
    for (const one of inside) {
      if (found.files.length > LIMITS.MAX_MEMBERS) return;
      const below = `${path}/${one.name}`;
      if (one.isDirectory || one.kind === "directory") await visit(one, below);
      else found.files.push({ path: below, file: await fileOf(one) });
    }
  };
  await visit(root, root.name);
  return found;
}

// Chrome gives handles, and lets a page that was opened from a disk read no entries; others give
// entries alone.
async function handlesOf(folder) {
  const found = [];
  for await (const handle of folder.values()) found.push(handle);
  return found;
}

function fileOf(one) {
  if (one.getFile) return one.getFile();
  return new Promise((resolve, reject) => one.file(resolve, reject));
}

// A reader gives at most a hundred entries at a time, and none at the end.
async function entriesOf(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    found.push(...some);
  }
}
