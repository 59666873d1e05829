"use strict";
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const characters = Array.from(data.characters), count = characters.length;
const signals = new Map(data.signals.map((one) => [one.name, one]));
const FIRST = 3;  // neurons of a concept that are listed before anything is searched for
const palette = Array.from({length: 2 * data.levels + 1}, (_, level) => color(level / data.levels - 1));

// What is looked at; the address holds the same. place: of the character that was picked, if any.
const view = {neuron: 0, second: null, signal: "", place: null};
let spans, options = [], active = 0, here = 0;  // here: the character that is shown, picked or pointed at

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Int8Array(await new Response(stream).arrayBuffer());
}
function make(tag, className, ...inside) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...inside);
  return made;
}
const shown = (one) => data.glyphs[one] ?? one;
const directions = data.directions ?? 1;  // of each layer, of data.hidden units each
function address(neuron) {
  const run = Math.floor(neuron / data.hidden), layer = 1 + Math.floor(run / directions);
  return `${run % directions ? "backward:" : ""}${layer}:${neuron % data.hidden}`;
}
const name = (neuron) => `${neuron} (${address(neuron)})`;
const levels = (neuron) => signals.get(view.signal).levels.subarray(neuron * count, (neuron + 1) * count);
const value = (neuron, place) => levels(neuron)[place] / data.levels * signals.get(view.signal).high;
const number = (value) => value.toFixed(2).replace(/^-(0\.00)$/, "$1").replace("-", "−");
const expected = (place) => place > 0 || data.offset > 0;

function color(share) {
  const strength = Math.abs(share);
  return strength < 0.05 - 1e-9 ? "" : `rgb(${share < 0 ? "64 156 255" : "255 146 26"} / ${strength.toFixed(2)})`;
}

// The text
function character(one, place) {
  const kind = {" ": "space", "\n": "line", "\t": "tab"}[one];
  const span = make("span", kind ? `mark ${kind}` : "", kind ? one : shown(one));
  if (kind) span.dataset.mark = shown(one);
  span.dataset.place = place;
  return span;
}
function draw() {
  const first = levels(view.neuron), second = view.second === null ? null : levels(view.second);
  for (let place = 0; place < count; place++) {
    const style = spans[place].style, level = first[place];
    style.backgroundColor = palette[level + data.levels];
    style.color = level > 0.6 * data.levels || level < -0.7 * data.levels ? "#000" : "";  // of the greater contrast
    style.borderBottomColor = second ? palette[second[place] + data.levels] : "";
  }
}
function look(place) {
  spans[here].classList.remove("here");
  here = place ?? 0;
  if (place === null) {
    $("seen").replaceChildren(make("p", "soft", "Point at a character, or go to it with the arrow keys, to see what was expected there."));
    return;
  }
  spans[here].classList.add("here");
  const rows = data.likeliest.slice(place * data.k, (place + 1) * data.k).map((id, n) => {
    const share = data.probabilities[place * data.k + n] / 255, bar = make("span", "bar");
    bar.style.width = `${100 * share}%`;
    return make("tr", data.alphabet[id] === characters[place] ? "came" : "",
      make("td", "", shown(data.alphabet[id])), make("td", "", `${(100 * share).toFixed(0)}%`), make("td", "", bar));
  });
  const values = [view.neuron, view.second].filter((one) => one !== null)
    .map((one) => make("div", "", `neuron ${one} after it: ${number(value(one, place))}`));
  const head = `character ${(data.offset + place).toLocaleString("en")}: ${shown(characters[place])}`;
  $("seen").replaceChildren(make("h2", "", head), ...values,
    ...(expected(place) ? [make("div", "soft", "expected here:"), make("table", "", ...rows)] : []));
}
function pick(place) {
  view.place = place;
  look(place);
  share();
}
function nextLine(step) {
  const top = spans[here].offsetTop, left = spans[here].offsetLeft;
  const beside = (one, other) => Math.abs(one - other) < 6;
  let best = here, line = null;
  for (let place = here + step; spans[place]; place += step) {
    const at = spans[place].offsetTop;
    if (beside(at, top)) continue;
    line ??= at;
    if (!beside(at, line)) break;
    const distance = Math.abs(spans[place].offsetLeft - left);
    if (best === here || distance < Math.abs(spans[best].offsetLeft - left)) best = place;
  }
  return best;
}

