import assert from "node:assert/strict";
import test from "node:test";
import { verdictsOf } from "../../research_lib/show/pages/assessment/logic/verdicts.mjs";

const VALUES = ["true", "false", "not-known"];
const all = (values) => (values.includes("false") ? "false" : values.includes("not-known") ? "not-known" : "true");
const any = (values) => (values.includes("true") ? "true" : values.includes("not-known") ? "not-known" : "false");
const NAMES = { true: "trafficking", false: "not-trafficking", "not-known": "not-known" };
const verdicts = Object.fromEntries(VALUES.flatMap((act) => VALUES.flatMap((means) => VALUES.flatMap((purpose) => VALUES.map((exempt) =>
  [[act, means, purpose, exempt].join(" "), NAMES[all([act, any([means, exempt]), purpose])]])))));
const MODEL = {
  comma: ", ", verdicts, protocol: { act: ["recruitment", "transport"], means: ["force", "deception"], purpose: ["labour"] }, beyond: { means: ["debt"] },
  reasons: new Proxy({}, { get: (_, code) => code }), elements: { act: "the act", means: "the means", purpose: "the purpose", child: "being a child" },
  verdict: { trafficking: "yes", "not-trafficking": "no", "not-known": "open" },
  phrases: { changed: "Changed.", as_stated: "As stated.", settled: "Settled.", undescribed: "The law would.", settled_as_stated: "Settled as stated.", no_harm: "Not harmless.", if_true: "If true: {verdict}.", if_false: "If false: {verdict}.", decisive: "Decisive: {elements}." },
};
const PALERMO = { listed: MODEL.protocol, childRule: "true", consentRule: true };
const { assessed, isUnlisted } = verdictsOf(MODEL);
const FULL = { recruitment: "true", transport: "false", force: "true", deception: "false", labour: "true", child: "false" };

test("act, means and purpose together are needed", () => {
  const { verdict, elements, outlook } = assessed(FULL, PALERMO, false);
  assert.equal(verdict, "trafficking");
  assert.deepEqual(elements, { act: "true", means: "true", purpose: "true", child: "false" });
  assert.equal(outlook, "Settled as stated.");
  for (const name of ["recruitment", "force", "labour"]) assert.equal(assessed({ ...FULL, [name]: "false" }, PALERMO, false).verdict, "not-trafficking", name);
});

test("for a child no means are needed, where the law says so", () => {
  const child = { ...FULL, force: "false", child: "true" };
  assert.equal(assessed(child, PALERMO, false).verdict, "trafficking");
  assert.ok(assessed(child, PALERMO, false).reasons.includes("child-true"));
  assert.equal(assessed(child, { ...PALERMO, childRule: "false" }, false).verdict, "not-trafficking");
  assert.ok(assessed(child, { ...PALERMO, childRule: "not-known" }, false).reasons.includes("not-described"));
});

test("what is not known stays open, and the elements that would decide are named", () => {
  const { verdict, outlook } = assessed({ ...FULL, force: "not-known" }, PALERMO, false);
  assert.equal(verdict, "not-known");
  assert.equal(outlook, "As stated. If true: yes. If false: no. Decisive: the means.");
  assert.equal(assessed({ ...FULL, force: "not-known", labour: "not-known" }, PALERMO, false).outlook, "As stated. If true: yes. If false: no. Decisive: the means, the purpose.");
});

test("an indicator that a law leaves out settles nothing", () => {
  const law = { listed: { ...MODEL.protocol, means: ["force"] }, childRule: "true", consentRule: false };
  const { verdict, reasons } = assessed({ ...FULL, force: "false", deception: "true" }, law, false);
  assert.equal(verdict, "not-described", "the verdict would stay open whatever the facts");
  assert.ok(reasons.includes("means-unlisted"));
  assert.ok(isUnlisted(law, "means", "deception") && !isUnlisted(law, "means", "force") && !isUnlisted(law, "child", "child"));
});

test("means beyond the protocol leave the means open", () => {
  assert.equal(assessed({ ...FULL, force: "false", debt: "true" }, PALERMO, false).elements.means, "not-known");
});

test("a law whose elements are not described gives no verdict", () => {
  const law = { listed: { act: MODEL.protocol.act, means: null, purpose: MODEL.protocol.purpose }, childRule: "false", consentRule: false };
  const { verdict, outlook, reasons } = assessed(FULL, law, false);
  assert.equal(verdict, "not-described");
  assert.equal(outlook, "As stated. The law would.");
  assert.deepEqual(reasons, ["act-true", "purpose-true", "not-described"]);
});

test("consent does not matter once there are means, and is said only then", () => {
  assert.ok(assessed({ ...FULL, consent: "true" }, PALERMO, false).reasons.includes("consent-irrelevant"));
  assert.ok(!assessed({ ...FULL, force: "false", consent: "true" }, PALERMO, false).reasons.includes("consent-irrelevant"));
});

test("what was changed is said, and that no trafficking is not no harm", () => {
  assert.equal(assessed({ ...FULL, labour: "false" }, PALERMO, true).outlook, "Changed. Not harmless. Settled.");
  assert.equal(assessed({ ...FULL, labour: "false" }, PALERMO, false).outlook, "Not harmless. Settled as stated.");
});
