"use strict";
(() => {
const scene = JSON.parse(document.getElementById("scene").textContent);
const NS = "http://www.w3.org/2000/svg";
const PAD = 14, HEAD = 28, GAP = 26, DROP = 46, LANE = 16, LOOP = 130, MOST = 1500;
const symbols = new Map(scene.symbols.map(([name], i) => [name, i % 8]));
const state = { k: 1, x: 0, y: 0, values: null, chosen: null };

// -- what there is ------------------------------------------------------------------------------

const root = { id: "", open: true, children: [], frame: true };
const things = new Map([["", root]]);
for (const group of scene.groups) things.set(group.id, { ...group, children: [], frame: true });
for (const box of scene.boxes) {
  things.set(box.id, box);
  let child = box, parent = things.get(box.group);
  for (;;) {
    if (child.up) break;
    child.up = parent;
    parent.children.push(child);
    if (parent === root) break;
    child = parent;
    parent = things.get(child.parent);
  }
}
const chain = thing => { const way = []; for (let t = thing; t; t = t.up) way.unshift(t); return way; };
for (const thing of things.values()) thing.way = chain(thing);
const edges = scene.edges.map(edge => ({ ...edge, a: things.get(edge.source), b: things.get(edge.target) }));
const seen = thing => { for (const t of thing.way) if (t.frame && !t.open || t === thing) return t; };

// -- sizes --------------------------------------------------------------------------------------

const OPERATIONS = {
  "+": parts => parts.reduce((a, b) => a + b), "*": parts => parts.reduce((a, b) => a * b),
  "//": ([a, b]) => Math.floor(a / b), max: parts => Math.max(...parts), min: parts => Math.min(...parts),
};
function value(tree, values) {
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") return tree in values ? values[tree] : NaN;
  return OPERATIONS[tree[0]](tree.slice(1).map(part => value(part, values)));
}
function holds([sign, ...parts], values) {
  if (sign === "any") return parts.some(part => holds(part, values));
  if (sign === "all") return parts.every(part => holds(part, values));
  if (sign === "never") return false;
  const [a, b] = parts.map(part => value(part, values));
  return { "==": a === b, ">=": a >= b, "!=": a !== b, "%": ((a % b) + b) % b === 0 }[sign];
}
function sizeText(size) {
  if (typeof size === "number" || !state.values) return String(size);
  const number = value(scene.sizes[size], state.values);
  return Number.isFinite(number) ? String(number) : size;
}
const shapeText = shape => shape === null ? "?"
  : `(${shape.map(sizeText).join(", ")}${shape.length === 1 ? "," : ""})`;

// -- text ---------------------------------------------------------------------------------------

const ruler = document.createElement("canvas").getContext("2d");
const widths = new Map();
function wide(text, font = "12px") {
  const key = font + text;
  if (!widths.has(key)) {
    ruler.font = `${font} "DejaVu Sans", Verdana, sans-serif`;
    widths.set(key, ruler.measureText(text).width);
  }
  return widths.get(key);
}
function make(name, attributes = {}, ...children) {
  const node = document.createElementNS(NS, name);
  for (const [key, item] of Object.entries(attributes)) node.setAttribute(key, item);
  node.append(...children);
  return node;
}
function html(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, item] of Object.entries(attributes)) node.setAttribute(key, item);
  node.append(...children);
  return node;
}
/** A text whose symbols can be lit, by elements of the given kind. */
function pieces(text, element) {
  const done = [];
  let end = 0;
  for (const match of text.matchAll(/[\p{L}_][\p{L}\p{N}_]*/gu)) {
    if (!symbols.has(match[0])) continue;
    if (match.index > end) done.push(text.slice(end, match.index));
    const node = element("tspan");
    node.setAttribute("class", "symbol");
    node.dataset.symbol = match[0];
    node.style.fill = node.style.color = `var(--symbol${symbols.get(match[0])})`;
    node.append(match[0]);
    done.push(node);
    end = match.index + match[0].length;
  }
  if (end < text.length) done.push(text.slice(end));
  return done;
}
const svgPieces = text => pieces(text, name => make(name));
const htmlPieces = text => pieces(text, () => html("span"));

