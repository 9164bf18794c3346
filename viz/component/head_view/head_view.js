// Where each query looks: lines from a column of queries to a column of keys, a colour a head.
// All lines are drawn once and kept as a picture; a token under the pointer has its own few lines drawn afresh.

const FULL = 65535; // a weight of 1
const ROW = 18, HIGH = 640, HEAD = 22; // pixels: a token's row, the longest view, the line of column names
const ORDER = [5, 3, 6, 1, 4, 2, 7, 8, 9, 0]; // of the theme's colours: attention's blue first
const FAINT = 0.45; // opacity of words without a line to the chosen one
const NAMED = 8; // links of a key that are named

const share = (level) => (level / FULL).toFixed(2).replace(/^0/, "");

function start(root, { meta, arrays }) {
  const [scroll, canvas, spacer, said, box, buttons] = [
    ".scroll", "canvas", ".spacer", ".said", ".fit input", ".heads",
  ].map((each) => root.querySelector(each));
  const heads = meta.heads.map((name, at) => {
    const [keys, weights, hidden, missing] = arrays.slice(4 * at, 4 * at + 4);
    return { name, keys, weights, hidden, missing, on: true };
  });
  const [rows, columns] = [meta.queries.length, meta.keys.length];
  const fitted = new Map();
  let look, context, place, picture, waiting;
  let active = meta.marked === null ? null : { side: 0, at: meta.marked };
  let held = active !== null;

  function measure() {
    look = theme(root);
    heads.forEach((head, at) => (head.colour = look.series[ORDER[at % 10] % look.series.length] ?? look.text));
    fitted.clear();
    const probe = canvas.getContext("2d");
    probe.font = `12px ${look.code}`;
    const widest = (words) => Math.max(...words.slice(0, 600).map((each) => probe.measureText(each).width)) + 14;
    const width = Math.min(root.clientWidth || 700, 980);
    const [left, right] = [meta.queries, meta.keys].map((words, at) =>
      Math.min(widest([meta.names[at], ...words]), width * 0.3, 220),
    );
    const natural = Math.max(rows, columns) * ROW;
    root.querySelector(".fit").hidden = natural + HEAD <= HIGH;
    const high = Math.min(natural, HIGH - HEAD);
    const pitch = box.checked ? Math.min(ROW, high / Math.max(rows, columns)) : ROW;
    const total = Math.max(rows, columns) * pitch;
    place = { width, high, pitch, total, from: 48 + left, to: Math.min(width - right, 48 + left + 560), right };
    context = crisp(canvas, width, high + HEAD);
    scroll.style.width = `${width + 16}px`;
    scroll.style.height = `${high + HEAD}px`;
    spacer.style.height = `${Math.max(0, total - high)}px`;
    picture = null;
    draw();
  }

  const y = (at) => HEAD + (at + 0.5) * place.pitch - scroll.scrollTop;
  const shown = () => heads.filter((head) => head.on);

  // All links of the drawn heads, or those of one token: (head, query, key, weight).
  function each(use, only) {
    for (const head of shown()) {
      const [first, last] = only?.side === 0 ? [only.at, only.at + 1] : [0, rows];
      for (let at = first * meta.top; at < last * meta.top; at++)
        if (head.weights[at] && (only?.side !== 1 || head.keys[at] === only.at))
          use(head, Math.floor(at / meta.top), head.keys[at], head.weights[at]);
    }
  }

  // The lines that cross the view.
  function lines(only) {
    const groups = new Map(heads.map((head, at) => [head, { colour: head.colour, dashed: at >= ORDER.length, ends: [] }]));
    const end = HEAD + place.high;
    each((head, query, key, weight) => {
      const [from, to] = [y(query), y(key)];
      if ((from < HEAD && to < HEAD) || (from > end && to > end)) return;
      groups.get(head).ends.push(from, to, weight / FULL);
    }, only);
    const box = { left: place.from, top: HEAD, width: place.to - place.from, height: place.high };
    drawLines(context, [...groups.values()], box, Boolean(only));
  }

  function fit(text, room) {
    const known = fitted.get(text);
    if (known) return known;
    let short = text;
    const letters = Array.from(text);
    for (let keep = letters.length - 1; keep > 1 && context.measureText(short).width > room; keep--)
      short = `${letters.slice(0, Math.ceil(keep / 2)).join("")}…${letters.slice(-Math.floor(keep / 2)).join("")}`;
    fitted.set(text, short);
    return short;
  }

  // The indices of a column's words that are in view and have room.
  function visible(length) {
    const step = Math.ceil(12 / place.pitch);
    const [first, last] = [scroll.scrollTop, scroll.scrollTop + place.high].map((edge) => Math.floor(edge / place.pitch));
    const found = [];
    for (let at = Math.ceil(Math.max(0, first) / step) * step; at < Math.min(length, last + 1); at += step)
      if (y(at) > HEAD + 5) found.push(at);
    return found;
  }

  function words(linked) {
    context.textBaseline = "middle";
    context.fillStyle = look.text;
    context.font = `12px ${look.code}`;
    for (const [side, tokens] of [[0, meta.queries], [1, meta.keys]]) {
      context.textAlign = side ? "left" : "right";
      const [x, room] = side ? [place.to + 6, place.right - 10] : [place.from - 6, place.from - 60];
      for (const at of visible(tokens.length)) {
        context.globalAlpha = !linked || linked[side].has(at) ? 1 : FAINT;
        context.fillText(fit(tokens[at], room), x, y(at));
      }
    }
    rests(linked);
    context.globalAlpha = 1;
  }

  // The mass of each query's row that is not drawn, the mean over the drawn heads.
  function rests(linked) {
    const drawn = shown();
    if (!drawn.length) return;
    context.font = `11px ${look.font}`;
    context.textAlign = "right";
    for (const at of visible(rows)) {
      context.globalAlpha = !linked || linked[0].has(at) ? 1 : FAINT;
      context.fillText(share(drawn.reduce((sum, head) => sum + head.hidden[at], 0) / drawn.length), 40, y(at));
    }
  }

  function columnNames() {
    context.globalAlpha = 1;
    context.clearRect(0, 0, place.width, HEAD - 2);
    context.fillStyle = look.text;
    context.font = `600 12px ${look.font}`;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.fillText("rest", 16, 9);
    context.fillText(meta.names[1], place.to + 6, 9);
    context.textAlign = "right";
    context.fillText(meta.names[0], place.from - 6, 9);
  }

  function mark() {
    const { side, at } = active;
    context.textAlign = side ? "left" : "right";
    const [x, room] = side ? [place.to + 6, place.right - 10] : [place.from - 6, place.from - 60];
    const text = fit((side ? meta.keys : meta.queries)[at], room);
    context.font = `600 12px ${look.code}`;
    const wide = context.measureText(text).width + 6;
    context.fillStyle = look.ground;
    context.fillRect(side ? x - 3 : x - wide + 3, y(at) - 9, wide, 18);
    context.fillStyle = look.accent;
    context.fillText(text, x, y(at));
    context.fillRect(side ? place.to : place.from - 3, y(at) - 7, 3, 14);
  }

  function draw() {
    context.clearRect(0, 0, place.width, place.high + HEAD);
    if (active) {
      const linked = [new Set(), new Set()];
      linked[active.side].add(active.at);
      each((_, query, key) => (active.side ? linked[0].add(query) : linked[1].add(key)), active);
      words(linked);
      lines(active);
      mark();
    } else if (picture) {
      context.drawImage(picture, 0, 0, place.width, place.high + HEAD);
    } else {
      lines();
      words();
      picture = document.createElement("canvas");
      [picture.width, picture.height] = [canvas.width, canvas.height];
      picture.getContext("2d").drawImage(canvas, 0, 0);
    }
    columnNames();
    tell();
  }

  // The lines of the chosen token in words.
  function tell() {
    if (!active) {
      said.textContent = `${meta.names[0] === "query" ? "Each query" : "Each target"}'s ${meta.top} strongest lines; “rest” is the mass of its row that they leave out${
        shown().length > 1 ? ", the mean over the drawn heads" : ""
      }. Hover, click or use the arrow keys to see one token's lines.`;
      return;
    }
    said.textContent = (active.side ? ofKey(active.at) : ofQuery(active.at)).join("\n");
  }

  // The vocabulary's own piece of a token, where it is not its text.
  const raw = (side, at) => (meta.pieces[side][at] ? ` (piece ${meta.pieces[side][at]})` : "");

  function ofQuery(at) {
    return shown().map((head) => {
      const found = [];
      for (let place = at * meta.top; place < (at + 1) * meta.top && head.weights[place]; place++)
        found.push(`${head.keys[place] + 1} “${meta.keys[head.keys[place]]}” ${share(head.weights[place])}`);
      const gone = head.missing[at] > FULL / 1000 ? `; on no token ${share(head.missing[at])}` : "";
      return `${head.name}: ${meta.names[0]} ${at + 1} “${meta.queries[at]}” ${raw(0, at)} → ${found.join(" · ") || "nothing"}; rest ${share(head.hidden[at])}${gone}`;
    });
  }

  function ofKey(at) {
    const found = new Map(shown().map((head) => [head, []]));
    each((head, query, _, weight) => found.get(head).push([weight, query]), { side: 1, at });
    return shown().map((head) => {
      const links = found.get(head).sort((a, b) => b[0] - a[0]);
      const named = links.slice(0, NAMED).map(([weight, query]) => `${query + 1} “${meta.queries[query]}” ${share(weight)}`);
      const more = links.length > NAMED ? ` and ${links.length - NAMED} more` : "";
      return `${head.name}: ${meta.names[1]} ${at + 1} “${meta.keys[at]}” ${raw(1, at)} ← ${named.join(" · ") || "no line"}${more}`;
    });
  }

  function under(event) {
    const edge = canvas.getBoundingClientRect();
    const at = Math.floor((event.clientY - edge.top - HEAD + scroll.scrollTop) / place.pitch);
    const side = event.clientX - edge.left > (place.from + place.to) / 2 ? 1 : 0;
    return event.clientY - edge.top >= HEAD && at >= 0 && at < [rows, columns][side] ? { side, at } : null;
  }

  const same = (one, other) => one?.side === other?.side && one?.at === other?.at;

  function show(next) {
    if (same(next, active)) return;
    active = next;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(draw);
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { side, at } = active ?? { side: 0, at: -1 };
    const last = [rows, columns][side] - 1;
    const to = {
      ArrowUp: { side, at: Math.max(0, at - 1) },
      ArrowDown: { side, at: Math.min(last, at + 1) },
      ArrowLeft: { side: 0, at: Math.min(rows - 1, Math.max(0, at)) },
      ArrowRight: { side: 1, at: Math.min(columns - 1, Math.max(0, at)) },
      Home: { side, at: 0 },
      End: { side, at: last },
    }[event.key];
    if (!to && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    held = Boolean(to);
    if (to) reveal(to.at);
    show(to ?? null);
  }

  function reveal(at) {
    const top = at * place.pitch;
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    if (top + place.pitch > scroll.scrollTop + place.high) scroll.scrollTop = top + place.pitch - place.high;
  }

  function fresh() {
    picture = null;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(draw);
  }

  function legend() {
    buttons.hidden = heads.length < 2;
    buttons.replaceChildren(
      ...heads.map((head, at) => {
        const button = make("button");
        const swatch = make("i", at >= ORDER.length ? "dashed" : "");
        swatch.style.setProperty("--colour", head.colour);
        button.append(swatch, head.name);
        button.setAttribute("aria-pressed", String(head.on));
        button.onclick = () => {
          head.on = !head.on;
          button.setAttribute("aria-pressed", String(head.on));
          fresh();
        };
        return button;
      }),
    );
  }

  function table() {
    const line = (tag, cells) => {
      const row = make("tr");
      row.append(...cells.map((text, at) => make(tag, (tag === "td" ? ["", "word", "word", "number"] : [])[at], text)));
      return row;
    };
    root.querySelector("thead").replaceChildren(line("th", ["Head", meta.names[0], meta.names[1], "Weight"]));
    root.querySelector("tbody").replaceChildren(...meta.strongest.map((cells) => line("td", cells)));
  }

  const acts = {
    pointermove: (event) => held || show(under(event)),
    pointerleave: () => held || show(null),
    click: (event) => {
      const at = under(event);
      held = at !== null && !(held && same(at, active));
      show(at);
    },
    keydown: key,
    scroll: fresh,
  };
  for (const [name, act] of Object.entries(acts)) scroll.addEventListener(name, act);
  const refresh = () => {
    measure();
    legend();
  };
  box.onchange = refresh;
  const observer = new ResizeObserver(() => root.clientWidth && Math.min(root.clientWidth, 980) !== place.width && refresh());
  refresh();
  table();
  if (active) reveal(active.at);
  observer.observe(root);
  const still = onTheme(root, refresh);
  return () => {
    for (const [name, act] of Object.entries(acts)) scroll.removeEventListener(name, act);
    observer.disconnect();
    still();
  };
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".view");
  anew(root, () => start(root, unpack(data)));
}
