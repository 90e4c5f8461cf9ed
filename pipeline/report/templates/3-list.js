const form = byId("filters");
const rowsAtOnce = 100;
// The places of the articles that the filters let through, in their order.
let order = articles.map((_, place) => place);
let nShown = 0;

function fillSelect(select, values, label = (value) => value) {
  for (const value of values) {
    const option = make("option", { value }, shown(label(value)));
    select.append(option);
  }
  select.disabled = values.length === 0;
}

function distinct(values) {
  return [...new Set(values.filter(Boolean))].sort((one, other) => one.localeCompare(other));
}

function fillFilters() {
  const { language, pair, publisher, flag } = form.elements;
  const translations = articles.flatMap((article) => article.translations);
  fillSelect(language, distinct(articles.map((article) => article.language)), languageName);
  fillSelect(pair, [...distinct(translations.map((one) => one.pair)), "none"], (name) => (name === "none" ? "without translation" : name));
  fillSelect(publisher, distinct(articles.map((article) => article.publisher)));
  fillSelect(flag, distinct(translations.flatMap((one) => Object.keys(one.flags || {}))));
}

const filterNames = ["title", "language", "pair", "publisher", "flag", "from", "to", "quality", "order"];

function readFilters() {
  return Object.fromEntries(filterNames.map((name) => [name, form.elements[name].value.trim()]));
}

function showFilters(values) {
  for (const name of filterNames) form.elements[name].value = values.get(name) || "";
}

function filtersHash() {
  const given = Object.entries(readFilters()).filter(([, value]) => value);
  return given.length ? `#articles?${new URLSearchParams(given)}` : "#articles";
}

// Pair, flag and quality must hold of one translation together.
function isWanted(article, wanted, title) {
  if (wanted.language && article.language !== wanted.language) return false;
  if (wanted.publisher && article.publisher !== wanted.publisher) return false;
  if (wanted.from && !(article.date >= wanted.from)) return false;
  if (wanted.to && !(article.date <= wanted.to)) return false;
  if (title && titleOf(article).search(title) < 0) return false;
  if (wanted.pair === "none") return !article.translations.length && !wanted.flag && !wanted.quality;
  if (!wanted.pair && !wanted.flag && !wanted.quality) return true;
  return article.translations.some(
    (one) =>
      (!wanted.pair || one.pair === wanted.pair) &&
      (!wanted.flag || (one.flags || {})[wanted.flag]) &&
      (!wanted.quality || one.quality >= Number(wanted.quality)),
  );
}

const nFlags = (article) => article.translations.reduce((sum, one) => sum + Object.values(one.flags || {}).reduce((a, b) => a + b, 0), 0);
const lowest = (article) => Math.min(2, ...article.translations.map((one) => (one.quality === undefined ? 2 : one.quality)));
const comparisons = {
  oldest: (one, other) => other - one,
  worst: (one, other) => lowest(articles[one]) - lowest(articles[other]) || one - other,
  flags: (one, other) => nFlags(articles[other]) - nFlags(articles[one]) || one - other,
  title: (one, other) => titleOf(articles[one]).localeCompare(titleOf(articles[other])) || one - other,
};

function phrase(words) {
  const escaped = words.trim().replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replace(/\s+/g, "\\s+");
  return escaped ? new RegExp(escaped, "giu") : null;
}

function applyFilters() {
  const wanted = readFilters();
  const title = phrase(wanted.title);
  order = articles.map((_, place) => place).filter((place) => isWanted(articles[place], wanted, title));
  if (comparisons[wanted.order]) order.sort(comparisons[wanted.order]);
  byId("list").replaceChildren();
  nShown = 0;
  showMore();
  const all = articles.length === order.length ? "" : ` of ${whole(articles.length)}`;
  byId("found").textContent = articles.length ? `${counted(order.length, "article", "articles")}${all}` : "There are no articles here.";
}

function showMore() {
  const rows = order.slice(nShown, nShown + rowsAtOnce).map(row);
  byId("list").append(...rows);
  nShown += rows.length;
  byId("more").hidden = nShown >= order.length;
  return rows[0];
}

function row(place) {
  const article = articles[place];
  const title = isolated("a", { href: hashOf(place), class: article.title ? "title" : "title untitled", lang: languageTag(article.language) }, titleOf(article));
  const facts = [article.date, article.publisher, languageName(article.language || "")];
  if (article.revision > 1) facts.push(`revision ${article.revision}`);
  const meta = make("p", { class: "meta" }, ...facts.filter(Boolean).map((fact) => isolated("span", {}, fact)));
  const translations = article.translations.map((one) => translationRow(place, one));
  if (!translations.length) translations.push(make("li", { class: "none" }, "no translation"));
  return make("li", { class: "entry" }, make("div", {}, title, meta), make("ul", { class: "translations" }, ...translations));
}

function translationRow(place, one) {
  const n = Object.values(one.flags || {}).reduce((a, b) => a + b, 0);
  const number = articles[place].translations.indexOf(one);
  return make(
    "li",
    {},
    make("a", { href: hashOf(place, translationName(articles[place].translations, number)), class: "pair" }, one.pair),
    make("span", { class: "units" }, counted(one.units || 0, "unit", "units")),
    make("span", { class: "quality" }, one.quality === undefined ? "–" : decimal(one.quality), one.quality === undefined ? null : bar(one.quality)),
    make("span", { class: n ? "flagged" : "unflagged" }, n ? counted(n, "flag", "flags") : ""),
  );
}

// The target language names a translation; where several runs made one, all but the first have a number too.
function translationName(translations, number) {
  const target = (one) => one.pair.split("-").slice(1).join("-") || one.pair;
  const before = translations.slice(0, number).filter((one) => one.pair === translations[number].pair).length;
  return before ? `${target(translations[number])}.${before + 1}` : target(translations[number]);
}
