// The top right of every page, beside Streamlit's own: company, bell, envelope, language and the person's menu.
// It asks /live again and again (shell/live.py): what it shows, what is new, and whether the session still lives. A tab that is
// looked at says what it has seen, and is answered when there is something else (shell/holding.py).

const NEXT = 1000; // milliseconds from one such question to the next
// where the answer comes at once; a signed-out tab goes within five seconds
const EVERY = { visible: 2000, hidden: 4000, longest: 30000 };
const RESTS = 450; // milliseconds after the last switch
const FEW = 8; // accounts among which nobody needs to search
const REACTS = 1000; // milliseconds from a click to the run that it asks for, at most
const TYPED_IN = "input, textarea, [contenteditable=true], [role=spinbutton]"; // the last is a part of a date
const OPEN_MENU = "[aria-haspopup][aria-expanded=true]"; // of a filter, a form, or the header
const SETTLING = 4000; // a choice is shown at once; until then the page may still show the one before
const ICONS = {
  company: "M4 21V4.5L13 3v18M13 9h7v12M2.5 21h19M7 8.2h2.6M7 12h2.6M7 15.8h2.6M16 12.5h1.4M16 16h1.4",
  notices: "M18 9.5a6 6 0 0 0-12 0c0 6-2.5 7-2.5 7h17s-2.5-1-2.5-7M10 20a2.2 2.2 0 0 0 4 0",
  messages: "M3 5.5h18v13H3zM3.4 6.2 12 13l8.6-6.8",
  language: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3.3 12h17.4M12 3c5 5.4 5 12.6 0 18M12 3c-5 5.4-5 12.6 0 18",
  account: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6M6.2 18.6c1-2.4 3.2-3.6 5.8-3.6s4.8 1.2 5.8 3.6",
  down: "m7.5 10 4.5 4.5 4.5-4.5",
  chosen: "m5 12.5 4.5 4.5L19 7.5",
};

const root = document.createElement("nav");
root.id = "portal-header";
const skip = document.getElementById("portal-skip"); // the first thing that Tab comes to (web/index_page.py)
skip?.addEventListener("click", (event) => {
  event.preventDefault(); // the address stays as it is
  document.getElementById("stMain")?.focus({ preventScroll: true });
});
const home = document.createElement("a");
home.id = "portal-home";
home.href = "/";
let said = { mark: "" };
let drawn = null; // what the header was drawn from
let view = inAddress(); // the accounts looked at, as the header knows them: "ACME-SEOUL,ACME-OSAKA", or "all"
let choosing = 0; // a choice that is about to be followed
let chosenAt = -SETTLING;
let followed = {}; // the page, the accounts that the answer was about, and the version of what the page shows
let behind = false; // the page shows less than is known
let waiting = 0;
let touchedAt = -REACTS; // when its reader did something last
let timer = 0;
let asking = new AbortController(); // the question that waits for its answer
let asked = ""; // of which page, and which accounts in its address
let leaving = false; // a form is on its way, and its answer says where to

// --- drawing

function element(name, properties = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made && !key.includes("-")) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...inside.filter((part) => part != null));
  return made;
}

function icon(name) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", ICONS[name]);
  picture.append(line);
  return picture;
}

function draw({ label, home: { logo, name, product }, company, news, language, account }) {
  if (!home.isConnected) root.before(home); // where nobody is in, an empty link would stand on the page
  const written = product && element("span", {}, element("strong", { textContent: name }), " ", element("small", { textContent: product }));
  if (home.dataset.drawn !== `${logo}${name}${product}`) {
    home.dataset.drawn = `${logo}${name}${product}`;
    home.replaceChildren(element("img", { src: logo, alt: product ? "" : name }), written);
  }
  const had = root.contains(document.activeElement) ? document.activeElement.id : "";
  const opened = root.querySelector("[aria-expanded=true]")?.id;
  root.setAttribute("aria-label", label);
  root.replaceChildren(
    ...[company && companyMenu(company), ...news.map(link), languageMenu(language), accountMenu(account)].filter(Boolean),
  );
  if (opened) document.getElementById(opened)?.click();
  if (had) document.getElementById(had)?.focus();
  drawChosen();
}

function link({ path, label }) {
  const badge = element("span", { className: "badge", hidden: true, "aria-hidden": "true" });
  return element(
    "a",
    { id: `portal-${path}`, href: `/${path}`, title: label, "aria-label": label, onclick: open, className: "entry" },
    icon(path),
    badge,
  );
}

