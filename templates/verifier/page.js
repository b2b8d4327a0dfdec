// The page: take a bundle and whom to trust, ask, and show the answer.

import { count, visible } from "./base.js";
import { dropped, pickedFolder, read } from "./choose.js";
import { showFound } from "./finder.js";
import { foreign, headline, make, showReport, showSummary } from "./show.js";
import { ask, serve } from "./work.js";

const chosen = { bundle: null, keys: [] };
const find = (id) => document.getElementById(id);

function start() {
  find("zip").addEventListener("change", ({ target }) => {
    const [file] = target.files;
    find("folder").value = "";
    chooseBundle(file ? { name: file.name, file } : null);
  });
  find("folder").webkitdirectory = true; // no HTML checker knows the attribute
  find("folder").addEventListener("change", ({ target }) => {
    find("zip").value = "";
    chooseBundle(target.files.length ? pickedFolder(target.files) : null);
  });
  find("keys").addEventListener("change", ({ target }) => chooseKeys([...target.files]));
  find("forget").addEventListener("click", forget);
  find("fingerprint").addEventListener("input", clear);
  find("form").addEventListener("submit", (event) => {
    event.preventDefault();
    check();
  });
  find("save").addEventListener("click", save);
  find("finder").addEventListener("submit", (event) => {
    event.preventDefault();
    lookFor(find("wanted").value.trim());
  });
  for (const type of ["dragenter", "dragover"]) addEventListener(type, drag);
  addEventListener("dragleave", (event) => event.relatedTarget ?? dragging(false));
  addEventListener("drop", drop);
  find("needs-script").hidden = true;
  find("form").hidden = false;
}

function drag(event) {
  event.preventDefault();
  dragging(true);
}

function dragging(isOver) {
  document.body.classList.toggle("dragging", isOver);
}

async function drop(event) {
  event.preventDefault();
  dragging(false);
  let found;
  try {
    found = await dropped(event.dataTransfer);
  } catch {
    say("This browser lets no page read a dropped folder. Pick the folder instead.");
    return;
  }
  const { bundles, keys } = found;
  if (bundles.length > 1) say("Drop one bundle at a time.");
  if (bundles.length === 1) chooseBundle(bundles[0]);
  if (keys.length) chooseKeys([...chosen.keys, ...keys]);
}

function chooseBundle(bundle) {
  chosen.bundle = bundle;
  const what = bundle?.files ? `folder, ${count(bundle.files.length)} files` : size(bundle?.file);
  find("bundle-chosen").replaceChildren(...(bundle ? [foreign(bundle.name), ` (${what})`] : ["none yet"]));
  find("check").disabled = !bundle;
  clear();
}

function chooseKeys(files) {
  chosen.keys = files;
  const names = files.flatMap((file) => [foreign(file.name), ", "]).slice(0, -1);
  find("keys-chosen").replaceChildren(...(names.length ? names : ["none yet"]));
  find("forget").hidden = !files.length;
  clear();
}

function forget() {
  find("keys").value = "";
  chooseKeys([]);
  find("keys").focus();
}

function size(file) {
  if (!file) return "";
  const units = [[2 ** 30, "GB"], [2 ** 20, "MB"], [2 ** 10, "KB"]];
  const [unit, name] = units.find(([least]) => file.size >= least) ?? [1, "bytes"];
  return `${(file.size / unit).toFixed(unit === 1 ? 0 : 1)} ${name}`;
}

// An old answer must not stand beside a new question.
function clear() {
  chosen.report = null;
  chosen.asked = null;
  find("found").replaceChildren();
  find("result").hidden = true;
  find("report").replaceChildren();
  delete find("report").dataset.verdict;
  delete find("status").dataset.verdict;
  showSummary(find("summary"), null);
  say("");
}

async function check() {
  clear();
  const { name, file, files, empty } = chosen.bundle;
  const fingerprint = find("fingerprint").value.trim();
  find("check").disabled = true;
  find("working").hidden = false;
  advance(0, 1);
  say(`Checking ${visible(name)} …`);
  const request = {
    bundle: file ? { file } : { files, empty },
    keys: await read(chosen.keys),
    fingerprint,
    at: BigInt(Date.now()) * 1_000_000n,
    given: JSON.parse(find("given").textContent),
  };
  const began = Date.now();
  const report = await ask(find("verifier").textContent, request, advance);
  find("working").hidden = true;
  find("check").disabled = false;
  const given = { keys: chosen.keys.map((key) => key.name), fingerprint };
  chosen.report = { bundle: name, judged_at: new Date(began).toISOString(), given, ...report };
  chosen.asked = request;
  showReport(find("report"), chosen.report);
  showSummary(find("summary"), report.summary);
  find("finder").hidden = report.export === null;
  find("result").hidden = false;
  find("result-title").focus();
  conclude(report, ((Date.now() - began) / 1000).toFixed(1));
}

// The first line that is seen leads to the last word of the report.
function conclude(report, seconds) {
  const link = make("a", "", ...headline(report));
  link.href = "#verdict";
  find("status").replaceChildren(`Finished in ${seconds} s: `, link);
  find("status").dataset.verdict = report.verdict;
}

async function lookFor(wanted) {
  if (!wanted || !chosen.asked) return;
  const { asked, report } = chosen;
  find("found").replaceChildren("Looking …");
  const request = { bundle: asked.bundle, given: asked.given, judged: report.export, wanted };
  const result = await ask(find("verifier").textContent, request, () => {});
  if (chosen.asked === asked) showFound(find("found"), wanted, result);
}

function advance(done, total) {
  find("bar").value = total ? done / total : 1;
  find("bar").textContent = `${Math.floor((100 * done) / (total || 1))} %`;
}

function say(sentence) {
  find("status").textContent = sentence;
}

// Offers the report as a file; nothing is sent anywhere.
function save() {
  const { summary, ...report } = chosen.report;
  const document = { format: "evidencekit-browser-report/1", page: find("version").textContent, ...report };
  const plain = (_name, value) => (typeof value === "bigint" ? String(value) : value);
  const lines = `${JSON.stringify(document, plain, 2)}\n`;
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([lines], { type: "application/json" }));
  link.download = "evidence-report.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

if (typeof document === "undefined") serve(self);
else start();