// -- layout -------------------------------------------------------------------------------------

function rowsOf(box) {
  const rows = [{ text: box.title, kind: "title" }];
  for (const text of [box.kind, ...box.lines]) if (text) rows.push({ text, kind: "faint" });
  for (const text of box.remarks) rows.push({ text, kind: "remark" });
  if (box.source) rows.push({ text: box.source, kind: "source" });
  return rows;
}
function measure(thing) {
  thing.rows = thing.frame
    ? [{ text: thing.title || thing.kind, kind: "title" }, { text: `${thing.kind} ${thing.times}`.trim(), kind: "faint" }]
    : rowsOf(thing);
  thing.w = Math.max(56, ...thing.rows.map(r => wide(r.text, r.kind === "title" ? "bold 14px" : "12px"))) + 22;
  thing.h = thing.rows.length * 16 + 14;
}
function layout(group) {
  const kids = group.children;
  kids.forEach((kid, i) => {
    kid.index = i; kid.rank = 0; kid.next = []; kid.before = []; kid.near = [];
    if (kid.frame && kid.open) layout(kid); else measure(kid);
  });
  for (const [a, b] of group.pairs) if (a.index < b.index) { a.next.push(b); b.before.push(a); }
  for (const kid of kids) for (const b of kid.next) b.rank = Math.max(b.rank, kid.rank + 1);
  for (const kid of [...kids].reverse()) {
    if (!kid.before.length && kid.next.length) kid.rank = Math.min(...kid.next.map(b => b.rank)) - 1;
  }
  const ranks = [];
  for (const kid of kids) (ranks[kid.rank] ??= []).push(kid);
  group.lanes = new Map();
  /** Room for an edge through the ranks between two, so that it crosses no box. */
  const lane = (key, first, last, above, below) => {
    const dummies = [];
    for (let rank = first; rank < last; rank++) {
      const dummy = { w: LANE, h: 0, rank, next: [], near: [], lane: true };
      (ranks[rank] ??= []).push(dummy);
      dummies.push(dummy);
    }
    if (dummies.length) group.lanes.set(key, dummies);
    const way = [...above, ...dummies, ...below];
    for (let i = 1; i < way.length; i++) { way[i - 1].near.push(way[i]); way[i].near.push(way[i - 1]); }
  };
  for (const kid of kids) for (const b of kid.next) lane(`${kid.id} ${b.id}`, kid.rank + 1, b.rank, [kid], [b]);
  for (const kid of group.enters) lane(`in ${kid.id}`, 0, kid.rank, [], [kid]);
  for (const kid of group.leaves) lane(`out ${kid.id}`, kid.rank + 1, ranks.length, [kid], []);
  arrange(group, ranks.filter(Boolean));
}
function arrange(group, ranks) {
  for (const rank of ranks) place(rank, null);
  for (let turn = 0; turn < 6; turn++) {
    const order = turn % 2 ? [...ranks].reverse() : ranks;
    for (const rank of order) {
      for (const node of rank) {
        const others = node.near.filter(o => turn % 2 ? o.rank > node.rank : o.rank < node.rank);
        node.wish = others.length ? others.reduce((sum, o) => sum + o.cx, 0) / others.length : node.cx;
      }
      if (turn < 4) rank.sort((a, b) => a.wish - b.wish);
      place(rank, true);
    }
  }
  const all = ranks.flat();
  const left = Math.min(...all.map(n => n.cx - n.w / 2)), right = Math.max(...all.map(n => n.cx + n.w / 2));
  let y = group === root ? 0 : HEAD + PAD;
  for (const rank of ranks) {
    const high = Math.max(...rank.map(n => n.h));
    for (const node of rank) { node.x = node.cx - node.w / 2 - left + PAD; node.y = y + (high - node.h) / 2; }
    y += high + DROP;
  }
  const title = group === root ? 0 : wide(`${group.times}  ${group.title}  ${group.kind}`, "bold 13px") + 40;
  const inner = right - left + 2 * PAD + (group.loops ? LOOP : 0);
  group.w = Math.max(inner, title);
  for (const node of all) node.x += (group.w - inner) / 2;
  group.h = y - DROP + PAD;
}
/** Puts a row side by side, near where its nodes wish to be. */
function place(rank, wishes) {
  let x = 0;
  for (const node of rank) {
    const wished = wishes ? node.wish - node.w / 2 : x;
    node.cx = Math.max(x, wishes === null ? x : wished) + node.w / 2;
    if (wishes && node === rank[0]) node.cx = node.wish;
    x = node.cx + node.w / 2 + GAP;
  }
  const off = wishes
    ? rank.reduce((sum, n) => sum + n.wish - n.cx, 0) / rank.length
    : -(x - GAP) / 2;
  for (const node of rank) node.cx += off;
}
function settle(group, x, y) {
  for (const kid of group.children) {
    kid.ax = x + kid.x; kid.ay = y + kid.y;
    if (kid.frame && kid.open) settle(kid, kid.ax, kid.ay);
  }
  for (const lane of group.lanes.values()) for (const d of lane) { d.ax = x + d.x + d.w / 2; d.ay = y + d.y + d.h / 2; }
}
/** The edges between what is seen, gathered by their ends. */
function visible() {
  const found = new Map();
  for (const thing of things.values()) if (thing.frame) {
    Object.assign(thing, { pairs: new Set(), loops: false, enters: new Set(), leaves: new Set() });
  }
  const known = new Map();
  for (const edge of edges) {
    const a = seen(edge.a), b = seen(edge.b);
    if (a === b && (edge.role !== "state" || a.frame)) continue;
    let i = 0;
    while (a.way[i + 1] && a.way[i + 1] === b.way[i + 1]) i++;
    const level = a === b ? a.up : a.way[i], from = a.way[i + 1], to = b.way[i + 1];
    if (edge.role === "state") level.loops = true;
    else if (!known.has(`${from.id} ${to.id}`)) {
      known.set(`${from.id} ${to.id}`, true);
      level.pairs.add([from, to]);
    }
    if (edge.role !== "state") {
      for (let j = i + 2; b.way[j] && b.way[j - 1] !== b; j++) b.way[j - 1].enters.add(b.way[j]);
      for (let j = i + 2; a.way[j] && a.way[j - 1] !== a; j++) a.way[j - 1].leaves.add(a.way[j]);
    }
    const key = `${a.id} ${b.id} ${edge.role === "state"}`;
    const role = ["conflict", "cause"].includes(edge.role) ? edge.role : found.get(key)?.role ?? edge.role;
    const old = found.get(key) ?? { a, b, level, from, to, tensors: new Map() };
    old.role = role;
    for (const tensor of edge.labelled ? edge.tensors : []) old.tensors.set(JSON.stringify(tensor), tensor);
    found.set(key, old);
  }
  return [...found.values()];
}

