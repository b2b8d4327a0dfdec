// Verify a Sigstore bundle that a plain key signed: no log, no certificate, no network.
const fs = require("node:fs");
const crypto = require("node:crypto");
const { bundleFromJSON } = require("@sigstore/bundle");
const { Verifier, toSignedEntity, toTrustMaterial } = require("@sigstore/verify");

const [, , key, bundle] = process.argv;
const publicKey = crypto.createPublicKey(fs.readFileSync(key));
const root = { mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
const thresholds = { tlogThreshold: 0, ctlogThreshold: 0, tsaThreshold: 0, timestampThreshold: 0 };
try {
  const found = bundleFromJSON(JSON.parse(fs.readFileSync(bundle, "utf8")));
  const trust = toTrustMaterial(root, () => ({ publicKey, validFor: () => true }));
  new Verifier(trust, thresholds).verify(toSignedEntity(found));
  console.log("verified");
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
