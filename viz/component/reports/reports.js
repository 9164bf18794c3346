// What the components that report to the page share, placed before their own script: reports go one by one.

const APART = 150; // milliseconds between two reports: Streamlit sends one fragment's changes at a time
const queue = (window.sightlinesReports ??= { end: Promise.resolve() });

function inTurn(report) {
  const rest = () => new Promise((done) => setTimeout(done, APART));
  queue.end = queue.end.then(report).catch(console.error).then(rest);
}
