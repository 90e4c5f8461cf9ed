// A unit is a source and its translation: both light up together, and tell more when asked.
const lit = new Set();

function light(text, unit) {
  for (const node of lit) node.classList.remove("lit");
  lit.clear();
  if (unit === undefined) return;
  for (const node of text.querySelectorAll(`[data-unit="${Number(unit)}"]`)) {
    node.classList.add("lit");
    lit.add(node);
  }
}

function unitOf(target) {
  const node = target instanceof Element ? target.closest("[data-unit]") : null;
  return node ? Number(node.dataset.unit) : undefined;
}

const partOf = (text, unit, side) => text.querySelector(`.segment[data-side="${side}"][data-unit="${Number(unit)}"]`);

// One unit at a time can be reached by Tab; arrows move on from there.
function makeReachable(text, unit, side = "source") {
  for (const node of text.querySelectorAll('.segment[tabindex="0"]')) node.tabIndex = -1;
  const node = partOf(text, unit, side) || partOf(text, unit, "target");
  if (node) node.tabIndex = 0;
  return node;
}

function watchUnits(text, translation, opened) {
  let pinned;
  const pin = (unit) => {
    for (const node of text.querySelectorAll(".details")) node.remove();
    for (const node of text.querySelectorAll(".pinned")) node.classList.remove("pinned");
    for (const node of text.querySelectorAll(".mark")) node.setAttribute("aria-expanded", "false");
    pinned = unit;
    light(text, unit);
    opened(unit);
    if (unit === undefined) return;
    for (const node of text.querySelectorAll(`[data-unit="${unit}"]`)) {
      node.classList.add("pinned");
      if (node.matches(".mark")) node.setAttribute("aria-expanded", "true");
    }
    const paragraph = (partOf(text, unit, "target") || partOf(text, unit, "source")).closest(".paragraph");
    const panel = details(translation, unit, () => {
      pin(undefined);
      makeReachable(text, unit)?.focus();
    });
    paragraph.after(panel);
    panel.scrollIntoView({ block: "nearest" });
  };
  text.addEventListener("pointerover", (event) => {
    const unit = unitOf(event.target);
    if (unit !== undefined || pinned === undefined) light(text, unit);
  });
  text.addEventListener("pointerleave", () => light(text, pinned));
  text.addEventListener("focusin", (event) => {
    if (unitOf(event.target) !== undefined) light(text, unitOf(event.target));
  });
  text.addEventListener("focusout", () => light(text, pinned));
  text.addEventListener("click", (event) => {
    const unit = unitOf(event.target);
    // Who marks text to copy it does not want to be told about it.
    if (unit === undefined || (!event.target.closest(".mark") && String(getSelection()))) return;
    makeReachable(text, unit, event.target.closest(".segment")?.dataset.side);
    pin(pinned === unit ? undefined : unit);
  });
  text.addEventListener("keydown", (event) => moveBetween(text, event, translation.targets.length, (unit) => pin(pinned === unit ? undefined : unit)));
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || pinned === undefined) return;
    const unit = pinned;
    pin(undefined);
    makeReachable(text, unit)?.focus();
  });
  return pin;
}

function moveBetween(text, event, nUnits, toggle) {
  const segment = event.target.closest?.(".segment");
  if (!segment || event.altKey || event.ctrlKey || event.metaKey) return;
  const unit = Number(segment.dataset.unit);
  const steps = { ArrowDown: unit + 1, ArrowRight: unit + 1, ArrowUp: unit - 1, ArrowLeft: unit - 1, Home: 0, End: nUnits - 1 };
  if (event.key === "Enter" || event.key === " ") toggle(unit);
  else if (steps[event.key] === undefined) return;
  else makeReachable(text, Math.max(0, Math.min(nUnits - 1, steps[event.key])), segment.dataset.side)?.focus();
  event.preventDefault();
}

function details(translation, unit, close) {
  const target = translation.targets[unit];
  const source = translation.sources[unit];
  const button = make("button", { type: "button", class: "plain close", "aria-label": "Close" }, "×");
  button.addEventListener("click", close);
  const list = make("dl", {});
  const add = (name, ...texts) => list.append(make("div", {}, make("dt", {}, name), make("dd", {}, ...texts)));
  for (const flag of target.flags || []) add(make("span", { class: "flag" }, flag), corpus.flags[flag] || "");
  if (target.quality !== undefined) add("Quality", decimal(target.quality), bar(target.quality));
  if (target.score !== undefined) add("Score", `${decimal(target.score)} (mean log-probability of a token)`);
  const model = translation.models?.[target.model || 0];
  add("Model", model || "none: it was copied or left out");
  if (target.edits) add("Edits", shown(target.edits.join(", ")));
  if (target.retry) add("Second try", shown(target.retry));
  if (target.memory) add("Memory", "the translation is from an earlier shard or run");
  if (source.language) add("Language", languageName(source.language));
  add("Segment", `${source.segment}${source.kind ? `, ${source.kind}` : ""}, paragraph ${source.paragraph}`);
  return make("aside", { class: "details", role: "region", "aria-label": "About this unit", "aria-live": "polite" }, button, list);
}
