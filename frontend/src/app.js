// What every page needs: htmx with morphing, menus, and the keyboard.
import "bootstrap/js/dist/collapse";
import "bootstrap/js/dist/dropdown";
import htmx from "htmx.org/dist/htmx.esm.js";
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";

// The content security policy forbids what these would do; styles of indicators are in app.css.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.historyCacheSize = 0;
htmx.config.scrollIntoViewOnBoost = false;
// A refused form comes back as 4xx with its errors in place: show it like any answer.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "(400|409|413|415|422)", swap: true },
  { code: "...", swap: false, error: true },
];

/** What the reader has opened stays open, with what was loaded into it, when a list is refreshed. */
const keepOpened = {
  beforeNodeMorphed: (old) => !(old instanceof HTMLDetailsElement && old.open && old.dataset.loaded),
  beforeAttributeUpdated: (name, node) => !(name === "open" && node instanceof HTMLDetailsElement),
};

htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph",
  handleSwap: (style, target, fragment) => {
    if (style !== "morph") return false;
    return Idiomorph.morph(target, fragment.children, { morphStyle: "outerHTML", callbacks: keepOpened });
  },
});

/** Says what went wrong where htmx has nothing to show: the server is away, or the session ended. */
function tell(text) {
  const place = document.getElementById("connection");
  place.hidden = text === "";
  place.querySelector("[data-text]").textContent = text;
}

document.addEventListener("htmx:sendError", () => tell("The server does not answer. Trying again…"));
document.addEventListener("htmx:afterOnLoad", () => tell(""));
document.addEventListener("htmx:responseError", (event) => {
  tell(`The server answered ${event.detail.xhr.status}. Load the page again to go on.`);
});

document.addEventListener("htmx:afterSwap", (event) => {
  const details = event.detail.target.closest("details[data-lazy]");
  if (details) details.dataset.loaded = "yes";
});

/** What is followed is asked for as soon as it has changed; where streams are cut, polling goes on. */
let stream = null;
function follow() {
  const address = document.querySelector("[data-changes]")?.dataset.changes;
  if (stream && stream.address === address) return;
  stream?.source.close();
  stream = address ? { address, source: new EventSource(address) } : null;
  stream?.source.addEventListener("changed", () => htmx.trigger(document.body, "run-changed"));
}
document.addEventListener("DOMContentLoaded", follow);
document.addEventListener("htmx:afterSettle", follow);
window.addEventListener("pagehide", () => stream?.source.close());

/** Of all tabs one listens for news and tells the others; without locks (plain HTTP) the bell polls. */
function listenForNews() {
  const address = document.querySelector("[data-news]")?.dataset.news;
  if (!address || !navigator.locks) return;
  const tabs = new BroadcastChannel("testops-news");
  tabs.addEventListener("message", () => htmx.trigger(document.body, "notices-changed"));
  let source = null;
  const listen = () => {
    source = new EventSource(address);
    source.addEventListener("changed", () => {
      htmx.trigger(document.body, "notices-changed");
      tabs.postMessage("changed");
    });
  };
  window.addEventListener("pagehide", () => source?.close());
  // Who only passes through a page does not listen.
  setTimeout(() => navigator.locks.request("testops-news", () => new Promise(listen)), 1000);
}
document.addEventListener("DOMContentLoaded", listenForNews);

const DESKTOP = "testops-desktop-news";
const LAST_SHOWN = "testops-last-news";
const showsOnDesktop = () => "Notification" in window && Notification.permission === "granted"
  && localStorage.getItem(DESKTOP) === "yes";

/** What is new is shown outside of the page while nobody looks at it, once in all tabs. */
function showNews() {
  const bell = document.querySelector("#bell [data-newest]");
  if (!bell || !showsOnDesktop()) return;
  const { newest, title, text } = bell.dataset;
  const isKnown = localStorage.getItem(LAST_SHOWN) === newest;
  localStorage.setItem(LAST_SHOWN, newest);
  if (isKnown || document.visibilityState === "visible") return;
  const shown = new Notification(title, { body: text, tag: newest });
  shown.addEventListener("click", () => { window.focus(); location.href = bell.href; });
}
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "bell") showNews();
});

/** The button that has news shown outside of the page, which a browser asks its user about. */
document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("[data-desktop-news]");
  if (!button || !("Notification" in window)) return;
  const say = () => {
    const is = showsOnDesktop();
    button.querySelector("span").textContent = is ? "Only tell me in this page" : "Also tell me outside of this page";
    button.hidden = Notification.permission === "denied";
  };
  button.addEventListener("click", async () => {
    const next = showsOnDesktop() ? "no" : "yes";
    if (next === "yes") await Notification.requestPermission();
    localStorage.setItem(DESKTOP, next);
    say();
  });
  say();
});

/** A busy form cannot be sent twice. */
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || event.defaultPrevented) return;
  setTimeout(() => { button.disabled = true; });
  setTimeout(() => { button.disabled = false; }, 5000);
});

/** "/" goes to the page's filter, as in the places engineers know. */
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, script-editor");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
  const filter = document.querySelector("input[type=search]");
  if (filter) { event.preventDefault(); filter.focus(); }
});

/** Rows of a table on the page that do not hold the words typed are hidden. */
document.addEventListener("input", (event) => {
  const target = event.target.dataset.filters;
  if (!target) return;
  const words = event.target.value.toLowerCase().split(/\s+/);
  for (const row of document.querySelectorAll(`${target} [data-row]`)) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
});

/** One choice shows its part of a form and hides the others'. */
document.addEventListener("change", (event) => {
  const group = event.target.dataset.shows;
  if (!group) return;
  for (const part of document.querySelectorAll(`[data-part-of="${event.target.name}"]`)) {
    part.hidden = part.id !== group;
  }
});