// -- drawing ------------------------------------------------------------------------------------

const view = make("g");
const svg = make("svg", { role: "group", "aria-label": "graph" }, view);
function draw() {
  const shown = visible();
  layout(root);
  settle(root, 0, 0);
  const frames = [], boxes = [], lines = [], labels = [];
  (function walk(group) {
    for (const kid of group.children) {
      if (kid.frame && kid.open) { frames.push(frame(kid)); boxes.push(head(kid)); walk(kid); }
      else boxes.push(box(kid));
    }
  })(root);
  for (const edge of shown) { const [line, label] = wire(edge); lines.push(line); labels.push(label); }
  apart(labels.filter(Boolean));
  view.replaceChildren(...frames, ...lines, ...boxes, ...labels.filter(Boolean));
}
/** Moves labels to the right that would lie on others. */
function apart(labels) {
  const known = [];
  for (const label of labels) {
    const texts = [...label.children], first = texts[0];
    const width = Math.max(...texts.map(text => wide(text.textContent)));
    const area = { x: Number(first.getAttribute("x")), y: Number(first.getAttribute("y")) - 11, w: width, h: 14 * texts.length };
    for (const other of known) {
      const meets = area.x < other.x + other.w + 4 && other.x < area.x + area.w + 4
        && area.y < other.y + other.h && other.y < area.y + area.h;
      if (meets) area.x = other.x + other.w + 8;
    }
    for (const text of texts) text.setAttribute("x", area.x);
    known.push(area);
  }
}
function frame(group) {
  const g = make("g", { class: `frame ${group.role}` });
  const rect = (off) => make("rect", { x: group.ax + off, y: group.ay + off, width: group.w, height: group.h, rx: 11,
    style: `fill:var(--${group.role}-fill);stroke:var(--${group.role})` });
  if (group.role === "stack") g.append(rect(6), rect(3));
  g.append(rect(0));
  return g;
}
function head(group) {
  const text = make("text", { x: group.ax + PAD, y: group.ay + 20 });
  if (group.times) text.append(make("tspan", { class: "times", style: "font-weight:bold;fill:var(--state)" },
    ...svgPieces(group.times)), "  ");
  if (group.title) text.append(make("tspan", { style: "font-weight:bold" }, group.title), "  ");
  text.append(make("tspan", { class: "faint" }, `${group.kind}  −`));
  const words = `close ${group.title || group.kind || group.times}`;
  const g = make("g", { class: "head", tabindex: 0, role: "button", "aria-expanded": true, "aria-label": words, "data-id": group.id },
    make("rect", { x: group.ax + 4, y: group.ay + 3, width: group.w - 8, height: HEAD - 4, rx: 6 }), text);
  g.addEventListener("click", () => toggle(group));
  return g;
}
function box(thing) {
  const family = thing.frame ? "closed" : thing.family;
  const round = ["input", "output"].includes(family) ? thing.h / 2 : 7;
  const shape = { width: thing.w, height: thing.h, rx: round, style: "" };
  const plain = !["conflict", "warning"].includes(thing.role);
  if (plain) shape.style = `fill:var(--${family}-fill);stroke:var(--${family})`;
  const words = thing.frame ? `open ${thing.title || thing.kind}` : `${thing.title} ${thing.kind}`;
  const marked = thing.frame ? inner(thing) : thing.role;
  const g = make("g", { class: `box ${marked}`, tabindex: 0, role: "button", "aria-label": words, "data-id": thing.id });
  if (thing.frame) g.setAttribute("aria-expanded", false);
  if (thing.frame || thing.calls) g.append(make("rect", { ...shape, x: thing.ax + 4, y: thing.ay + 4 }));
  g.append(make("rect", { ...shape, x: thing.ax, y: thing.ay }));
  thing.rows.forEach((row, i) => {
    const text = make("text", { x: thing.ax + thing.w / 2, y: thing.ay + 20 + 16 * i, "text-anchor": "middle", class: row.kind },
      ...svgPieces(row.text));
    if (row.kind === "faint") text.style.fill = "var(--faint)";
    if (row.kind === "remark" && thing.role === "warning") text.style.fill = "var(--warning)";
    g.append(text);
  });
  if (thing.frame) g.append(make("text", { x: thing.ax + thing.w - 14, y: thing.ay + 16 }, "+"));
  if (state.chosen === thing) g.classList.add("chosen");
  g.addEventListener("click", () => thing.frame ? toggle(thing) : choose(thing));
  return g;
}
/** What a closed frame hides: a conflict must be seen from outside. */
function inner(group) {
  if (group.hides === undefined) {
    const roles = group.children.map(kid => kid.frame ? inner(kid) : kid.role);
    group.hides = ["conflict", "warning"].find(role => roles.includes(role)) ?? "normal";
  }
  return group.hides;
}
/** A point a little way from one to another. */
function toward([x0, y0], [x1, y1]) {
  const far = Math.hypot(x1 - x0, y1 - y0) || 1, part = Math.min(8, far / 2) / far;
  return [x0 + (x1 - x0) * part, y0 + (y1 - y0) * part];
}
function wire({ a, b, level, from, to, role, tensors }) {
  let points, side = 6, turn = 1;
  if (role === "state") {
    const beside = level === root ? Math.max(a.ax + a.w, b.ax + b.w) + 46 : level.ax + level.w - LOOP + 20;
    const right = a === b ? a.ax + a.w + 26 : beside;
    const y0 = a.ay + a.h * 0.3, x1 = b.ax + b.w * 0.8;
    points = a === b
      ? [[a.ax + a.w, y0], [right, y0], [right, a.ay + a.h * 0.75], [a.ax + a.w, a.ay + a.h * 0.75]]
      : [[a.ax + a.w, y0], [right, y0], [right, b.ay - 14], [x1, b.ay - 14], [x1, b.ay]];
  } else {
    const lane = (group, key) => (group.lanes.get(key) ?? []).map(d => [d.ax, d.ay]);
    points = [[a.ax + a.w / 2, a.ay + a.h]];
    const at = a.way.indexOf(from);
    for (let j = a.way.indexOf(a); j > at; j--) points.push(...lane(a.way[j - 1], `out ${a.way[j].id}`));
    points.push(...lane(level, `${from.id} ${to.id}`));
    turn = points.length;
    for (let j = at + 1; b.way[j - 1] !== b; j++) points.push(...lane(b.way[j - 1], `in ${b.way[j].id}`));
    points.push([b.ax + b.w / 2, b.ay]);
  }
  const [x1, y1] = points[points.length - 1];
  let path = `M${points[0]}`, tip;
  if (role === "state" && a !== b) {
    for (let i = 1; i < points.length - 1; i++) {
      const [px, py] = toward(points[i], points[i - 1]), [qx, qy] = toward(points[i], points[i + 1]);
      path += ` L${px},${py} Q${points[i]} ${qx},${qy}`;
    }
    path += ` L${x1},${y1 - 6}`;
    tip = [[x1, y1], [x1 - 4, y1 - 9], [x1 + 4, y1 - 9]];
  } else if (role === "state") {
    path += ` C${points[1]} ${points[2]} ${x1 + 5},${y1}`;
    tip = [[x1, y1], [x1 + 9, y1 - 4], [x1 + 9, y1 + 4]];
  } else {
    for (let i = 1; i < points.length; i++) {
      const [px, py] = points[i - 1], [qx, qy] = points[i], bend = (qy - py) / 2;
      path += ` C${px},${py + bend} ${qx},${qy - bend} ${qx},${i === points.length - 1 ? qy - 6 : qy}`;
    }
    tip = [[x1, y1], [x1 - 4, y1 - 9], [x1 + 4, y1 - 9]];
  }
  const line = make("g", { class: `edge ${role}` }, make("path", { d: path }),
    make("polygon", { points: tip.join(" ") }));
  if (!tensors.size) return [line];
  const label = make("g", { class: "label" });
  const [p, q] = role === "state" ? [points[1], points[2]] : [points[turn - 1], points[turn]];
  const x = role === "state" ? p[0] + (a === b ? -2 : 6) : (p[0] + q[0]) / 2 + side;
  const some = [...tensors.values()].slice(0, 3);
  let y = (role === "state" ? (p[1] + q[1]) / 2 : to.ay - DROP / 2) + 4 - 7 * (some.length - 1);
  for (const tensor of some) {
    const name = tensor.via || (role === "state" ? "next step" : "");
    const count = tensor.times && role !== "state" ? `${tensor.times} × ` : "";
    label.append(make("text", { x, y },
      ...svgPieces(count), make("tspan", { class: "faint" }, name ? `${name} ` : ""),
      ...svgPieces(shapeText(tensor.shape))));
    y += 14;
    if (tensor.times && role === "state") {
      label.append(make("text", { x, y }, ...svgPieces(tensor.times)));
      y += 14;
    }
  }
  return [line, label];
}

