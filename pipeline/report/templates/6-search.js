const query = byId("query");
const maxHits = 300;
let running = 0;

// The text with what was found marked, cut to what stands around the first place where it is long.
function marked(text, pattern, attributes) {
  const node = make("p", { dir: "auto", ...attributes });
  const first = pattern ? text.search(pattern) : -1;
  const start = first > 160 ? first - 80 : 0;
  const end = Math.min(text.length, Math.max(start + 400, first + 240));
  const piece = `${start ? "…" : ""}${text.slice(start, end)}${end < text.length ? "…" : ""}`;
  let last = 0;
  for (const found of pattern ? piece.matchAll(pattern) : []) {
    node.append(shown(piece.slice(last, found.index)), make("mark", {}, shown(found[0])));
    last = found.index + found[0].length;
  }
  node.append(shown(piece.slice(last)));
  return node;
}

function hit(place, name, translation, unit, patterns) {
  const article = articles[place];
  const source = translation.sources[unit];
  const target = translation.targets[unit];
  return make(
    "li",
    { class: "hit" },
    make("p", { class: "meta" }, make("a", { href: hashOf(place, name, unit) }, isolated("span", { lang: languageTag(article.language) }, titleOf(article))), make("span", {}, article.date || ""), make("span", {}, translation.pair)),
    make(
      "div",
      { class: "paragraph" },
      marked(source.text || "", patterns.source, { class: "side source", lang: languageTag(source.language) }),
      marked(target.text || "", patterns.target, { class: "side target", lang: languageTag(translation.target) }),
    ),
  );
}

function bareHit(place, text, pattern) {
  const article = articles[place];
  const link = make("a", { href: hashOf(place) }, isolated("span", { lang: languageTag(article.language) }, titleOf(article)));
  return make("li", { class: "hit" }, make("p", { class: "meta" }, link, make("span", {}, article.date || ""), make("span", {}, "no translation")), marked(text, pattern, { class: "side source", lang: languageTag(article.language) }));
}

const holds = (pattern, text) => Boolean(pattern && text && text.search(pattern) >= 0);

function* hitsIn(place, texts, patterns) {
  if (holds(patterns.source, texts.text)) yield () => bareHit(place, texts.text, patterns.source);
  for (const [number, translation] of texts.translations.entries()) {
    for (const [unit, target] of translation.targets.entries()) {
      // A source that has several translations is found once, in the first one.
      const isNew = number === 0 || translation.sources !== texts.translations[0].sources;
      if (holds(patterns.target, target.text) || (isNew && holds(patterns.source, translation.sources[unit].text))) {
        yield () => hit(place, translationName(texts.translations, number), translation, unit, patterns);
      }
    }
  }
}

async function search() {
  const token = ++running;
  const list = byId("hits");
  const status = byId("hits-found");
  const pattern = phrase(query.elements.q.value.normalize("NFC"));
  const side = query.elements.side.value;
  list.replaceChildren();
  status.textContent = "";
  if (!pattern) return;
  const patterns = { source: side === "target" ? null : pattern, target: side === "source" ? null : pattern };
  let n = 0;
  for (let start = 0; start < articles.length; start += corpus.chunk) {
    const texts = await chunk(start / corpus.chunk);
    if (token !== running) return;
    const nodes = [];
    texts.forEach((one, number) => {
      for (const node of hitsIn(start + number, one, patterns)) if (++n <= maxHits) nodes.push(node());
    });
    list.append(...nodes);
    status.textContent = `${counted(n, "place", "places")} so far …`;
    // Lets the page breathe between two chunks.
    await new Promise((done) => setTimeout(done));
  }
  if (token !== running) return;
  status.textContent = n ? `${counted(n, "place", "places")}${n > maxHits ? `; the first ${maxHits} are shown` : ""}` : "Nothing was found.";
}
