// Drawing lines between two columns: a few with the canvas's own pen, tens of thousands by hand.
// A group holds one head's lines: { colour, dashed, ends: [from, to, weight, ...] }, heights in pixels, weights 0 to 1.

const CROWD = 3000; // more lines than this are drawn by hand, in a tenth of the time
const DASH = [5, 3];
const MEAN_INK = 0.8; // where lines crowd, all fade alike until this is the mean

function drawLines(context, groups, box, alone) {
  const count = groups.reduce((sum, group) => sum + group.ends.length / 3, 0);
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  if (count > CROWD) {
    context.drawImage(crowd(groups, box), box.left, box.top, box.width, box.height);
  } else {
    for (const group of groups) pen(context, group, box, alone);
  }
  context.restore();
}

// Width and opacity grow with the root of the weight.
function pen(context, { colour, dashed, ends }, box, alone) {
  context.strokeStyle = colour;
  context.setLineDash(dashed ? DASH : []);
  for (let at = 0; at < ends.length; at += 3) {
    const size = Math.sqrt(ends[at + 2]);
    context.globalAlpha = alone ? 0.35 + 0.65 * size : 0.08 + 0.82 * size;
    context.lineWidth = 0.6 + 2.6 * size;
    context.beginPath();
    context.moveTo(box.left, ends[at]);
    context.lineTo(box.left + box.width, ends[at + 1]);
    context.stroke();
  }
}

// Ink adds up where lines cross: opacity 1 - exp(-ink), colours mixed by their shares, whatever the order of the heads.
function crowd(groups, box) {
  const [width, height] = [Math.max(1, Math.round(box.width)), Math.max(2, Math.round(box.height))];
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [width, height];
  const sums = [0, 1, 2, 3].map(() => new Float32Array(width * height));
  const ink = new Float32Array(width * height);
  for (const group of groups) {
    ink.fill(0);
    spread(group, box, ink, width, height);
    mix(ink, rgb(group.colour), sums);
  }
  sheet.getContext("2d").putImageData(develop(sums, width, height), 0, 0);
  return sheet;
}

// Each column of pixels takes the line's ink on the two rows nearest to it.
function spread({ dashed, ends }, box, ink, width, height) {
  const turn = DASH[0] + DASH[1];
  for (let at = 0; at < ends.length; at += 3) {
    const step = (ends[at + 1] - ends[at]) / width;
    const dose = 0.004 + ends[at + 2] ** 1.5;
    const first = ends[at] - box.top - 0.5;
    const [begin, end] = inside(first, step, width, height - 1);
    for (let x = begin, y = first + begin * step; x < end; x++, y += step) {
      if (dashed && x % turn >= DASH[0]) continue;
      const row = y | 0, place = row * width + x, part = (y - row) * dose;
      ink[place] += dose - part;
      ink[place + width] += part;
    }
  }
}

// The columns from begin to end at which first + x step lies from 0 to below `limit`.
function inside(first, step, width, limit) {
  if (Math.abs(step) < 1e-9) return first >= 0 && first < limit ? [0, width] : [0, 0];
  const cuts = [-first / step, (limit - 1e-3 - first) / step].sort((a, b) => a - b);
  return [Math.max(0, Math.ceil(cuts[0])), Math.min(width, Math.floor(cuts[1]) + 1)];
}

function mix(ink, [red, green, blue], [total, reds, greens, blues]) {
  for (let at = 0; at < ink.length; at++) {
    const amount = ink[at];
    if (amount === 0) continue;
    total[at] += amount;
    reds[at] += amount * red;
    greens[at] += amount * green;
    blues[at] += amount * blue;
  }
}

function develop([total, reds, greens, blues], width, height) {
  const picture = new ImageData(width, height);
  const pixels = new Uint32Array(picture.data.buffer);
  const gain = exposure(total);
  for (let at = 0; at < total.length; at++) {
    const sum = total[at];
    if (sum === 0) continue;
    const opacity = 255 * (1 - Math.exp(-gain * sum));
    pixels[at] = (opacity << 24) | ((blues[at] / sum) << 16) | ((greens[at] / sum) << 8) | (reds[at] / sum);
  }
  return picture;
}

function exposure(total) {
  let [sum, inked] = [0, 0];
  for (let at = 0; at < total.length; at++) {
    sum += total[at];
    inked += total[at] > 0;
  }
  return sum ? Math.min(4, (MEAN_INK * inked) / sum) : 1;
}

// Any CSS colour as three bytes, read back from a pixel.
function rgb(colour) {
  const dot = document.createElement("canvas").getContext("2d");
  dot.fillStyle = colour;
  dot.fillRect(0, 0, 1, 1);
  return dot.getImageData(0, 0, 1, 1).data.slice(0, 3);
}
