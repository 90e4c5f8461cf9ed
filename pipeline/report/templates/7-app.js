const views = ["overview", "articles", "search", "reading"];
let scrolledTo = 0;
let shownView;

function show(name) {
  if (shownView === "articles") scrolledTo = scrollY;
  for (const view of views) byId(view).hidden = view !== name;
  for (const link of document.querySelectorAll(".views a")) {
    const isCurrent = link.hash.split("?")[0] === `#${name === "reading" ? "articles" : name}` && !link.getAttribute("href").startsWith("index");
    if (isCurrent) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (name !== "reading") {
    current = undefined;
    document.title = corpus.title;
  }
  const isBack = name === "articles" && shownView === "reading";
  scrollTo(0, isBack ? scrolledTo : 0);
  shownView = name;
}

// The address after `#`: a view with its fields, or an article, its translation and a unit of it.
function route() {
  const [name, fields] = location.hash.slice(1).split(/\?(.*)/s);
  const values = new URLSearchParams(fields || "");
  if (name === "" || name === "overview") {
    show(corpus.part ? "articles" : "overview");
    return;
  }
  if (name === "articles") {
    const before = filtersHash();
    showFilters(values);
    if (filtersHash() !== before) applyFilters();
    show("articles");
    return;
  }
  if (name === "search") {
    const isOther = query.elements.q.value !== (values.get("q") || "") || query.elements.side.value !== (values.get("side") || "");
    query.elements.q.value = values.get("q") || "";
    query.elements.side.value = values.get("side") || "";
    show("search");
    query.elements.q.focus();
    if (isOther) search();
    return;
  }
  routeToArticle(name);
}

function routeToArticle(name) {
  let parts;
  try {
    parts = name.split("/").map(decodeURIComponent);
  } catch {
    parts = [name];
  }
  const ends = { first: 0, last: articles.length - 1 };
  const place = placeOf.get(parts[0]) ?? ends[parts[0]];
  if (place === undefined || !articles[place]) {
    show("articles");
    byId("found").textContent = `There is no article “${shown(parts[0].slice(0, 80))}” here.`;
    return;
  }
  show("reading");
  openArticle(place, parts[1], parts[2] === undefined ? undefined : Number(parts[2]));
}

let timer;
function later(action) {
  clearTimeout(timer);
  timer = setTimeout(action, 150);
}

function start() {
  fillFilters();
  if (location.hash.startsWith("#articles?")) showFilters(new URLSearchParams(location.hash.slice(10)));
  applyFilters();
  form.addEventListener("input", () => later(() => {
    applyFilters();
    remember(filtersHash());
  }));
  form.addEventListener("reset", () => later(() => {
    applyFilters();
    remember("#articles");
  }));
  form.addEventListener("submit", (event) => event.preventDefault());
  query.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = [["q", query.elements.q.value], ["side", query.elements.side.value]].filter(([, value]) => value);
    remember(given.length ? `#search?${new URLSearchParams(given)}` : "#search");
    search();
  });
  byId("more").addEventListener("click", () => showMore()?.querySelector("a").focus());
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId("content").focus();
  });
  addEventListener("hashchange", route);
  route();
  document.documentElement.dataset.ready = "yes";
}

start();
