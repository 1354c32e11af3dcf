// Where the keyboard goes on when what had the focus is gone: Streamlit takes away what it draws anew or closes, and the
// focus would fall back to the beginning of the page.

const TABLE = "canvas[data-testid=data-grid-canvas]"; // its cells lie within, for those who do not see it
const BAR = '[class*="st-key-filters-"]'; // above a list (ui/list_view/filter_bar.py)
const EDITION = /\bst-key-\S+?(?=(-\d+)+(\s|$))/; // the filters and the views begin anew under a key that counts on
const dialogs = document.getElementsByClassName("stDialog"); // live
let had = null; // what had the focus last, and the way back from it
let wayBackToTable = () => null; // the one that was touched last, where a row of it may have opened a dialog
let isOpen = false; // was a dialog, when last looked at

/** The table draws its cells anew when its rows come again, and may be another one by then. */
function wayBackInto(canvas) {
  const kept = canvas?.closest('[class*="st-key-"]')?.className.match(/\bst-key-\S+/)[0];
  return () => (canvas?.isConnected ? canvas : kept && document.querySelector(`.${kept} ${TABLE}`)) || null;
}

function wayBackFrom(element) {
  const canvas = element.closest(TABLE);
  if (canvas) return wayBackInto(canvas);
  const opener = element.closest("[data-testid=stPopoverBody]")
    ? document.querySelector(`${BAR} [data-testid=stPopoverButton][aria-expanded=true]`)
    : element;
  const bar = opener?.closest(BAR)?.className.match(/st-key-filters-\S+/)[0];
  if (!bar) return () => null;
  const begins = opener.closest('[class*="st-key-"]').className.match(EDITION)?.[0] ?? "-views"; // a view that is left
  return () => document.querySelector(`.${bar} [class*="${begins}-"] :is(button, input)`);
}

function goBack() {
  if (isOpen && !dialogs.length) had = { element: new Text(), wayBack: wayBackToTable }; // as if it had been in there
  isOpen = dialogs.length > 0;
  if (!had || had.element.isConnected || document.activeElement !== document.body || isOpen) return;
  const place = had.wayBack();
  if (!place) return; // not drawn yet
  had = null;
  place.focus({ preventScroll: true });
}

addEventListener("focusin", ({ target: element }) => (had = { element, wayBack: wayBackFrom(element) }));
for (const touch of ["pointerdown", "keydown"])
  addEventListener(
    touch,
    ({ target }) => {
      const canvas = target.closest?.("[data-testid=stDataFrame]")?.querySelector(TABLE);
      if (had && (!had.element.isConnected || (had.element.closest(TABLE) ?? canvas) !== canvas)) had = null; // went on
      if (!dialogs.length) wayBackToTable = wayBackInto(canvas);
    },
    { capture: true, passive: true },
  );
new MutationObserver(goBack).observe(document.body ?? document.documentElement, { childList: true, subtree: true });
