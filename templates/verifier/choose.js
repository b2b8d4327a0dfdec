// What the receiver drops or picks, told apart: a bundle, or whom to trust.

import { LIMITS } from "./base.js";
import { latin1 } from "./bytes.js";

// Returns what a drop holds as { bundles, keys }; a bundle is { name, file } or { name, files, empty }.
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const folders = entries.filter((entry) => entry.isDirectory);
  const files = entries.length
    ? await Promise.all(entries.filter((entry) => entry.isFile).map(fileOf))
    : [...transfer.files];
  const found = { bundles: [], keys: [] };
  for (const folder of folders) found.bundles.push(await folderOf(folder));
  for (const file of files) {
    if (await isBundle(file)) found.bundles.push({ name: file.name, file });
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

function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function folderOf(root) {
  const found = { name: root.name, files: [], empty: [] };
  const visit = async (folder, path) => {
    const inside = await entriesOf(folder);
    if (!inside.length) found.empty.push(path);
    for (const entry of inside) {
      if (found.files.length > LIMITS.MAX_MEMBERS) return;
      const below = `${path}/${entry.name}`;
      if (entry.isDirectory) await visit(entry, below);
      else found.files.push({ path: below, file: await fileOf(entry) });
    }
  };
  await visit(root, root.name);
  return found;
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
