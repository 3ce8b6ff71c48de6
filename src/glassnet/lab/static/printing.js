// Before it is printed every drawing keeps the size that it has, and is made smaller as a whole where
// paper is narrower: a canvas that paper would stretch is a picture of something else.

// CSS pixels across: 718 are those of A4 within its margins, less what a room leaves free at its sides.
const PAPER = 670;

export function readyForPaper() {
  const before = new Map(); // each drawing's own width, height and zoom
  window.addEventListener("beforeprint", () => {
    const seen = [...document.querySelectorAll(".view:not(.key)")].filter((view) => view.offsetWidth > 0);
    const sizes = seen.map((view) => view.getBoundingClientRect());
    seen.forEach((view, i) => {
      const { width, height } = sizes[i];
      view.classList.add("as-drawn");
      before.set(view, { width: view.style.width, height: view.style.height, zoom: view.style.zoom });
      Object.assign(view.style, { width: `${width}px`, height: `${height}px`, zoom: Math.min(1, PAPER / width) });
    });
  });
  window.addEventListener("afterprint", () => {
    for (const [view, style] of before) {
      view.classList.remove("as-drawn");
      Object.assign(view.style, style);
    }
    before.clear();
  });
}