/** A switch for each account, beside it a button that leaves it alone; where there are many they can be searched. */
function companyMenu({ label, all, only, search, nothing, options }) {
  const rows = [toggle("all", all, "", 0), ...options.map(([code, name, depth]) => toggle(code, name, only, depth))];
  const none = element("p", { hidden: true, role: "status", textContent: nothing });
  const list = element("div", { id: "portal-company-list", role: "group", "aria-label": label }, ...rows, none);
  const find = options.length > FEW
    ? element("input", { id: "portal-company-search", type: "search", placeholder: search, "aria-label": search, autocomplete: "off" })
    : null;
  const filter = () => {
    const words = find.value.trim().toLowerCase();
    for (const row of rows) row.hidden = words !== "" && (row === rows[0] || !row.dataset.words.includes(words));
    none.hidden = rows.some((row) => !row.hidden);
  };
  if (find) find.oninput = filter;
  const sheet = element("div", { className: "sheet", hidden: true, role: "dialog", "aria-label": label }, find, list);
  const first = () => find ?? list.querySelector("[role=switch]");
  const made = dropdown("company", label, "", sheet, "dialog", () => {
    if (find && find.value) {
      find.value = "";
      filter();
    }
    return first();
  });
  sheet.onkeydown = (event) => {
    const { activeElement } = document;
    if (event.key === "Escape") {
      event.stopPropagation();
      sheet.close();
      document.getElementById("portal-company").focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const places = [find, ...rows.filter((row) => !row.hidden).map((row) => row.querySelector("[role=switch]"))].filter(Boolean);
      const at = places.indexOf(activeElement.closest(".account-row")?.querySelector("[role=switch]") ?? activeElement);
      places.at((at + (event.key === "ArrowDown" ? 1 : -1)) % places.length)?.focus();
    } else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && activeElement !== find) {
      activeElement.closest(".account-row")?.querySelector(event.key === "ArrowRight" ? ".only" : "[role=switch]")?.focus();
    }
  };
  sheet.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !made.contains(relatedTarget) && sheet.close());
  return made;
}

function toggle(code, name, only, depth) {
  const words = element("span", { className: "name" }, element("span", { textContent: name }));
  if (code !== "all") words.append(element("small", { textContent: code }));
  const knob = element("span", { className: "knob", "aria-hidden": "true" });
  const properties = { id: `portal-account-${code}`, type: "button", role: "switch", tabIndex: code === "all" ? 0 : -1 };
  const item = element("button", { ...properties, "aria-label": name, onclick: () => flip(code) }, words, knob);
  const alone = only && element("button", { type: "button", className: "only", tabIndex: -1, textContent: only, onclick: () => choose([code]) });
  if (alone) alone.setAttribute("aria-label", `${only}: ${name}`);
  const row = element("div", { className: "account-row" }, item, alone || null);
  row.dataset.code = code;
  row.dataset.words = `${name} ${code}`.toLowerCase();
  row.style.setProperty("--depth", depth);
  return row;
}

function everyAccount() {
  return drawn.company.options.map(([code]) => code);
}

function chosenAccounts() {
  const every = everyAccount();
  return view === "all" || !view ? every : every.filter((code) => view.split(",").includes(code));
}

/** One at least stays on. */
function flip(code) {
  const chosen = chosenAccounts();
  if (code === "all") choose(everyAccount());
  else if (!chosen.includes(code)) choose([...chosen, code]);
  else if (chosen.length > 1) choose(chosen.filter((one) => one !== code));
}

/** Shown at once; followed when the hand rests, so that three switches are one run. */
function choose(codes) {
  const every = everyAccount();
  const ordered = every.filter((code) => codes.includes(code));
  view = ordered.length === every.length ? "all" : ordered.join(",");
  chosenAt = performance.now();
  drawChosen();
  clearTimeout(choosing);
  choosing = setTimeout(() => {
    choosing = 0;
    look(view);
  }, RESTS);
}

