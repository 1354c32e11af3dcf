// What forms need of the browser: where the focus goes when they could not be sent, when Escape is pressed in them, and
// when a button is.

// A form that could not be sent lists what is to be corrected in a box above its fields (ui/form/problems.py), which is
// read out as it appears; each further attempt draws a new one. The first field that is marked comes into view and takes
// the focus; where none is, for what is wrong is about no field, the box itself does.

const BOX = '[class*="st-key-form-problems-"]';
const MARK = '.stMarkdownColoredText > [role="img"]'; // in front of what is wrong, beside the field
const BLOCK = "[data-testid=stVerticalBlock]";
const FIELDS = '[role="spinbutton"], input:not([type=hidden]), textarea, button, summary';
const isReached = (field) => field.tabIndex >= 0 && !field.disabled && !field.closest('[aria-hidden="true"]');
const seen = new WeakSet();

function firstMarked(box) {
  const form = box.closest('[role="dialog"]') ?? document;
  for (const mark of form.querySelectorAll(MARK)) {
    if (mark.textContent !== "error" || box.contains(mark)) continue;
    if (!(box.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
    const block = mark.closest(BLOCK); // of this field alone
    if (!block || block.contains(box)) continue;
    const field = [...block.querySelectorAll(FIELDS)].find(isReached);
    if (field) return { block, field };
  }
  return { block: box, field: box };
}

function goTo(box) {
  const { block, field } = firstMarked(box);
  if (field === box) box.tabIndex = -1;
  field.focus({ preventScroll: true });
  block.scrollIntoView({ block: field === box ? "nearest" : "center" });
}

// What is beside the fields comes after the box, so the form is waited for until all of it is drawn.
new MutationObserver(() => {
  if (document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "running") return;
  for (const box of document.querySelectorAll(BOX)) {
    if (seen.has(box)) continue;
    seen.add(box);
    goTo(box);
  }
}).observe(document.body ?? document.documentElement, {
  childList: true,
  subtree: true,
  attributes: true,
  attributeFilter: ["data-test-script-state"],
});

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
