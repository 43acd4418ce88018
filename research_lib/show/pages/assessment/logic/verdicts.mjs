// What follows from the indicators of a situation under a law, and what would follow if more were known.
// Three values as text: "true", "false", "not-known". The truth table of the verdicts comes from Python.

import { fill } from "../../shared/logic/text.mjs";

const word = (value) => (value === "not-known" ? "unknown" : value);
const any = (values) => (values.includes("true") ? "true" : values.includes("not-known") || !values.length ? "not-known" : "false");
const NAMES = ["act", "means", "purpose", "child"];

/**
 * Opens what a page knows of laws and verdicts.
 * @param {Object} model
 * @returns {{isUnlisted: Function, assessed: Function}} `isUnlisted` says whether a law leaves an indicator of the protocol
 *   out; `assessed` gives the verdict, the elements, the reasons and a sentence on what is open, from the values of the
 *   indicators, a law, and whether a value was changed
 */
export function verdictsOf(model) {
  const isUnlisted = (law, name, indicator) => name in model.protocol && !law.listed[name]?.includes(indicator);

  function element(values, law, name) {
    const listed = law.listed[name];
    if (!listed) return "not-known";
    const of = (names) => any(names.map((each) => values[each] ?? "not-known"));
    const found = of(listed);
    const others = model.protocol[name].filter((each) => !listed.includes(each));
    if (found === "false" && (model.beyond[name] ?? []).some((each) => values[each] === "true")) return "not-known";
    return found === "true" || !others.length || of(others) === "false" ? found : "not-known";
  }

  const elementsOf = (values, law) => ({
    ...Object.fromEntries(["act", "means", "purpose"].map((name) => [name, element(values, law, name)])), child: values.child ?? "not-known",
  });

  function judged(elements, rule) {
    const exempt = [elements.child, rule].includes("false") ? "false" : rule === "true" ? elements.child : "not-known";
    return model.verdicts[[elements.act, elements.means, elements.purpose, exempt].join(" ")];
  }

  // Whether the verdict would stay open if all facts were known, so that only the law's description is missing.
  function isGap(values, law) {
    return ["true", "false"].every((fill) => {
      const filled = Object.fromEntries(Object.values(model.protocol).flat().concat("child").map((name) => [name, fill]));
      const known = Object.entries(values).filter(([, value]) => value !== "not-known");
      return judged(elementsOf({ ...filled, ...Object.fromEntries(known) }, law), law.childRule) === "not-known";
    });
  }

  function reasons(elements, values, law) {
    const said = ["act", "means", "purpose"].filter((name) => law.listed[name]).map((name) => `${name}-${word(elements[name])}`);
    const unlisted = model.protocol.means.filter((each) => isUnlisted(law, "means", each));
    if (elements.means === "not-known" && law.listed.means && unlisted.some((each) => values[each] === "true")) said.push("means-unlisted");
    const needsNoMeans = elements.means !== "true";
    if (law.childRule === "true" && elements.child !== "false" && needsNoMeans) said.push(`child-${word(elements.child)}`);
    const isExempt = elements.child === "true" && law.childRule === "true";
    if (values.consent === "true" && law.consentRule && (elements.means === "true" || isExempt)) said.push("consent-irrelevant");
    const isSilent = law.childRule === "not-known" && elements.child === "true" && needsNoMeans;
    if (Object.values(law.listed).includes(null) || isSilent) said.push("not-described");
    return said.map((code) => model.reasons[code]);
  }

  function outlook(elements, law, settled) {
    const open = NAMES.filter((name) => elements[name] === "not-known");
    const [yes, no] = ["true", "false"].map((value) => judged(
      { ...elements, ...Object.fromEntries(open.map((name) => [name, value])) }, law.childRule === "not-known" ? value : law.childRule));
    if (yes === no) return settled;
    const now = judged(elements, law.childRule);
    const decisive = open.filter((name) => ["true", "false"].some((value) => judged({ ...elements, [name]: value }, law.childRule) !== now));
    const names = decisive.map((name) => model.elements[name]).join(model.comma);
    return [fill(model.phrases.if_true, { verdict: model.verdict[yes] }), fill(model.phrases.if_false, { verdict: model.verdict[no] }),
      names ? fill(model.phrases.decisive, { elements: names }) : ""].filter(Boolean).join(" ");
  }

  function assessed(values, law, isChanged) {
    const elements = elementsOf(values, law), found = judged(elements, law.childRule);
    const verdict = found === "not-known" && isGap(values, law) ? "not-described" : found;
    const further = verdict === "not-trafficking" && model.phrases.no_harm;
    const { as_stated, settled, settled_as_stated } = model.phrases, start = isChanged ? model.phrases.changed : as_stated;
    const rest = verdict === "not-described" ? model.phrases.undescribed : outlook(elements, law, isChanged ? settled : settled_as_stated);
    const said = [...(rest === settled_as_stated ? [] : [start]), further, rest].filter(Boolean).join(" ");
    return { verdict, elements, reasons: reasons(elements, values, law), outlook: said };
  }

  return { assessed, isUnlisted };
}
