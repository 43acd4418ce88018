// ---- the assessment page: a situation is chosen in the table or the list, and assessed in the browser

// Three values as text: "true", "false", "not-known". The truth table of the verdicts comes from Python.
function assessment(root, model, change) {
  const form = root.querySelector('[data-role="assess"]');
  const part = (role) => form.querySelector(`[data-role="${role}"]`);
  const templates = new Map(all(root, "template[data-situation]").map((each) => [each.dataset.situation, each.content]));
  const word = (value) => (value === "not-known" ? "unknown" : value);
  const any = (values) => (values.includes("true") ? "true" : values.includes("not-known") || !values.length ? "not-known" : "false");
  let shown = "";

  const isUnlisted = (law, name, indicator) => name in model.protocol && !law.listed[name]?.includes(indicator);
  const NAMES = ["act", "means", "purpose", "child"];

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
    const names = decisive.map((name) => model.elements[name]).join(", ");
    return [fill(model.phrases.if_true, { verdict: model.verdict[yes] }), fill(model.phrases.if_false, { verdict: model.verdict[no] }),
      names ? fill(model.phrases.decisive, { elements: names }) : ""].filter(Boolean).join(" ");
  }

  return (state) => {
    const situation = state.situation?.[0] ?? form.situation.options[0].value;
    const code = state.definition?.[0] ?? model.first;
    form.situation.value = situation;
    for (const box of all(form, '[name="definition"]')) box.checked = box.value === code;
    if (shown !== situation) part("indicators").replaceChildren(templates.get(situation).cloneNode(true));
    shown = situation;
    const assumed = Object.fromEntries((state.assume ?? []).map((each) => each.split(".")));
    const values = {};
    let changed = 0;
    for (const row of all(part("indicators"), ".indicator")) {
      const boxes = all(row, "input"), name = boxes[0].name;
      values[name] = assumed[name] ?? row.dataset.value;
      for (const box of boxes) box.checked = box.value === values[name];
      row.classList.toggle("changed", values[name] !== row.dataset.value);
      if (values[name] !== row.dataset.value) row.closest("details")?.setAttribute("open", "");
      changed += values[name] !== row.dataset.value;
    }
    const law = model.definitions[code];
    const elements = elementsOf(values, law);
    const found = judged(elements, law.childRule);
    for (const row of all(part("indicators"), ".indicator")) row.classList.toggle("unlisted", isUnlisted(law, row.dataset.element, row.dataset.indicator));
    const verdict = found === "not-known" && isGap(values, law) ? "not-described" : found;
    part("verdict").dataset.verdict = verdict;
    part("answer").textContent = model.verdict[verdict];
    for (const light of all(form, "[data-light]")) {
      const name = light.dataset.light, told = law.listed[name] ? elements[name] : "not-described";
      for (const each of all(light, "[data-truth]")) each.hidden = each.dataset.truth !== told;
    }
    for (const row of all(root, "tr[data-row]")) {
      const isChosen = row.dataset.row === state.situation?.[0];
      row.classList.toggle("selected", isChosen);
      row.querySelector("[data-select]").setAttribute("aria-current", isChosen);
      if (isChosen && row.closest("details")) row.closest("details").open = true;
    }
    part("reasons").replaceChildren(...reasons(elements, values, law).map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    const further = verdict === "not-trafficking" && model.phrases.no_harm;
    const { as_stated, settled, settled_as_stated } = model.phrases, start = changed ? model.phrases.changed : as_stated;
    const rest = verdict === "not-described" ? "" : outlook(elements, law, changed ? settled : settled_as_stated);
    part("outlook").textContent = [...(rest === settled_as_stated ? [] : [start]), further, rest].filter(Boolean).join(" ");
    part("reset").hidden = !changed;
    form.onchange = (event) => {
      if (event.target.name === "situation") change({ situation: [event.target.value], assume: [] });
      else if (event.target.name === "definition") change({ definition: [event.target.value] });
      else {
        const row = event.target.closest(".indicator");
        const others = (state.assume ?? []).filter((each) => !each.startsWith(`${event.target.name}.`));
        change({ assume: event.target.value === row.dataset.value ? others : [...others, `${event.target.name}.${event.target.value}`] });
      }
    };
    part("reset").onclick = () => change({ assume: [] });
    form.onsubmit = (event) => event.preventDefault();
  };
}

function assessmentPage(root, model, publish) {
  if (!model.first) return publish;
  let state = {};
  addEventListener("beforeprint", () => { for (const folded of all(root, ".untold")) folded.open = true; });
  const judge = assessment(root, model, (choices) => apply({ ...state, ...choices }));
  function apply(choices) {
    state = choices;
    judge(state);
    publish(state);
    return state.situation || state.assume ? root.querySelector("#assess-title") : null;
  }
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-select]");
    if (!button) return;
    apply({ ...state, situation: [button.dataset.select], assume: [] });
    const title = root.querySelector("#assess-title");
    title.scrollIntoView({ block: "start" });
    title.focus({ preventScroll: true });
  });
  return apply;
}

PAGES.assessment = assessmentPage;