/** The switches and the button's words, as what is looked at. */
function drawChosen() {
  if (!drawn?.company) return;
  const { label, all, several, options } = drawn.company;
  const chosen = chosenAccounts();
  const isAll = chosen.length === options.length;
  for (const row of root.querySelectorAll(".account-row")) {
    const isOn = row.dataset.code === "all" ? isAll : chosen.includes(row.dataset.code);
    const item = row.firstChild;
    item.setAttribute("aria-checked", String(isOn));
    item.setAttribute("aria-disabled", String(isOn && (row.dataset.code === "all" || chosen.length === 1)));
  }
  const count = several.replace("{n}", chosen.length).replace("{total}", options.length);
  const words = isAll ? all : chosen.length === 1 ? options.find(([code]) => code === chosen[0])[1] : count;
  const button = document.getElementById("portal-company");
  button.title = `${label}: ${words}`;
  button.setAttribute("aria-label", button.title);
  button.querySelector(".words").textContent = words;
  button.dataset.count = isAll ? "" : chosen.length; // on a phone, where there are no words
}

function languageMenu({ label, chosen, options }) {
  const items = options.map(([code, name]) => {
    const item = choice(name, code === chosen, () => {
      location.assign(`/auth/language?${new URLSearchParams({ to: code, next: here() })}`);
    });
    item.lang = code.replace("_", "-");
    return item;
  });
  return menu("language", `${label}: ${Object.fromEntries(options)[chosen]}`, chosen.split("_")[0].toUpperCase(), items);
}

function accountMenu({ name, email, pages, roles, out, everywhere }) {
  const items = [
    ...pages.map(({ path, label }) => {
      const words = element("span", { textContent: label });
      return element("a", { role: "menuitem", href: `/${path}`, tabIndex: -1, onclick: open }, words);
    }),
    ...roles.map(([role, words]) => action(words, `/live/role?${new URLSearchParams({ role })}`)),
    action(out, "/live/leave"),
    action(everywhere, "/live/leave?everywhere"),
  ];
  const who = element("div", { className: "who" }, element("strong", { textContent: name }), email);
  return menu("account", name, name, items, who);
}

function choice(name, isChosen, act) {
  const properties = { role: "menuitemradio", type: "button", tabIndex: -1, onclick: act };
  const item = element("button", properties, isChosen ? icon("chosen") : null, element("span", { textContent: name }));
  item.setAttribute("aria-checked", String(isChosen));
  return item;
}

function action(name, address) {
  const send = () => {
    const form = element("form", { method: "post", action: address, hidden: true });
    document.body.append(form);
    form.requestSubmit();
  };
  return element("button", { role: "menuitem", type: "button", tabIndex: -1, onclick: send }, element("span", { textContent: name }));
}

function menu(id, label, words, items, above = null) {
  const list = element("div", { id: `portal-${id}-menu`, role: "menu", "aria-label": label }, ...items);
  const sheet = element("div", { className: "sheet", hidden: true }, above, list);
  const made = dropdown(id, label, words, sheet, "menu", (isLast) => items.at(isLast ? -1 : 0));
  list.onkeydown = (event) => {
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items.at(to % items.length).focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      sheet.close();
      made.firstChild.focus();
    } else if (event.key === "Tab") {
      sheet.close();
    } else if (event.key.length === 1) {
      items.find((item) => item.textContent.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    }
  };
  list.onclick = () => {
    sheet.close();
    made.firstChild.focus();
  };
  return made;
}

/** A button of the header and the sheet it opens; `first(isLast)` is what gets the focus then. */
function dropdown(id, label, words, sheet, kind, first) {
  sheet.id ||= `portal-${id}-sheet`;
  const button = element(
    "button",
    { id: `portal-${id}`, type: "button", className: "entry", title: label },
    icon(id),
    element("span", { className: "words", textContent: words }),
    icon("down"),
  );
  button.setAttribute("aria-label", label);
  button.setAttribute("aria-haspopup", kind);
  button.setAttribute("aria-controls", sheet.id);
  button.setAttribute("aria-expanded", "false");
  const show = (isOpen, focus = null) => {
    if (isOpen) closeAll();
    sheet.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    focus?.focus();
  };
  button.onclick = () => show(sheet.hidden, sheet.hidden ? first() : null);
  button.onkeydown = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      show(true, first(event.key === "ArrowUp"));
    }
  };
  sheet.close = () => show(false);
  return element("div", { className: `menu ${id}` }, button, sheet);
}

function closeAll() {
  for (const sheet of root.querySelectorAll(".sheet:not([hidden])")) sheet.close();
}

