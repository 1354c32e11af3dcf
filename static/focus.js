// Where the keyboard goes on when what had the focus is gone: Streamlit takes away what it draws anew or closes, and the
// focus would fall back to the beginning of the page.

const DIALOG = "[data-testid=stDialog]";
const BAR = '[class*="st-key-filters-"]'; // above a list (ui/list_view/filter_bar.py)
const EDITION = /\bst-key-\S+?(?=(-\d+)+(\s|$))/; // the filters and the views begin anew under a key that counts on
let had = null; // what had the focus last, and the way back from it

function wayBackFrom(element) {
  const opener = element.closest("[data-testid=stPopoverBody]")
    ? document.querySelector(`${BAR} [data-testid=stPopoverButton][aria-expanded=true]`)
    : element;
  const bar = opener?.closest(BAR)?.className.match(/st-key-filters-\S+/)[0];
  if (!bar) return () => null;
  const begins = opener.closest('[class*="st-key-"]').className.match(EDITION)?.[0] ?? "-views"; // a view that is left
  return () => document.querySelector(`.${bar} [class*="${begins}-"] :is(button, input)`);
}

function goBack() {
  if (!had || had.element.isConnected || document.activeElement !== document.body || document.querySelector(DIALOG)) return;
  const place = had.wayBack();
  if (!place) return; // not drawn yet
  had = null;
  place.focus({ preventScroll: true });
}

addEventListener("focusin", ({ target: element }) => (had = { element, wayBack: wayBackFrom(element) }));
for (const touch of ["pointerdown", "keydown"])
  addEventListener(
    touch,
    () => {
      if (had && !had.element.isConnected) had = null; // its reader went on by themselves
    },
    { capture: true, passive: true },
  );
new MutationObserver(goBack).observe(document.body ?? document.documentElement, { childList: true, subtree: true });
