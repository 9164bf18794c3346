// What the canvas components share, placed before their own script: raw bytes, the theme, a crisp canvas.

const VIEWS = { uint8: Uint8Array, uint16: Uint16Array, float32: Float32Array };

// The header and the arrays that viz/payload.py packed; copied, because they arrive at an odd offset.
function unpack(data) {
  const bytes = data.slice();
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const meta = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  const arrays = meta.parts.map(({ kind, count }) => {
    const size = count * VIEWS[kind].BYTES_PER_ELEMENT;
    at += size;
    return new VIEWS[kind](bytes.buffer.slice(at - size, at));
  });
  return { meta, arrays };
}

// The page's colours and fonts as they are now, light or dark.
function theme(node) {
  const style = getComputedStyle(node);
  const value = (name) => style.getPropertyValue(`--st-${name}`).trim();
  return {
    text: value("text-color"),
    ground: value("background-color"),
    border: value("border-color"),
    accent: value("primary-color"),
    font: value("font") || "sans-serif",
    code: value("code-font") || "monospace",
    series: value("chart-categorical-colors").split(/,(?![^(]*\))/).map((each) => each.trim()).filter(Boolean),
  };
}

// Redraw when the theme changes: style sheets give the root a short transition of its colour.
function onTheme(root, redraw) {
  root.addEventListener("transitionend", redraw);
  return () => root.removeEventListener("transitionend", redraw);
}

// Size a canvas for the screen's pixels and return its context, in CSS pixels.
function crisp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}