function drawUnread(unread) {
  for (const entry of root.querySelectorAll("a.entry")) {
    const [count, words] = unread[entry.pathname.slice(1)] ?? [0, entry.title];
    const badge = entry.querySelector(".badge");
    badge.hidden = !count;
    badge.textContent = count > 98 ? "99+" : count;
    entry.setAttribute("aria-label", words);
  }
}

function drawWhere() {
  for (const entry of root.querySelectorAll("a.entry")) {
    if (entry.pathname === location.pathname) entry.setAttribute("aria-current", "page");
    else entry.removeAttribute("aria-current");
  }
}

function drawReminder(reminder) {
  let bar = document.getElementById("portal-reminder");
  if (!reminder) {
    bar?.remove();
    return;
  }
  if (!bar) {
    bar = element("div", { id: "portal-reminder", role: "alert" }, element("span"));
    document.body.append(bar);
  }
  if (bar.firstChild.textContent !== reminder.text) bar.firstChild.textContent = reminder.text;
  if (reminder.may_stay && !bar.querySelector("button"))
    bar.append(element("button", { type: "button", textContent: drawn.stay, onclick: () => ask("POST") }));
}

// --- moving

function here() {
  return location.pathname + location.search;
}

function open(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !document.querySelector("[data-testid=stApp]")) return;
  event.preventDefault();
  const { pathname } = event.currentTarget;
  // who says what they think is asked about the page they come from
  go(pathname === "/feedback" ? `${pathname}?${new URLSearchParams({ from: location.pathname })}` : pathname);
}

/** As the browser's own Back does it: Streamlit hears it and runs the page, nothing is loaded anew. */
function go(address) {
  history.pushState({}, "", address);
  run();
  soon();
}

/** The accounts stand in the address of every page; a filter by one of them, and a place in the list, end here. */
function look(accounts) {
  const address = new URL(location.href);
  for (const name of ["account", "at", "page"]) address.searchParams.delete(name);
  view = accounts;
  chosenAt = performance.now();
  history.replaceState({}, "", saying(address, accounts));
  run();
  fetch(`/live/accounts?${new URLSearchParams({ accounts })}`, { method: "POST" }).catch(() => {}); // it is in the address
  ask();
}

function saying(address, accounts) {
  address.searchParams.set("accounts", accounts);
  address.search = address.search.replaceAll("%2C", ",");
  return address;
}

/** A step to another page leaves them out: what the page shows is written into its address, so that F5 shows it again. */
function keepInAddress() {
  if (location.search.includes("accounts=") || !drawn?.company || choosing) return;
  const shown = viewOfThePage();
  if (shown) history.replaceState(history.state, "", saying(new URL(location.href), shown));
}

