// Streamlit's own words in the reader's language: the page brings a table of them (ui/streamlits_words.py) by the places
// where they stand, so that nothing people wrote is ever touched. Once in a frame at most, before it is painted.

const table = document.getElementById("portal-words");
const ATTRIBUTES = ["aria-label", "placeholder", "title"];
const SLOT = /\{(\w+)\}/g;

const byName = new Map(); // what Streamlit calls an element for its tests → what stands there

for (const [names, inside, words] of JSON.parse(table?.textContent ?? "[]")) {
  const pairs = Object.entries(words);
  const place = {
    inside,
    whole: new Map(pairs.filter(([word]) => !word.includes("{"))),
    withSlots: pairs.filter(([word]) => word.includes("{")).map(([word, said]) => [pattern(word), said]),
  };
  for (const name of names) byName.set(name, [...(byName.get(name) ?? []), place]);
}
let isWaiting = false;

function pattern(word) {
  const literally = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literally.replace(/\\\{(\w+)\\\} ?/g, "(?<$1>.{0,200}?) ?")}$`, "s");
}

function inOurs({ whole, withSlots }, text) {
  const word = text.trim();
  const said = whole.get(word);
  if (said !== undefined) return said;
  for (const [form, sentence] of withSlots) {
    const found = form.exec(word);
    if (found) return sentence.replace(SLOT, (_, name) => found.groups[name] ?? "");
  }
}

function sayWhatStandsIn(element, place) {
  for (const name of ATTRIBUTES) {
    const said = element.hasAttribute(name) && inOurs(place, element.getAttribute(name));
    if (said && said !== element.getAttribute(name)) element.setAttribute(name, said);
  }
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const said = inOurs(place, text.data);
    if (said) text.data = text.data.replace(text.data.trim(), () => said); // the node stays React's
  }
}

// A picture before words is named in English after its file, "download icon", and says nothing that the words do not.
const PICTURES = '[role="img"][translate="no"][aria-label$=" icon"]:not([aria-hidden])';

function sayAll() {
  isWaiting = false;
  for (const picture of document.querySelectorAll(PICTURES)) picture.setAttribute("aria-hidden", "true");
  // names are looked up here: a selector of them all would take the browser ten times as long
  for (const element of document.querySelectorAll("[data-testid]"))
    for (const place of byName.get(element.dataset.testid) ?? [])
      for (const part of place.inside ? element.querySelectorAll(place.inside) : [element]) sayWhatStandsIn(part, place);
}

function soon() {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(sayAll);
}

if (byName.size) {
  const changes = { subtree: true, childList: true, characterData: true, attributeFilter: ATTRIBUTES };
  new MutationObserver(soon).observe(document.documentElement, changes);
  soon();
}
