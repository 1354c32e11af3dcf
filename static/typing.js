// A long text is handed to Streamlit when its field is left; a draft must not wait for that. After a pause we say that it
// was left, and the field keeps the focus (ui/drafts.py; fields of one line have this built in).

const PAUSE = 1500; // milliseconds
let timer = 0;

function handOver(field) {
  if (field.isConnected) field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
}

addEventListener("input", ({ target }) => {
  if (target.tagName !== "TEXTAREA" || !target.closest('[class*="st-key-draft-"]')) return;
  clearTimeout(timer);
  timer = setTimeout(handOver, PAUSE, target);
});
