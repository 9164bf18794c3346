// A pad of 28 x 28 pixels to write a digit on, by pointer or by keyboard. What is drawn goes to the page as 1,568 hex
// digits (a byte a pixel, 0 black) when the pen is lifted; nothing else leaves the browser.

const SIDE = 28;
const CELL = 8;
const PEN = 1.25; // radius of the pen in pixels of the pad
const pads = new WeakMap();

function fresh(hex) {
  const pad = { pixels: new Float32Array(SIDE * SIDE), at: [SIDE / 2, SIDE / 2], pen: false, cursor: false };
  if (hex && hex.length === 2 * SIDE * SIDE) {
    for (let at = 0; at < pad.pixels.length; at++) pad.pixels[at] = parseInt(hex.slice(2 * at, 2 * at + 2), 16) / 255;
  }
  return pad;
}

function hexOf(pad) {
  return Array.from(pad.pixels, (value) => Math.round(255 * value).toString(16).padStart(2, "0")).join("");
}

// A round, soft dot at (x, y), in pixels of the pad.
function dot(pad, x, y) {
  for (let row = Math.max(0, Math.floor(y - 3)); row < Math.min(SIDE, y + 3); row++) {
    for (let column = Math.max(0, Math.floor(x - 3)); column < Math.min(SIDE, x + 3); column++) {
      const away = Math.hypot(column + 0.5 - x, row + 0.5 - y);
      const at = row * SIDE + column;
      pad.pixels[at] = Math.max(pad.pixels[at], Math.min(1, Math.max(0, PEN + 0.5 - away)));
    }
  }
}

function stroke(pad, from, to) {
  const steps = Math.max(1, Math.ceil(2 * Math.hypot(to[0] - from[0], to[1] - from[1])));
  for (let step = 0; step <= steps; step++) {
    const part = step / steps;
    dot(pad, from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1]));
  }
}

function paint(canvas, pad) {
  const context = canvas.getContext("2d");
  context.fillStyle = "#000";
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < pad.pixels.length; at++) {
    const level = Math.round(255 * pad.pixels[at]);
    if (!level) continue;
    context.fillStyle = `rgb(${level},${level},${level})`;
    context.fillRect((at % SIDE) * CELL, Math.floor(at / SIDE) * CELL, CELL, CELL);
  }
  if (!pad.cursor) return;
  context.strokeStyle = pad.pen ? "#E69F00" : "#56B4E9";
  context.lineWidth = 2;
  context.strokeRect(pad.at[0] * CELL - 5, pad.at[1] * CELL - 5, 10, 10);
}

function keys(canvas, pad, send) {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.onkeydown = (event) => {
    if (event.key === " ") {
      pad.pen = !pad.pen;
      if (pad.pen) dot(pad, ...pad.at);
      else send();
    } else if (moves[event.key]) {
      const [right, down] = moves[event.key];
      const to = [pad.at[0] + right, pad.at[1] + down].map((value) => Math.min(SIDE, Math.max(0, value)));
      if (pad.pen) stroke(pad, pad.at, to);
      pad.at = to;
    } else return;
    pad.cursor = true;
    event.preventDefault();
    paint(canvas, pad);
  };
  canvas.onblur = () => {
    if (pad.pen) send();
    pad.pen = pad.cursor = false;
    paint(canvas, pad);
  };
}

function pointers(canvas, pad, send) {
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  let last;
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    dot(pad, ...last);
    paint(canvas, pad);
  };
  canvas.onpointermove = (event) => {
    if (!last) return;
    const to = place(event);
    stroke(pad, last, to);
    last = to;
    paint(canvas, pad);
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (last) send();
    last = undefined;
  };
}

export default function ({ data, parentElement, setStateValue }) {
  const canvas = parentElement.querySelector("canvas");
  if (!pads.has(canvas)) pads.set(canvas, fresh(data.drawn));
  const pad = pads.get(canvas);
  const send = () => setStateValue("drawn", hexOf(pad));
  pointers(canvas, pad, send);
  keys(canvas, pad, send);
  parentElement.querySelector("button").onclick = () => {
    pad.pixels.fill(0);
    paint(canvas, pad);
    send();
  };
  paint(canvas, pad);
}
