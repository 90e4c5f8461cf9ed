const corpus = JSON.parse(byId("corpus").textContent);
const articles = corpus.articles;
const placeOf = new Map();
// The latest revision has the bare id; it comes first.
articles.forEach((article, place) => {
  article.revision = article.revision === undefined ? 1 : article.revision;
  const key = `${article.id}@${article.revision}`;
  for (const name of [article.id, key]) {
    const known = placeOf.get(name);
    if (known === undefined || articles[known].revision < article.revision) placeOf.set(name, place);
  }
  article.translations = article.translations || [];
});

const hashOf = (place, ...more) => {
  const { id, revision } = articles[place];
  const name = placeOf.get(id) === place ? id : `${id}@${revision}`;
  return `#${[name, ...more].map(encodeURIComponent).join("/")}`;
};

const titleOf = (article) => article.title || article.beginning || "Untitled";

const loaded = new Promise((done) => {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", done);
  else done();
});

// Texts lie packed in the page, several articles together, and are unpacked when they are asked for.
const unpacked = new Map();

async function unpack(number) {
  await loaded;
  const packed = atob(byId(`texts-${number}`).textContent);
  const bytes = Uint8Array.from(packed, (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const found = JSON.parse(await new Response(stream).text());
  for (const texts of found) {
    texts.translations = texts.translations || [];
    for (const one of texts.translations) one.sources = one.sources || texts.translations[0].sources;
  }
  return found;
}

function chunk(number) {
  if (!unpacked.has(number)) unpacked.set(number, unpack(number));
  return unpacked.get(number);
}

async function textsOf(place) {
  return (await chunk(Math.floor(place / corpus.chunk)))[place % corpus.chunk];
}
