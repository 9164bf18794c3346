// What the components that keep watching share, placed before their own script: one watch for each place.

const endings = new WeakMap();

// Watch `place` anew. Nothing but a newer watch of the same place ends it, or the place leaving the page: Streamlit may
// end an older start after a newer one has begun, so it is given nothing to end.
function anew(place, start) {
  endings.get(place)?.();
  endings.set(place, start());
}