// The neuron
function concepts(neuron) {
  return data.concepts.flatMap((concept) =>
    concept.neurons.filter((one) => one.neuron === neuron).map((one) => ({concept, ...one})));
}
function together() {
  const [a, b] = [view.neuron, view.second].map(levels);
  const mean = (row) => row.reduce((x, y) => x + y, 0) / count, [ma, mb] = [mean(a), mean(b)];
  let ab = 0, aa = 0, bb = 0;
  for (let n = 0; n < count; n++) { const x = a[n] - ma, y = b[n] - mb; ab += x * y; aa += x * x; bb += y * y; }
  return ab / Math.sqrt(aa * bb || 1);
}
function describe() {
  const known = concepts(view.neuron);
  const lines = known.slice(0, 3).map((one) => make("li", "",
    make("b", "", one.concept.name), ` ${score(one)} by ${one.signal}`, " ", verdict(one), one.elsewhere && ` on ${one.elsewhere}`,
    ...one.notes.map((note) => make("div", "soft", note))));
  if (!levels(view.neuron).some((level) => level !== levels(view.neuron)[0])) lines.push(make("li", "soft", "It does not vary on this text."));
  if (view.second !== null) lines.push(make("li", "", `underlined: neuron ${name(view.second)}, r ${number(together())}`));
  $("chosen").replaceChildren(make("h2", "", `Neuron ${name(view.neuron)}`), make("ul", "", ...lines));
  const subject = known.length && known[0].encodes ? known[0].concept.name : data.text;
  document.title = `${subject} · neuron ${view.neuron} · ${data.model}`;
}
const verdict = (one) => make("span", one.encodes ? "verdict encodes" : "verdict", one.verdict);
const score = (one) => one.score === null ? "" : `${one.concept.measure} ${one.score.toFixed(3)}`;

// The search
function matches(query) {
  const key = query.trim().toLowerCase();
  const all = Array.from({length: data.neurons}, (_, neuron) => ({neuron}));
  if (!key) return [...data.concepts.map((concept) => ({concept, neurons: concept.neurons.slice(0, FIRST)})), {neurons: all}];
  const rank = ({neuron}) => [String(neuron) === key, String(neuron % data.hidden) === key,
    String(neuron).startsWith(key) || address(neuron).startsWith(key)].indexOf(true);
  const numbered = all.filter((one) => rank(one) >= 0).sort((a, b) => rank(a) - rank(b));
  const named = data.concepts.filter((concept) => concept.name.toLowerCase().includes(key))
    .sort((a, b) => (b.name.toLowerCase() === key) - (a.name.toLowerCase() === key));
  return [...named.map((concept) => ({concept, neurons: concept.neurons})), {neurons: numbered}];
}
function list(query) {
  options = [];
  const groups = matches(query).filter((group) => group.concept || group.neurons.length).map(({concept, neurons}) => {
    const head = make("div", "head");
    if (concept) {
      const about = concept.refused || `${concept.meaning} · ${concept.measure}`;
      head.append(make("b", "", concept.name), " ", verdict(concept));
      if (query.trim() || neurons.length) head.append(make("div", "soft", about)); else head.title = about;
    } else head.append(make("b", "", query.trim() ? "neurons" : "all neurons"));
    const group = make("div", "group", head, ...neurons.map(option));
    group.role = "group"; group.ariaLabel = concept ? `${concept.name}: ${concept.verdict}` : "neurons";
    return group;
  });
  $("neurons").replaceChildren(...groups);
  if (!groups.length) $("neurons").append(make("p", "none soft", "No neuron and no concept is called that."));
  $("neurons").scrollTop = 0;
  mark(0);
}
function option(one) {
  const item = make("div", "option", make("span", "", name(one.neuron)), make("span", "soft", one.signal ?? ""),
    make("span", "", one.score?.toFixed(3) ?? ""));
  const place = options.push({...one, item}) - 1;
  item.role = "option"; item.id = `option-${place}`; item.title = [one.verdict, ...(one.notes ?? [])].filter(Boolean).join(" · ");
  item.ariaSelected = one.neuron === view.neuron;
  item.onclick = (event) => { mark(place); choose(options[place], event.shiftKey); };
  return item;
}
function mark(place) {
  options[active]?.item.classList.remove("active");
  active = place;
  const item = options[active]?.item;
  for (const one of [$("neurons"), $("find")]) one.setAttribute("aria-activedescendant", item?.id ?? "");
  item?.classList.add("active");
}
function go(event) {
  const step = {ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10}[event.key];
  if (step) { mark(Math.max(0, Math.min(options.length - 1, active + step))); options[active]?.item.scrollIntoView({block: "nearest"}); }
  else if (event.key === "Enter" && options[active]) choose(options[active], event.shiftKey);
  else if (event.key === "Escape" && $("find").value) { $("find").value = ""; list(""); }
  else return;
  event.preventDefault();
}

