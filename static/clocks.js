// Clocks of other places go on by themselves: the server said what time it is there when the page was drawn.

const EVERY = 5000; // milliseconds

function said(zone, language) {
  const parts = new Intl.DateTimeFormat(language, { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit",
    hourCycle: "h23" }).formatToParts(new Date());
  const of = (type) => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("weekday")} ${of("hour")}:${of("minute")}`;
}

setInterval(() => {
  for (const clock of document.querySelectorAll("time.clock[data-zone]")) {
    try {
      const now = said(clock.dataset.zone, clock.dataset.language);
      if (clock.textContent !== now) clock.textContent = now;
    } catch {
      clock.classList.remove("clock"); // a zone or language this browser does not know: what the server said stays
    }
  }
}, EVERY);
