// A button that saves a drawing as PNG. The page sends the SVG once it was asked for; the browser paints it.

const SCALE = 2;

function save(canvas, name, status) {
  canvas.toBlob((blob) => {
    status.textContent = blob ? "" : "Too large for a PNG: take the SVG.";
    if (!blob) return;
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${name}.png` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }, "image/png");
}

function paint(drawing, name, status) {
  const picture = new Image();
  picture.onload = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [SCALE * picture.naturalWidth, SCALE * picture.naturalHeight];
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    save(canvas, name, status);
  };
  picture.onerror = () => (status.textContent = "This browser cannot paint the drawing.");
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawing)}`;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const status = parentElement.querySelector("[role=status]");
  parentElement.querySelector("button").onclick = () => {
    status.textContent = "…";
    setTriggerValue("asked", true);
  };
  status.textContent = "";
  if (data.drawing) paint(data.drawing, data.name, status);
}
