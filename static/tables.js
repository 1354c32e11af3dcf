// Streamlit draws its tables on a canvas, and the cells of the first column that open a row (ui/table.py) hear the mouse
// alone. Here they hear Enter as well: the canvas is told of a press where the cell is.

const TABLE = "canvas[data-testid=data-grid-canvas]";
const ROW = 36; // pixels, the head included, as ui/table.py has it
const INSIDE = [24, 40]; // from the left edge of the table: in what is written there, beside ticks if there are any
const PRESS = ["pointermove", "mousemove", "pointerdown", "mousedown", "pointerup", "mouseup", "click"];

addEventListener(
  "keydown",
  (event) => {
    const [, column, row] = event.target.id?.match?.(/^glide-cell-(\d+)-(\d+)$/)?.map(Number) ?? [];
    const opens = event.key === "Enter" && !event.repeat && row !== undefined && event.target.ariaColIndex === "1";
    const canvas = opens && event.target.closest(TABLE);
    if (!canvas) return;
    const { scrollTop } = canvas.closest("[data-testid=stDataFrame]").querySelector(".dvn-scroller");
    press(canvas, INSIDE[column], ROW + row * ROW - scrollTop + ROW / 2); // ticks are a column before the first
  },
  true, // the table keeps its keys to itself
);

function press(canvas, x, y) {
  const { left, top } = canvas.getBoundingClientRect();
  const where = { clientX: left + x, clientY: top + y, bubbles: true, cancelable: true, composed: true, pointerType: "mouse" };
  for (const name of PRESS) canvas.dispatchEvent(new PointerEvent(name, { ...where, buttons: name.endsWith("down") ? 1 : 0 }));
}
