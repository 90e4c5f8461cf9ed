const reading = byId("reading");
let current;
let showsScores = false;

function paragraphs(translation) {
  const found = [];
  translation.sources.forEach((source, unit) => {
    const last = found[found.length - 1];
    if (last && last.number === source.paragraph && last.kind === source.kind) last.units.push(unit);
    else found.push({ number: source.paragraph, kind: source.kind, units: [unit] });
  });
  return found;
}

function segment(translation, unit, side) {
  const { text = "", language } = side === "source" ? translation.sources[unit] : { language: translation.target, ...translation.targets[unit] };
  const target = translation.targets[unit];
  const classes = ["segment"];
  if (side === "target" && target.flags) classes.push("doubted");
  if (target.other) classes.push("other");
  const node = make("span", { class: classes.join(" "), "data-unit": unit, "data-side": side, tabindex: "-1", lang: languageTag(language) }, shown(text));
  if (side === "target" && !text) node.append(make("span", { class: "nothing" }, "(empty)"));
  return node;
}

function mark(target, unit) {
  const meanings = target.flags.map((flag) => `${flag}: ${corpus.flags[flag] || ""}`);
  return make("button", { type: "button", class: "mark", "data-unit": unit, title: meanings.join("\n"), "aria-expanded": "false" }, make("span", { "aria-hidden": "true" }, "⚑ "), target.flags.join(", "));
}

function sideOf(translation, units, side) {
  const node = make("p", { class: `side ${side}`, dir: "auto", lang: languageTag(side === "source" ? translation.sources[units[0]].language : translation.target) });
  units.forEach((unit, number) => {
    if (number) node.append(" ");
    node.append(segment(translation, unit, side));
    const target = translation.targets[unit];
    if (side === "source") return;
    if (target.quality !== undefined) node.append(make("span", { class: "score", "data-unit": unit, "aria-label": `quality ${decimal(target.quality)}` , role: "note" }, decimal(target.quality)));
    if (target.flags) node.append(" ", mark(target, unit));
  });
  return node;
}

function textOf(translation, article, opened) {
  const heads = make("div", { class: "heads" }, make("h2", {}, languageName(article.language || ""), make("small", {}, " source")), make("h2", {}, languageName(translation.target)));
  const rows = paragraphs(translation).map((one) =>
    make("div", { class: `paragraph ${["headline", "caption"].includes(one.kind) ? one.kind : "body"}` }, sideOf(translation, one.units, "source"), sideOf(translation, one.units, "target")),
  );
  const node = make("div", { class: "text parallel", translate: "no" }, heads, ...rows);
  const pin = watchUnits(node, translation, opened);
  makeReachable(node, 0);
  return { node, pin };
}

function bareText(text, article) {
  const rows = (text || "").split(/\n\n+/).filter(Boolean).map((paragraph) => isolated("p", { class: "side source", lang: languageTag(article.language) }, paragraph));
  const note = make("p", { class: "notice" }, "There is no translation of this article in the corpus.");
  return make("div", { class: "text single", translate: "no" }, note, ...rows);
}

function head(article, place) {
  const facts = [article.publisher, article.section, `${article.date}${article.time ? `, ${article.time} UTC` : ""}`, article.is_dated ? "" : "no date, filed under the day it was read"];
  const address = article.url ? webAddress(article.url) : null;
  const link = address ? make("a", { href: address.href, rel: "noopener noreferrer", target: "_blank" }, `Original at ${address.host}`) : article.url ? isolated("span", {}, article.url) : null;
  return make(
    "header",
    { class: "lead" },
    make("p", { class: "kicker meta" }, ...facts.filter(Boolean).map((fact) => isolated("span", {}, fact))),
    isolated("h1", { class: article.title ? "" : "untitled", lang: languageTag(article.language), tabindex: "-1", translate: "no" }, titleOf(article)),
    article.authors ? isolated("p", { class: "byline" }, article.authors.join(", ")) : null,
    make("p", { class: "meta" }, link, make("a", { href: hashOf(place), class: "permalink", title: "Address of this article" }, article.id), article.revision > 1 ? make("span", {}, `revision ${article.revision}`) : null),
  );
}

