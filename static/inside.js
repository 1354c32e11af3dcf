// A link of ours within a text (class "inside") leads to another page without loading it anew, as the browser's own Back
// does it (static/header.js); what is read next begins at its top, or at the place that the link names. An address that
// names a part within a section begins there too.

const MAIN = "[data-testid=stMain]";

addEventListener("click", (event) => {
  const link = event.target.closest?.("a.inside");
  const leaves = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
  if (!link || leaves || link.origin !== location.origin || !document.querySelector(MAIN)) return;
  event.preventDefault();
  history.pushState({}, "", link.pathname + link.search + link.hash);
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  document.querySelector(MAIN).scrollTo(0, 0);
  if (link.hash) showOnceThere(link.hash.slice(1));
});

/** The page that has the place is still being drawn. */
function showOnceThere(id, tries = 100) {
  const place = document.getElementById(id);
  if (place) place.scrollIntoView();
  else if (tries > 0) setTimeout(showOnceThere, 100, id, tries - 1);
}

const asked = new URLSearchParams(location.search).get("section");
if (asked && location.pathname === "/help") showOnceThere(`help-${asked}`);
