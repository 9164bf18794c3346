// What the components that keep watching share, placed before their own script: one watch for each place.

const endings = new WeakMap();

// Watch `place` anew and return what ends this watch alone: Streamlit may end an older one after a newer has begun.
function anew(place, start) {
  endings.get(place)?.();
  const end = start();
  endings.set(place, end);
  return end;
}