// -- what a reader does -------------------------------------------------------------------------

function move() { view.setAttribute("transform", `translate(${state.x},${state.y}) scale(${state.k})`); }
function fit() {
  const { width, height } = main.getBoundingClientRect();
  const across = (width - 40) / root.w, down = (height - 30) / root.h;
  state.k = Math.max(0.2, Math.min(1.15, across, Math.max(down, 0.8))); // tall ones are scrolled
  state.x = (width - root.w * state.k) / 2;
  state.y = Math.max(15, (height - root.h * state.k) / 2);
  move();
}
function zoom(factor, cx, cy) {
  const box = main.getBoundingClientRect();
  cx ??= box.width / 2; cy ??= box.height / 2;
  const k = Math.min(4, Math.max(0.05, state.k * factor));
  state.x = cx - (cx - state.x) * k / state.k;
  state.y = cy - (cy - state.y) * k / state.k;
  state.k = k;
  move();
}
function focus(id) { view.querySelector(`[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }); }
function toggle(group) {
  const before = [group.ax * state.k + state.x, group.ay * state.k + state.y];
  group.open = !group.open;
  draw();
  state.x = before[0] - group.ax * state.k; // what was clicked stays where it was
  state.y = before[1] - group.ay * state.k;
  move();
  focus(group.id);
}
function all(open) {
  const frames = [...things.values()].filter(thing => thing.frame && thing !== root);
  frames.sort((a, b) => a.way.length - b.way.length);
  let shown = 0; // from the outside in, as many as a browser draws at once
  for (const frame of frames) {
    frame.open = open && shown < MOST;
    if (frame.open) shown += frame.children.length;
  }
  draw(); fit();
}
function choose(box) {
  state.chosen = box;
  for (const node of view.querySelectorAll(".chosen")) node.classList.remove("chosen");
  view.querySelector(`[data-id="${CSS.escape(box.id)}"]`)?.classList.add("chosen");
  const part = (title, ...items) => items.length ? [html("h3", {}, title), ...items] : [];
  const shapes = list => list.flatMap(edge => edge.tensors.map(tensor =>
    html("p", {}, `${tensor.times ? tensor.times + " × " : ""}${tensor.via} `, ...htmlPieces(shapeText(tensor.shape)))));
  const close = html("button", { class: "close", "aria-label": "close details" }, "×");
  close.addEventListener("click", unchoose);
  const link = html("a", { href: box.link || "#", target: "_blank", rel: "noopener" }, box.operation);
  const told = scene.conditions.filter(([text]) => shapesOf(box).some(size => text.includes(size)));
  panel.replaceChildren(close, html("h2", {}, box.title), html("p", { class: "faint" }, box.kind),
    ...box.lines.map(text => html("p", { class: "faint" }, text)),
    ...part("says", ...box.remarks.map(text => html("p", { class: box.role === "conflict" ? "bad" : "" }, text))),
    ...part("call", ...box.operation ? [box.link ? link : html("p", {}, box.operation)] : []),
    ...part("module", ...box.path ? [html("p", {}, box.path)] : []),
    ...part("source", ...box.location ? [html("p", {}, box.location)] : [], ...box.code ? [html("pre", {}, box.code)] : []),
    ...part("law", ...box.signature ? [html("pre", {}, box.signature)] : []),
    ...part("takes", ...shapes(edges.filter(edge => edge.b === box))),
    ...part("gives", ...box.shape ? [html("p", {}, ...htmlPieces(shapeText(box.shape)))] : shapes(edges.filter(edge => edge.a === box))),
    ...part("parameters", ...box.parameters.map(([path, shape]) => html("p", {}, `${path} ${shapeText(shape)}`))),
    ...part("conditions", ...told.map(([text]) => html("p", {}, ...htmlPieces(text)))),
    ...part("graph nodes", html("p", { class: "faint" }, `${box.nodes.slice(0, 12).join(", ")}${box.nodes.length > 12 ? ` and ${box.nodes.length - 12} more` : ""}`)));
  panel.hidden = false;
}
function shapesOf(box) {
  const near = edges.filter(edge => edge.a === box || edge.b === box);
  return [...new Set(near.flatMap(e => e.tensors.flatMap(t => t.shape ?? [])).filter(s => typeof s === "string"))];
}
function unchoose() {
  const old = state.chosen;
  state.chosen = null;
  panel.hidden = true;
  for (const node of view.querySelectorAll(".chosen")) node.classList.remove("chosen");
  if (old) focus(old.id);
}
function light(symbol) {
  document.body.classList.toggle("lit", symbol !== null);
  for (const node of document.querySelectorAll(".symbol.on")) node.classList.remove("on");
  for (const node of view.querySelectorAll(".has")) node.classList.remove("has");
  if (symbol === null) return;
  for (const node of document.querySelectorAll(".symbol")) {
    if (node.dataset.symbol !== symbol) continue;
    node.classList.add("on");
    node.closest(".label, .box, .frame")?.classList.add("has");
  }
}
function search(text) {
  for (const node of view.querySelectorAll(".found")) node.classList.remove("found");
  const wanted = text.trim().toLowerCase();
  if (!wanted) return;
  const hit = scene.boxes.map(box => things.get(box.id)).find(box =>
    [box.title, box.path, box.operation, box.kind].some(word => word.toLowerCase().includes(wanted)));
  if (!hit) return;
  for (const thing of hit.way) if (thing.frame) thing.open = true;
  draw();
  const { width, height } = main.getBoundingClientRect();
  state.x = width / 2 - (hit.ax + hit.w / 2) * state.k;
  state.y = height / 2 - (hit.ay + hit.h / 2) * state.k;
  move();
  view.querySelector(`[data-id="${CSS.escape(hit.id)}"]`).classList.add("found");
}

// -- the page -----------------------------------------------------------------------------------

const main = html("main", { tabindex: 0, "aria-label": "graph; arrows move, plus and minus zoom, 0 fits" });
const panel = html("aside", { "aria-label": "details" });
panel.hidden = true;
main.append(svg);
function button(text, title, act) {
  const node = html("button", { title, "aria-label": title }, text);
  node.addEventListener("click", () => act(node));
  return node;
}
const finder = html("input", { type: "search", placeholder: "find", "aria-label": "find a layer or operation", size: 12 });
finder.addEventListener("change", () => search(finder.value));
const numbers = button("123", "numbers instead of symbols (n)", () => setNumbers(!state.values));
numbers.setAttribute("aria-pressed", false);
const { inputs, outputs } = scene.signature;
const signature = `${inputs.map(pair => pair.join(" ")).join(", ")}${outputs === null ? "" : ` → ${outputs}`}`;
const [verdict, sentence] = scene.verdict;
const tint = { valid: "good", unsatisfiable: "bad" }[verdict] ?? "";
const header = html("header", {},
  html("h1", {}, scene.model), html("span", { class: "signature" }, ...htmlPieces(signature)),
  html("span", { class: "verdict" }, html("b", { class: tint }, `${verdict}: `), sentence),
  html("span", { class: "tools" }, finder, numbers,
    button("+", "open all modules (e)", () => all(true)), button("−", "close all modules (c)", () => all(false)),
    button("fit", "fit into the window (0)", fit), button("◐", "light or dark (d)", dark)));
const chips = html("div");
const fields = new Map();
for (const [name, home] of scene.symbols) {
  const bold = html("b", { tabindex: 0 }, ...htmlPieces(name));
  const chip = html("span", { class: "chip" }, bold, html("small", {}, home));
  const free = Object.values(scene.sizes).length === 0 || home !== "depends on data";
  if (free) {
    const first = 2 + fields.size * 3;
    const range = html("input", { type: "range", min: 0, max: 128, value: first, "aria-label": `size of ${name}` });
    const field = html("input", { type: "number", min: 0, value: first, "aria-label": `number for ${name}` });
    range.addEventListener("input", () => { field.value = range.value; setNumbers(true); });
    field.addEventListener("input", () => { range.value = field.value; setNumbers(true); });
    fields.set(name, field);
    chip.append(range, field);
  }
  for (const [on, off] of [["mouseenter", "mouseleave"], ["focus", "blur"]]) {
    bold.addEventListener(on, () => light(name));
    bold.addEventListener(off, () => light(null));
  }
  chips.append(chip);
}
const conditions = html("div");
const footer = html("footer", {}, chips, conditions,
  ...scene.reasons.map((text, i) => html("p", {}, `${i + 1}  `, ...htmlPieces(text))),
  ...scene.notes.map(text => html("p", { class: text.startsWith("error ") ? "bad" : "" }, text)));
function setNumbers(on) {
  state.values = on ? Object.fromEntries([...fields].map(([name, field]) => [name, Math.floor(Number(field.value))])) : null;
  numbers.setAttribute("aria-pressed", Boolean(on));
  conditions.replaceChildren(...scene.conditions.map(([text, tree]) => {
    const good = state.values ? holds(tree, state.values) : null;
    const mark = good === null ? "" : good ? "✓ " : "✗ ";
    return html("span", { class: good === null ? "" : good ? "good" : "bad" }, mark, ...htmlPieces(text));
  }));
  draw();
  if (state.chosen) choose(state.chosen);
}
function dark() {
  const now = document.documentElement.dataset.theme;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = (now === "auto" ? system : now) === "dark" ? "light" : "dark";
}
document.body.append(header, main, panel, footer);
svg.addEventListener("mouseover", event => {
  const symbol = event.target.dataset?.symbol;
  if (symbol) light(symbol); else if (document.body.classList.contains("lit")) light(null);
});
main.addEventListener("wheel", event => {
  event.preventDefault();
  const box = main.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY / 500), event.clientX - box.x, event.clientY - box.y);
}, { passive: false });
let grip = null;
main.addEventListener("pointerdown", event => {
  if (event.target.closest(".box, .head")) return;
  grip = [event.clientX - state.x, event.clientY - state.y];
  main.setPointerCapture(event.pointerId);
  main.classList.add("dragging");
});
main.addEventListener("pointermove", event => {
  if (!grip) return;
  state.x = event.clientX - grip[0]; state.y = event.clientY - grip[1];
  move();
});
for (const end of ["pointerup", "pointercancel"]) main.addEventListener(end, () => { grip = null; main.classList.remove("dragging"); });
const KEYS = {
  "+": () => zoom(1.2), "=": () => zoom(1.2), "-": () => zoom(1 / 1.2), 0: fit, e: () => all(true), c: () => all(false),
  n: () => setNumbers(!state.values), d: dark, "/": () => finder.focus(), Escape: unchoose,
  ArrowLeft: () => { state.x += 60; move(); }, ArrowRight: () => { state.x -= 60; move(); },
  ArrowUp: () => { state.y += 60; move(); }, ArrowDown: () => { state.y -= 60; move(); },
};
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLInputElement && event.key !== "Escape") return;
  const pressed = event.target.closest?.(".box, .head");
  if (pressed && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    pressed.dispatchEvent(new Event("click"));
    return;
  }
  const act = KEYS[event.key];
  if (act) { event.preventDefault(); act(); }
});
setNumbers(false);
fit();
addEventListener("resize", fit);
document.documentElement.dataset.ready = "yes";
})();
