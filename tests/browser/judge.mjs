// Run the script of verify.html under node: requests come as JSON lines, reports go as JSON lines.

import { openAsBlob, readFileSync, readdirSync, statSync } from "node:fs";
import { join, basename } from "node:path";

const page = readFileSync(process.argv[2], "utf8");
const script = page.split('<script id="verifier">')[1].split("</script>")[0];
const given = JSON.parse(page.split('id="given">')[1].split("</script>")[0]);
const api = new Function("self", `${script}\nreturn { verify, lookUp };`)({});

function walk(root, path, found) {
  const names = readdirSync(join(root, path));
  if (!names.length) found.empty.push(join(basename(root), path));
  for (const name of names) {
    const below = join(path, name);
    if (statSync(join(root, below)).isDirectory()) walk(root, below, found);
    else found.files.push({ path: join(basename(root), below), from: join(root, below) });
  }
  return found;
}

async function bundleAt(path) {
  if (!statSync(path).isDirectory()) return { file: await openAsBlob(path) };
  const { files, empty } = walk(path, "", { files: [], empty: [] });
  for (const one of files) one.file = await openAsBlob(one.from);
  return { files, empty };
}

const plain = (_name, value) => (typeof value === "bigint" ? String(value) : value);
for (const { path, keys, fingerprint, at, wanted, instead } of JSON.parse(readFileSync(0, "utf8"))) {
  const request = {
    bundle: await bundleAt(path),
    keys: keys.map((name) => ({ name: basename(name), data: new Uint8Array(readFileSync(name)) })),
    fingerprint,
    at: BigInt(at),
    given,
    progress: () => {},
  };
  const report = await api.verify(request);
  if (wanted !== undefined) {
    const bundle = instead ? await bundleAt(instead) : request.bundle;
    const { given, progress } = request;
    report.found = await api.lookUp({ bundle, judged: report.export, wanted, given, progress });
  }
  console.log(JSON.stringify(report, plain));
}
