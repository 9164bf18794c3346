// Tells the mosaic beside it which head the page has chosen, and what each tile is. Kept apart from the mosaic's bytes,
// so that a new choice, or heads that have been scored meanwhile, send a few bytes and not all tiles again.

export default function ({ data, parentElement }) {
  const scope = (parentElement.host ?? parentElement).closest(`.st-key-${CSS.escape(data.scope)}`);
  if (!scope) return;
  scope.dataset.chosen = JSON.stringify(data.chosen);
  scope.dataset.hover = JSON.stringify(data.hover);
  scope.dispatchEvent(new Event("sightlines:chosen"));
}
