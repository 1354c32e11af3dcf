// What forms need of the browser: where the focus goes when they could not be sent, when Escape is pressed in them, and
// when a button is.

// A form that could not be sent lists what is to be corrected in a box above its fields (ui/form/problems.py): when it
// appears it takes the focus, so that it is read out and in view; each further attempt draws a new one.

const BOX = '[class*="st-key-form-problems-"]';
const seen = new WeakSet();

new MutationObserver(() => {
  for (const box of document.querySelectorAll(BOX)) {
    if (seen.has(box)) continue;
    seen.add(box);
    box.tabIndex = -1;
    box.focus();
    box.scrollIntoView({ block: "nearest" });
  }
}).observe(document.body ?? document.documentElement, { childList: true, subtree: true });

// Escape closes a dialog. In a list of choices that is closed it would take the choice back first, and with it what was
// chosen would be gone from the draft: there it only closes.
addEventListener(
  "keydown",
  (event) => {
    const list = event.target.closest?.('[role="dialog"] [role="combobox"][aria-expanded="false"]');
    if (event.key !== "Escape" || !event.isTrusted || !list) return;
    event.stopImmediatePropagation();
    const dialog = list.closest('[role="dialog"]');
    list.blur();
    dialog.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", code: "Escape", bubbles: true }));
  },
  true,
);

// What somebody typed is taken over when its field is left. Left by the press on a button, the page is drawn anew while
// the finger is still down; a message that goes moves the button away, and the click is lost. So a press does not take
// the focus: the field is left by the click itself, a moment before the button hears of it.
const isTyped = (element) => element?.matches?.("input, textarea");
const button = (event) => event.target.closest?.(".stButton button");

addEventListener(
  "mousedown",
  (event) => {
    if (button(event) && isTyped(document.activeElement)) event.preventDefault();
  },
  true,
);

addEventListener(
  "click",
  (event) => {
    if (event.isTrusted && isTyped(document.activeElement)) button(event)?.focus();
  },
  true,
);