function tabs(place, translations, number) {
  const links = translations.map((one, other) => make("a", { href: hashOf(place, translationName(translations, other)), "aria-current": other === number ? "true" : null }, `${languageName(one.target)}${one.pair && translationName(translations, other).includes(".") ? `, ${one.run}` : ""}`));
  return make("nav", { class: "tabs", "aria-label": "Translations" }, ...links);
}

function scoresSwitch() {
  const box = make("input", { type: "checkbox", id: "scores" });
  box.checked = showsScores;
  box.addEventListener("change", () => {
    showsScores = box.checked;
    reading.classList.toggle("with-scores", showsScores);
  });
  return make("label", { class: "switch" }, box, " Scores");
}

function neighbours(place) {
  const among = order.includes(place) ? order : articles.map((_, other) => other);
  const at = among.indexOf(place);
  const link = (other, label, rel, beyond) => {
    if (other !== undefined) return make("a", { href: hashOf(other), rel }, make("small", {}, label), isolated("span", { lang: languageTag(articles[other].language) }, titleOf(articles[other])));
    return beyond ? make("a", { href: beyond, rel }, make("small", {}, label), make("span", {}, "in another part")) : make("span", {});
  };
  return make(
    "nav",
    { class: "neighbours", "aria-label": "Neighbouring articles" },
    link(among[at - 1], "← Previous", "prev", corpus.before && `${corpus.before}#last`),
    link(among[at + 1], "Next →", "next", corpus.after && `${corpus.after}#first`),
  );
}

// `wanted` is the name of a translation, `unit` the place of one in it.
async function openArticle(place, wanted, unit) {
  const article = articles[place];
  const token = (current = { place });
  document.title = `${shown(titleOf(article))} – ${corpus.title}`;
  let texts;
  try {
    texts = await textsOf(place);
  } catch (error) {
    reading.replaceChildren(head(article, place), make("p", { class: "notice" }, `The texts cannot be unpacked (${error.message}). A browser of 2023 or later is needed, and the whole file.`));
    return;
  }
  if (token !== current) return;
  const { translations } = texts;
  const number = Math.max(0, translations.findIndex((_, other) => translationName(translations, other) === wanted));
  const translation = translations[number];
  reading.classList.toggle("with-scores", showsScores);
  const parts = [make("p", { class: "back" }, make("a", { href: filtersHash() }, "← Articles")), head(article, place)];
  if (!translation) {
    reading.replaceChildren(...parts, bareText(texts.text, article), neighbours(place));
    reading.querySelector("h1").focus({ preventScroll: true });
    return;
  }
  const name = translationName(translations, number);
  const { node, pin } = textOf(translation, article, (opened) => remember(opened === undefined ? hashOf(place, name) : hashOf(place, name, opened)));
  const hint = make("p", { class: "hint" }, "Point at a sentence to see its partner; click it to know more. In the text, arrow keys move from sentence to sentence, Enter tells more.");
  const others = translation.targets.some((one) => one.other) ? make("p", { class: "hint" }, "What the filters of this report leave out stands in grey.") : null;
  reading.replaceChildren(...parts, make("div", { class: "tools" }, tabs(place, translations, number), scoresSwitch()), hint, others || "", node, neighbours(place));
  if (unit !== undefined && translation.targets[unit]) {
    pin(unit);
    const target = makeReachable(node, unit);
    target?.focus({ preventScroll: true });
    target?.scrollIntoView({ block: "center" });
  } else reading.querySelector("h1").focus({ preventScroll: true });
}

// The address tells what is open, without a step in the history for each sentence.
function remember(hash) {
  try {
    history.replaceState(history.state, "", hash);
  } catch {
    // Some browsers refuse that for files.
  }
}
