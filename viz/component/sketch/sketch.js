// A figure that is shown before plotly is there. When plotly has drawn another figure, so that its script is loaded,
// or the reader points at this one, the page is told to put the real figure in its place.

const LOOK = 250; // milliseconds between two looks for plotly
const PATIENCE = 4000; // milliseconds after which the figure is asked for in any case
const AGAIN = 5000; // milliseconds without an answer after which it is asked for once more: a report can get lost

function watch(root, report) {
  const started = performance.now();
  let told = -AGAIN;
  let times = 0;
  const tell = () => {
    if (performance.now() - told < AGAIN) return;
    told = performance.now();
    inTurn(() => report((times += 1)));
  };
  const look = () => {
    if (!root.isConnected) return end();
    if (performance.now() - started > PATIENCE || document.querySelector(".js-plotly-plot .main-svg")) tell();
  };
  const timer = setInterval(look, LOOK);
  root.addEventListener("pointerenter", tell);
  const end = () => {
    clearInterval(timer);
    root.removeEventListener("pointerenter", tell);
  };
  return end;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".sketch");
  root.replaceChildren(new DOMParser().parseFromString(data.drawing, "image/svg+xml").documentElement);
  root.setAttribute("aria-label", data.label);
  anew(root, () => watch(root, (times) => setTriggerValue("ready", times)));
}