// What is looked at
function choose({neuron, signal}, second) {
  if (second) view.second = view.second === neuron ? null : neuron;
  else { view.neuron = neuron; view.signal = signal ?? view.signal; }
  changed();
}
function changed() {
  const signal = signals.get(view.signal);
  $("low").textContent = String(signal.low).replace("-", "−"); $("high").textContent = `+${signal.high}`;
  const ends = [signal.low, 0, signal.high].map((end) => color(end / signal.high) || "transparent");
  $("scale").style.background = `linear-gradient(90deg, ${ends.join(", ")})`;
  for (const button of $("signals").children) {
    button.ariaChecked = button.dataset.signal === view.signal;
    button.tabIndex = button.dataset.signal === view.signal ? 0 : -1;
  }
  for (const {neuron, item} of options) item.ariaSelected = neuron === view.neuron;
  draw(); describe(); look(view.place); share();
}
function share() {
  const parts = new URLSearchParams({neuron: view.neuron, signal: view.signal});
  if (view.second !== null) parts.set("second", view.second);
  if (view.place !== null) parts.set("place", data.offset + view.place);
  history.replaceState(null, "", `#${parts}`);
}
function arrive() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const whole = (key, first, end) => {
    const text = parts.get(key) ?? "", found = Number(text) - first;
    return /^\d{1,12}$/.test(text) && found >= 0 && found < end ? found : null;
  };
  const neuron = whole("neuron", 0, data.neurons), signal = parts.get("signal");
  view.neuron = neuron ?? data.opening.neuron;
  view.signal = signals.has(signal) ? signal : neuron === null ? data.opening.signal : data.signals[0].name;
  view.second = whole("second", 0, data.neurons);
  view.place = whole("place", data.offset, count);
  look(view.place);
  if (view.place !== null) spans[here].scrollIntoView({block: "center"});
  changed();
}

$("neurons").onkeydown = $("find").onkeydown = go;
$("find").oninput = () => list($("find").value);
$("text").onmouseover = (event) => { const {place} = event.target.dataset; if (place) look(Number(place)); };
$("text").onmouseleave = () => look(view.place);
$("text").onclick = (event) => { const {place} = event.target.dataset; if (place) pick(Number(place)); };
$("text").onkeydown = (event) => {
  const to = {ArrowRight: () => here + 1, ArrowLeft: () => here - 1, ArrowDown: () => nextLine(1), ArrowUp: () => nextLine(-1)}[event.key];
  if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  pick(Math.max(0, Math.min(count - 1, to())));
  spans[here].scrollIntoView({block: "nearest"});
};
$("signals").onkeydown = (event) => {
  const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
  if (!step) return;
  const all = [...$("signals").children], next = all[(all.indexOf(event.target) + step + all.length) % all.length];
  event.preventDefault(); next.click(); next.focus();
};
$("theme").onclick = () => {
  const root = document.documentElement, theme = root.dataset.theme;
  const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
};
document.onkeydown = (event) => {
  if (event.key !== "/" || event.target === $("find") || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault(); $("find").select();
};
window.onhashchange = arrive;
(async () => {
  const last = data.offset + count - 1;
  $("model").textContent = data.model;
  $("about").textContent = `${data.text}, characters ${data.offset.toLocaleString("en")}–${last.toLocaleString("en")}`;
  for (const signal of data.signals) {
    signal.levels = await unpack(signal.values);
    const button = make("button", "", signal.label);
    button.type = "button"; button.role = "radio"; button.dataset.signal = signal.name; button.title = signal.meaning;
    button.onclick = () => { view.signal = signal.name; changed(); };
    $("signals").append(button);
  }
  $("text").append(...characters.map(character));
  spans = $("text").children;
  list("");
  arrive();
  document.body.dataset.ready = "yes";
})();
