// An empty place that says when the reader comes near it: at once when it is in view, and when it lies within a screen
// of the view, as soon as the browser has nothing else to do. It gives up its height once the page has drawn there.

const REST = 1200; // milliseconds after which what is not yet in view may be drawn
const AGAIN = 5000; // milliseconds without an answer after which it is said once more: a report can get lost

function scroller(node) {
  for (let at = node.parentElement; at; at = at.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  }
  return null;
}

function inside(host, root) {
  const view = root?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
  const place = host.getBoundingClientRect();
  return host.isConnected && place.top < view.bottom && place.bottom >= view.top;
}

function watch(host, report) {
  let timer;
  let told = false;
  let alive = true;
  let times = 0;
  const say = () => {
    if (!alive || !host.isConnected) return;
    report((times += 1));
    timer = setTimeout(repeat, times * AGAIN);
  };
  const repeat = () => inTurn(say);
  const tell = () => {
    if (told) return;
    told = true;
    unobserve();
    repeat();
  };
  const idle = () => ("requestIdleCallback" in window ? requestIdleCallback(tell, { timeout: REST }) : tell());
  const among = (entries) => entries.some((entry) => entry.isIntersecting);
  const root = scroller(host);
  // places that are set up together have no height at first, and all seem to be in view: look again when they have
  const settled = () => requestAnimationFrame(() => requestAnimationFrame(() => inside(host, root) && tell()));
  const here = new IntersectionObserver((entries) => among(entries) && settled(), { root });
  const soon = new IntersectionObserver(
    (entries) => {
      clearTimeout(timer);
      if (among(entries)) timer = setTimeout(idle, REST);
    },
    { root, rootMargin: "100% 0px" },
  );
  const unobserve = () => {
    clearTimeout(timer);
    here.disconnect();
    soon.disconnect();
  };
  here.observe(host);
  soon.observe(host);
  return () => {
    alive = false;
    unobserve();
  };
}

export default function ({ data, parentElement, setStateValue }) {
  const host = parentElement.host ?? parentElement;
  const place = parentElement.querySelector("i");
  place.style.cssText = `display: block; height: ${data.near ? 0 : data.height}px`;
  anew(host, () => (data.near ? () => {} : watch(host, (times) => setStateValue("near", times))));
}
