// All heads at a glance: a tile a head, a row a layer. A click or the arrow keys choose one.

const QUIET = 80; // milliseconds without another key before the choice is sent
const PATIENCE = 2000; // milliseconds in which an older answer does not undo a newer choice
const HIGH = 600; // pixels that the rows may take together
const TILE = { least: 12, most: 72, gap: 2 };
const TOP = 34, BAND = 18, KEY = 36;
const HATCH = 4, GREY = 0xff808080; // pixels between the diagonals of what may not be looked at, and their colour

// 256 colours from the scale's stops ("#rrggbb"); weight 255 is 1. The root of the weight, so that small ones show.
function lookup(stops) {
  const parts = stops.map((each) => [1, 3, 5].map((at) => parseInt(each.slice(at, at + 2), 16)));
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    const place = Math.sqrt(byte / 255) * (parts.length - 1);
    const low = Math.min(parts.length - 2, Math.floor(place));
    const mix = [0, 1, 2].map((at) => Math.round(parts[low][at] + (place - low) * (parts[low + 1][at] - parts[low][at])));
    return (255 << 24) | (mix[2] << 16) | (mix[1] << 8) | mix[0];
  });
}

// One tile of size x size bytes as side x side pixels at (x0, y0) of a sheet, each the greatest of the cells it covers.
// reach is 0, from `from` on, in cells that may not be looked at: a pixel that covers no other is hatched.
function pool(tiles, start, size, side, colours, sheet, x0, y0, [reach, from]) {
  const pixels = new Uint32Array(sheet.data.buffer);
  const edge = Array.from({ length: side + 1 }, (_, at) => Math.floor((at * size) / side));
  for (let y = 0; y < side; y++) {
    const line = (y0 + y) * sheet.width + x0;
    for (let x = 0; x < side; x++) {
      let most = 0, open = !reach;
      for (let row = edge[y]; row < edge[y + 1]; row++)
        for (let at = row * size + edge[x]; at < row * size + edge[x + 1]; at++) {
          if (tiles[start + at] > most) most = tiles[start + at];
          open ||= reach[from + at] > 0;
        }
      pixels[line + x] = open ? colours[most] : (x + y) % HATCH ? 0 : GREY;
    }
  }
}

// Where everything stands, in CSS pixels.
function layout(meta, width, left) {
  const bands = meta.missing.length * BAND;
  const fit = Math.min((width - left) / meta.heads, (HIGH - bands) / meta.layers, TILE.most);
  const pitch = Math.max(TILE.least, Math.floor(fit));
  const tops = [], notes = [];
  let y = TOP;
  for (let layer = 0; layer <= meta.layers; layer++) {
    for (const [before, text] of meta.missing)
      if (before === layer) {
        notes.push({ y, text });
        y += BAND;
      }
    if (layer < meta.layers) tops.push(y);
    y += layer < meta.layers ? pitch : 0;
  }
  return { left, pitch, tops, notes, height: y + 2 + KEY, width: left + Math.max(pitch * meta.heads, 136) + 2 };
}

