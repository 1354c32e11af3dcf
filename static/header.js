// The top right of every page, beside Streamlit's own: company, bell, envelope, language and the person's menu.
// It asks /live every few seconds (shell/live.py): what it shows, what is new, and whether the session still lives.

const EVERY = { visible: 2000, hidden: 4000, longest: 30000 }; // milliseconds; a signed-out tab goes within five seconds
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
const home = document.createElement("a");
home.id = "portal-home";
home.href = "/";
let said = { mark: "" };
let drawn = null; // what the header was drawn from
let view = ""; // the account looked at, as the header knows it
let chosenAt = -SETTLING;
let followed = {}; // the page, and the version of what it shows
let waiting = 0;
let timer = 0;

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

function draw({ label, home: { logo, name }, company, news, language, account }) {
  if (home.firstChild?.getAttribute("src") !== logo) home.replaceChildren(element("img", { src: logo, alt: name }));
  const had = root.contains(document.activeElement) ? document.activeElement.id : "";
  root.setAttribute("aria-label", label);
  root.replaceChildren(
    ...[company && companyMenu(company), ...news.map(link), languageMenu(language), accountMenu(account)].filter(Boolean),
  );
  if (had) document.getElementById(had)?.focus();
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

function companyMenu({ label, chosen, options }) {
  const names = Object.fromEntries(options);
  const items = options.map(([id, name]) => choice(name, id === chosen, () => look(id)));
  return menu("company", `${label}: ${names[chosen]}`, names[chosen], items);
}

function languageMenu({ label, chosen, options }) {
  const items = options.map(([code, name]) => {
    const item = choice(name, code === chosen, () => {
      location.assign(`/auth/language?${new URLSearchParams({ to: code, next: here() })}`);
    });
    item.lang = code.replace("_", "-");
    return item;
  });
  return menu("language", `${label}: ${Object.fromEntries(options)[chosen]}`, chosen.toUpperCase(), items);
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
    form.submit();
  };
  return element("button", { role: "menuitem", type: "button", tabIndex: -1, onclick: send }, element("span", { textContent: name }));
}

function menu(id, label, words, items, above = null) {
  const list = element("div", { id: `portal-${id}-menu`, role: "menu", "aria-label": label }, ...items);
  const sheet = element("div", { className: "sheet", hidden: true }, above, list);
  const button = element(
    "button",
    { id: `portal-${id}`, type: "button", className: "entry", title: label },
    icon(id),
    element("span", { className: "words", textContent: words }),
    icon("down"),
  );
  button.setAttribute("aria-label", label);
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-controls", list.id);
  button.setAttribute("aria-expanded", "false");
  const show = (isOpen, focus = null) => {
    if (isOpen) closeAll();
    sheet.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    focus?.focus();
  };
  button.onclick = () => show(sheet.hidden, sheet.hidden ? items[0] : null);
  button.onkeydown = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      show(true, items.at(event.key === "ArrowDown" ? 0 : -1));
    }
  };
  list.onkeydown = (event) => {
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items.at(to % items.length).focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      show(false, button);
    } else if (event.key === "Tab") {
      show(false);
    } else if (event.key.length === 1) {
      items.find((item) => item.textContent.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    }
  };
  list.onclick = () => show(false, button);
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
  go(event.currentTarget.pathname);
}

/** As the browser's own Back does it: Streamlit hears it and runs the page, nothing is loaded anew. */
function go(address) {
  history.pushState({}, "", address);
  run();
  soon();
}

function look(account) {
  const address = new URL(location.href);
  address.searchParams.set("view", account);
  view = account;
  chosenAt = performance.now();
  history.replaceState({}, "", address);
  run();
  ask();
}

/** Streamlit runs the page, as it does when the address changed. */
function run() {
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

/** Somebody else changed what this page shows: it is run again, as soon as its reader is not in the middle of something. */
function follow(lists) {
  const page = location.pathname.slice(1);
  const hasChanged = followed.page === page && followed.version !== lists[page];
  if (hasChanged && isBusy()) return; // asked again in a moment
  followed = { page, version: lists[page] };
  if (hasChanged) run();
}

/** Typing, or waiting for a run that is under way. */
function isBusy() {
  const app = document.querySelector("[data-testid=stApp]");
  return app?.dataset.testScriptState !== "notRunning" || document.activeElement?.matches("input, textarea");
}

/** What the page itself says it shows (shell/view.py); a tab that begins anew has forgotten what was chosen. */
function viewOfThePage() {
  if (performance.now() - chosenAt < SETTLING) return view;
  return getComputedStyle(document.documentElement).getPropertyValue("--portal-view").trim();
}

// --- asking

async function ask(method = "GET") {
  clearTimeout(timer);
  view = viewOfThePage();
  const query = new URLSearchParams({
    mark: said.mark,
    view,
    page: location.pathname.slice(1),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  let wait = document.hidden ? EVERY.hidden : EVERY.visible;
  try {
    const answer = await fetch(`/live${method === "POST" ? "/stay" : ""}?${query}`, { method, cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const heard = await answer.json();
    if (heard.ended) return ended();
    show(heard);
    waiting = 0;
  } catch {
    waiting = Math.min(EVERY.longest, (waiting || wait) * 2); // the server restarts, or the laptop sleeps
    wait = waiting;
  }
  clearTimeout(timer);
  timer = setTimeout(ask, wait);
}

function soon() {
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
  drawUnread(answer.unread);
  drawWhere();
  drawReminder(answer.reminder);
  follow(answer.lists);
}

/** A tab that showed somebody's page must not go on showing it; where nobody was in, the way in stands already. */
function ended() {
  if (drawn) location.assign(`/auth/signout?${new URLSearchParams({ next: here(), why: "ended" })}`);
}

// --- standing on the page

/** Streamlit's reader may have chosen light or dark against their device: what its page wears, this wears. */
function wearTheSame() {
  const app = document.querySelector("[data-testid=stApp]");
  const scheme = app ? getComputedStyle(app).colorScheme : "";
  if (scheme && document.body.style.colorScheme !== scheme) document.body.style.colorScheme = scheme;
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
addEventListener("pointerdown", (event) => root.contains(event.target) || closeAll());
root.addEventListener("keydown", (event) => event.key === "Escape" && closeAll());
document.addEventListener("visibilitychange", () => document.hidden || ask());
addEventListener("popstate", soon);
home.onclick = open;
document.body.prepend(home, root);
ask();