/** Streamlit runs the page, as it does when the address changed. */
function run() {
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

/** Somebody changed what this page shows: it is run again, as soon as its reader is not in the middle of something, and
    unless it was drawn since, as after a change of their own. */
function follow({ lists, accounts, counted_by }) {
  const page = location.pathname.slice(1);
  const version = lists[page];
  const drawn = drawnFrom(page, accounts, counted_by);
  const knew = followed.page === page && followed.accounts === accounts;
  const hasChanged = knew ? followed.version !== version && !(drawn >= version) : drawn < version;
  behind = hasChanged && isBusy(); // asked again in a moment
  if (behind) return;
  followed = { page, accounts, version };
  if (hasChanged) run();
}

/** The version that the page says it has of what it shows (shell/view.py); NaN where it has none of these. */
function drawnFrom(page, accounts, countedBy) {
  const told = getComputedStyle(document.documentElement).getPropertyValue("--portal-drawn").trim().slice(1, -1);
  const [by, version, ofPage, ofAccounts] = told.split(" ");
  return by === countedBy && ofPage === page && ofAccounts === accounts ? Number(version) : NaN;
}

/** Typing, choosing from a menu that a run would close, or waiting for a run: one that is under way, or the one of a click
    that the page has not heard of yet, which another run would swallow. */
function isBusy() {
  const app = document.querySelector("[data-testid=stApp]");
  if (app?.dataset.testScriptState !== "notRunning" || performance.now() - touchedAt < REACTS) return true;
  return document.activeElement?.matches(TYPED_IN) || document.querySelector(OPEN_MENU) !== null;
}

/** What the page itself says it shows (shell/view.py), where that is not what its address says; a step to another page
    leaves the address empty for a moment. */
function viewOfThePage() {
  if (choosing || performance.now() - chosenAt < SETTLING) return view;
  const told = getComputedStyle(document.documentElement).getPropertyValue("--portal-view").trim();
  return told || inAddress() || view;
}

function inAddress() {
  return new URLSearchParams(location.search).get("accounts") ?? "";
}

// --- asking

async function ask(method = "GET") {
  clearTimeout(timer);
  view = viewOfThePage();
  const accounts = view;
  const query = new URLSearchParams({
    mark: said.mark,
    accounts,
    page: location.pathname.slice(1),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  const waits = method === "GET" && said.seen && !document.hidden && !behind;
  if (waits) query.set("seen", said.seen);
  let wait = document.hidden ? EVERY.hidden : EVERY.visible;
  const began = performance.now();
  asking.abort();
  const mine = (asking = new AbortController());
  asked = place();
  try {
    const answer = await fetch(`/live${method === "POST" ? "/stay" : ""}?${query}`, { method, cache: "no-store", signal: mine.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const heard = await answer.json();
    if (heard.ended) return ended();
    if (mine !== asking) return; // something else was asked meanwhile
    if (accounts === view) show(heard);
    if (heard.seen && !document.hidden && !behind) wait = Math.max(50, NEXT - (performance.now() - began));
    waiting = 0;
  } catch {
    if (mine !== asking) return;
    waiting = Math.min(EVERY.longest, (waiting || wait) * 2); // the server restarts, or the laptop sleeps
    wait = waiting;
  }
  clearTimeout(timer);
  timer = setTimeout(ask, wait);
}

function place() {
  return `${location.pathname} ${inAddress()}`;
}

/** Streamlit tells nobody of a step to another page; a question about the one before may wait for long. */
function notice() {
  if (place() !== asked) soon();
}

function soon() {
  asked = place();
  drawWhere();
  clearTimeout(timer);
  timer = setTimeout(ask, 300);
}

function show(answer) {
  said = answer;
  if (answer.header) {
    // somebody else signed in in this browser: what the page shows was the one before's
    if (drawn && drawn.account.email !== answer.header.account.email) return location.reload();
    drawn = answer.header;
    draw(drawn);
  }
  if (!choosing) view = answer.accounts; // before the page has said it, and where an address names what is not theirs
  drawChosen();
  keepInAddress();
  drawUnread(answer.unread);
  drawWhere();
  drawReminder(answer.reminder);
  follow(answer);
}

/** A tab that showed somebody's page must not go on showing it; where nobody was in, the way in stands already. */
function ended() {
  if (drawn && !leaving) location.assign(`/auth/signout?${new URLSearchParams({ next: here(), why: "ended" })}`);
}

// --- standing on the page

/** Streamlit's reader may have chosen light or dark against their device: what its page wears, this wears. */
function wearTheSame() {
  const app = document.querySelector("[data-testid=stApp]");
  const scheme = app ? getComputedStyle(app).colorScheme : "";
  if (scheme && document.body.style.colorScheme !== scheme) document.body.style.colorScheme = scheme;
  keepInAddress();
}

new MutationObserver(wearTheSame).observe(document.documentElement, {
  subtree: true,
  attributes: true,
  attributeFilter: ["class", "data-testid"],
});
const widths = new ResizeObserver((seen) => {
  for (const { target, contentRect } of seen)
    document.documentElement.style.setProperty(`--${target.id}-width`, `${Math.ceil(contentRect.width)}px`);
});
widths.observe(root);
widths.observe(home);
for (const touch of ["pointerdown", "pointerup", "keydown"])
  addEventListener(touch, () => (touchedAt = performance.now()), { capture: true, passive: true });
addEventListener("pointerdown", (event) => root.contains(event.target) || closeAll());
root.addEventListener("keydown", (event) => event.key === "Escape" && closeAll());
document.addEventListener("visibilitychange", () => document.hidden || ask());
addEventListener("popstate", soon);
addEventListener("submit", (event) => (leaving = !event.defaultPrevented));
addEventListener("pageshow", () => (leaving = false)); // back again, as if nothing had been sent
setInterval(notice, RESTS);
home.onclick = open;
if (skip) skip.after(root);
else document.body.prepend(root);
ask();
