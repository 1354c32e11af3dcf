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
