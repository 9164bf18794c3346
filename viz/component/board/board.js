// The page's header and answer rows: one column a model, in the columns of the figures below.
// Every text comes from data and is set with textContent, so that a word such as <b> stays a word.

const STEP = 50; // pixels: widths are reported in these steps, rounded up
const SLACK = 60; // pixels: a scroll bar or a sidebar that settles must not report again
const QUIET = 200; // milliseconds without change before a new width is reported

function element(tag, className, text, role) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (role) node.setAttribute("role", role);
  if (text !== undefined) node.textContent = text;
  return node;
}

function line(className, headCell, cells) {
  const row = element("div", `row ${className}`, undefined, "row");
  const grid = element("div", "cells", undefined, "presentation");
  grid.append(...cells);
  row.append(headCell, grid);
  return row;
}

function headerCell(column, short) {
  const cell = element("div", "name", undefined, "columnheader");
  cell.style.setProperty("--colour", column.colour);
  cell.append(element("div", "title", column.title));
  if (!short) for (const text of column.lines) cell.append(element("div", "fact", text));
  return cell;
}

function answerCell(cell, column) {
  const node = element("div", "cell", undefined, "cell");
  node.style.setProperty("--colour", column.colour);
  if (cell.bar && cell.value !== null) {
    const track = element("div", "track");
    track.setAttribute("aria-hidden", "true");
    const bar = element("div", "bar");
    bar.style.width = `${100 * Math.min(1, Math.max(0, cell.value))}%`;
    track.append(bar);
    node.append(track);
  }
  if (cell.text) node.append(element("div", cell.value === null && !cell.bar ? "note" : "text", cell.text));
  for (const [name, value] of cell.pairs) {
    const pair = element("div", "pair");
    pair.append(element("span", "label", name), " ", element("span", "number", value));
    node.append(pair);
  }
  return node;
}

function question(row) {
  const head = element("div", "question", undefined, "rowheader");
  head.append(element("div", "asked", row.question));
  if (row.hint) head.append(element("div", "hint", row.hint));
  return head;
}

function table(data, start) {
  const columns = data.columns.slice(start, start + data.perLine);
  const last = start + data.perLine >= data.columns.length;
  const node = element("div", "table", undefined, "table");
  node.setAttribute("aria-label", `${data.label}: ${columns.map((column) => column.title).join(", ")}`);
  const corner = element("div", "question", undefined, "presentation");
  node.append(line(data.header ? "head" : "head hidden", corner, columns.map((each) => headerCell(each, !data.header))));
  for (const row of data.rows) {
    const cells = columns.map((column, at) => answerCell(row.cells[start + at], column));
    node.append(line("answers", question(row), cells));
    if (last && row.reading) {
      const reading = element("p", "reading");
      reading.append(element("span", "label", "Reading"), " ", row.reading);
      node.append(reading);
    }
  }
  return node;
}

function draw(root, data) {
  const { left, right, gap } = data.layout;
  root.style.setProperty("--left", `${left}px`);
  root.style.setProperty("--right", `${right}px`);
  root.style.setProperty("--gap", `${100 * gap}%`);
  root.style.setProperty("--columns", Math.min(data.perLine, data.columns.length));
  const tables = [];
  for (let start = 0; start < data.columns.length; start += data.perLine) tables.push(table(data, start));
  root.replaceChildren(...tables);
}

// Report the width when it leaves the step that was reported last.
function watch(root, known, report) {
  let timer;
  let reported = known;
  const check = () => {
    const width = root.clientWidth;
    if (!width || (width <= reported && width > reported - STEP - SLACK)) return;
    reported = Math.ceil(width / STEP) * STEP;
    inTurn(() => report(reported));
  };
  const observer = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(check, QUIET);
  });
  observer.observe(root);
  return () => {
    clearTimeout(timer);
    observer.disconnect();
  };
}

export default function ({ data: [data], parentElement, setStateValue }) {
  const root = parentElement.querySelector(".board");
  draw(root, data);
  anew(root, () => watch(root, data.width, (width) => setStateValue("width", width)));
}