function start(root, { meta, arrays: [tiles, reach] }, scope, send) {
  const [stage, canvas, cells, tip, now] = [".stage", ".picture", ".cells", ".tip", ".now"].map((each) =>
    root.querySelector(each),
  );
  const [zoom, words] = [tip.querySelector("canvas"), tip.querySelector("div")];
  const colours = lookup(meta.ramp);
  let place, context, picture, timer;
  let chosen = [0, 0], sentAt = -PATIENCE;
  let texts = meta.labels.map((label) => Array.from({ length: meta.heads }, (_, at) => `layer ${label} head ${at + 1}`));
  let said = "";
  root.querySelector(".closed").hidden = !reach;

  function measure() {
    const probe = canvas.getContext("2d");
    probe.font = `12px ${theme(root).font}`;
    return Math.ceil(Math.max(...meta.labels.map((each) => probe.measureText(each).width), 36)) + 10;
  }

  function paint() {
    const look = theme(root);
    place = layout(meta, root.clientWidth || 800, measure());
    context = crisp(canvas, place.width, place.height);
    tilesOnto(context);
    margins(context, look);
    picture = document.createElement("canvas");
    [picture.width, picture.height] = [canvas.width, canvas.height];
    picture.getContext("2d").drawImage(canvas, 0, 0);
    frame();
  }

  function tilesOnto(onto) {
    const ratio = window.devicePixelRatio || 1;
    const shown = Math.round((place.pitch - TILE.gap) * ratio);
    const side = Math.min(meta.size, shown);
    const sheet = document.createElement("canvas");
    [sheet.width, sheet.height] = [side * meta.heads, side * meta.layers];
    const pixels = new ImageData(sheet.width, sheet.height);
    for (let layer = 0; layer < meta.layers; layer++)
      for (let head = 0; head < meta.heads; head++)
        pool(tiles, first(layer, head), meta.size, side, colours, pixels, head * side, layer * side, shut(layer));
    sheet.getContext("2d").putImageData(pixels, 0, 0);
    onto.imageSmoothingEnabled = false;
    for (let layer = 0; layer < meta.layers; layer++)
      for (let head = 0; head < meta.heads; head++) {
        const [x, y] = corner(layer, head);
        onto.drawImage(sheet, head * side, layer * side, side, side, x, y, shown / ratio, shown / ratio);
      }
  }

  function margins(onto, look) {
    onto.font = `12px ${look.font}`;
    onto.fillStyle = look.text;
    onto.textBaseline = "middle";
    onto.textAlign = "left";
    onto.fillText("head →", place.left, 8);
    const step = Math.ceil(22 / place.pitch), jump = Math.ceil(13 / place.pitch);
    onto.textAlign = "center";
    for (let head = 0; head < meta.heads; head += step) onto.fillText(String(head + 1), place.left + (head + 0.5) * place.pitch, 24);
    onto.textAlign = "right";
    onto.fillText("layer", place.left - 8, 24);
    for (let layer = 0; layer < meta.layers; layer += jump)
      onto.fillText(meta.labels[layer], place.left - 8, place.tops[layer] + place.pitch / 2);
    onto.textAlign = "left";
    onto.font = `italic 12px ${look.font}`;
    for (const { y, text } of place.notes) onto.fillText(text, place.left, y + BAND / 2, place.width - place.left);
    scale(onto, look);
  }

  // The colour key: what 0, a quarter and 1 look like.
  function scale(onto, look) {
    const [wide, y] = [112, place.height - KEY / 2];
    const ramp = onto.createLinearGradient(place.left + 12, 0, place.left + 12 + wide, 0);
    meta.ramp.forEach((colour, at) => ramp.addColorStop(at / (meta.ramp.length - 1), colour));
    onto.fillStyle = ramp;
    onto.fillRect(place.left + 12, y - 9, wide, 8);
    onto.fillStyle = look.text;
    onto.font = `11px ${look.font}`;
    onto.textAlign = "right";
    onto.fillText("weight", place.left - 8, y - 4);
    onto.textAlign = "center";
    for (const [share, text] of [[0, "0"], [0.5, ".25"], [1, "1"]]) onto.fillText(text, place.left + 12 + share * wide, y + 8);
  }

  const shut = (layer) => [reach, layer * meta.size * meta.size];
  const first = (layer, head) => (layer * meta.heads + head) * meta.size * meta.size;
  const corner = (layer, head) => [place.left + head * place.pitch, place.tops[layer]];

  function frame() {
    const look = theme(root);
    const ratio = window.devicePixelRatio || 1;
    const [x, y] = corner(...chosen);
    context.clearRect(0, 0, place.width, place.height);
    context.drawImage(picture, 0, 0, picture.width / ratio, picture.height / ratio);
    const side = place.pitch - TILE.gap;
    for (const [colour, thick, out] of [[look.text, 3, 1], [look.ground, 1.5, -1]]) {
      context.strokeStyle = colour;
      context.lineWidth = thick;
      context.strokeRect(x - out, y - out, side + 2 * out, side + 2 * out);
    }
    stage.setAttribute("aria-activedescendant", `tile-${chosen[0]}-${chosen[1]}`);
    cells.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    cells.querySelector(`#tile-${chosen[0]}-${chosen[1]}`).setAttribute("aria-selected", "true");
    now.textContent = texts[chosen[0]][chosen[1]];
  }

  function list() {
    cells.replaceChildren(
      ...texts.map((row, layer) => {
        const line = make("div");
        line.setAttribute("role", "row");
        line.append(
          ...row.map((text, head) => {
            const cell = make("div", "", text);
            cell.id = `tile-${layer}-${head}`;
            cell.setAttribute("role", "gridcell");
            cell.setAttribute("aria-selected", "false");
            return cell;
          }),
        );
        return line;
      }),
    );
  }

  function under(event) {
    const box = canvas.getBoundingClientRect();
    const head = Math.floor((event.clientX - box.left - place.left) / place.pitch);
    const layer = place.tops.findLastIndex((top) => event.clientY - box.top >= top);
    const inside = layer >= 0 && event.clientY - box.top < place.tops[layer] + place.pitch;
    return inside && head >= 0 && head < meta.heads ? [layer, head] : null;
  }

  function choose(layer, head, delay) {
    chosen = [layer, head];
    frame();
    clearTimeout(timer);
    sentAt = performance.now();
    timer = setTimeout(() => send("chosen", chosen), delay);
  }

  function key(event) {
    const [layer, head] = chosen;
    const [rows, columns] = [meta.layers - 1, meta.heads - 1];
    const to = {
      ArrowUp: [layer - 1, head],
      ArrowDown: [layer + 1, head],
      ArrowLeft: [layer, head - 1],
      ArrowRight: [layer, head + 1],
      Home: [layer, 0],
      End: [layer, columns],
      PageUp: [0, head],
      PageDown: [rows, head],
    }[event.key];
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const next = [Math.min(rows, Math.max(0, to[0])), Math.min(columns, Math.max(0, to[1]))];
    if (next[0] !== layer || next[1] !== head) choose(...next, QUIET);
  }

  function hover(event) {
    const at = under(event);
    tip.hidden = !at;
    if (!at) return;
    words.textContent = texts[at[0]][at[1]];
    [zoom.width, zoom.height] = [meta.size, meta.size];
    const large = new ImageData(meta.size, meta.size);
    pool(tiles, first(...at), meta.size, meta.size, colours, large, 0, 0, shut(at[0]));
    zoom.getContext("2d").putImageData(large, 0, 0);
    const [x, y] = corner(...at);
    const beside = place.width + 250 < root.clientWidth ? place.width + 6 : x + place.pitch + 6;
    tip.style.left = `${beside + 240 < root.clientWidth ? beside : Math.max(0, x - tip.offsetWidth - 6)}px`;
    tip.style.top = `${Math.max(0, Math.min(y, place.height - tip.offsetHeight))}px`;
  }

  // The page's own texts and choice; a choice that answers an older one is passed over.
  function follow() {
    if (scope?.dataset.hover && scope.dataset.hover !== said) {
      said = scope.dataset.hover;
      const sent = JSON.parse(said);
      const fits = sent.length === meta.layers && sent[0].length === meta.heads; // else another model's, left behind
      if (fits) {
        texts = sent;
        list();
        if (context) frame();
      }
    }
    if (performance.now() - sentAt < PATIENCE) return;
    const [layer, head] = JSON.parse(scope?.dataset.chosen ?? "[0,0]");
    chosen = [Math.min(layer, meta.layers - 1), Math.min(head, meta.heads - 1)];
    if (context) frame();
  }

  const leave = () => (tip.hidden = true);
  const click = (event) => {
    const at = under(event);
    if (at) choose(...at, 0);
  };
  const pairs = [["click", click], ["keydown", key], ["pointermove", hover], ["pointerleave", leave]];
  for (const [name, act] of pairs) stage.addEventListener(name, act);
  scope?.addEventListener("sightlines:chosen", follow);
  list();
  follow();
  const observer = new ResizeObserver(paint);
  observer.observe(root);
  const still = onTheme(root, paint);
  paint();
  return () => {
    for (const [name, act] of pairs) stage.removeEventListener(name, act);
    scope?.removeEventListener("sightlines:chosen", follow);
    observer.disconnect();
    still();
  };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".mosaic");
  const scope = (parentElement.host ?? parentElement).closest("[class*=st-key-mosaic_]");
  anew(root, () => start(root, unpack(data), scope, setTriggerValue));
}
