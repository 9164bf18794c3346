// Two buttons that save the chart of their own figure block as PNG or SVG, in the browser.
// They press plotly's own camera button after telling it the format.

function chartOf(node, scope) {
  return node.closest(`.st-key-${CSS.escape(scope)}`)?.querySelector(".js-plotly-plot");
}

export default function ({ data, parentElement }) {
  const host = parentElement.host ?? parentElement;
  const status = parentElement.querySelector("[role=status]");
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = () => {
      const chart = chartOf(host, data.scope);
      const camera = chart?.querySelector(".modebar-btn[data-title^=Download]");
      status.textContent = camera ? "" : "The figure is not drawn yet.";
      if (!camera) return;
      const options = { format: button.value, filename: data.name, scale: button.value === "png" ? 2 : 1 };
      chart._context.toImageButtonOptions = options;
      camera.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    };
  }
}
