/* What pages can do besides what the server does. Every page works without it. */
"use strict";

/* The ground: light or dark. Runs before the page is drawn, so that the wrong one is never seen. */
const ground = {
  key: "panelmerge-ground",
  system: () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"),
  chosen() {
    try {
      return localStorage.getItem(this.key);
    } catch {
      return null; // Storage is forbidden in some hospitals: the system's ground then.
    }
  },
  current() {
    return document.documentElement.dataset.theme || this.system();
  },
  choose(theme) {
    try {
      if (theme === this.system()) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, theme);
    } catch {
      // The choice holds for this page.
    }
    this.show(theme);
  },
  show(theme) {
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    const button = document.getElementById("ground");
    if (!button) return;
    button.hidden = false;
    button.querySelector(".word").textContent = this.current() === "dark" ? "Light" : "Dark";
  },
};
ground.show(ground.chosen());
document.addEventListener("DOMContentLoaded", () => ground.show(ground.chosen()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => ground.show(ground.chosen()));
// Another window of the same browser follows.
addEventListener("storage", (event) => event.key === ground.key && ground.show(event.newValue));
document.addEventListener("click", (event) => {
  if (event.target.closest("#ground")) ground.choose(ground.current() === "dark" ? "light" : "dark");
});

/* Files dropped on the upload place; beside it they are not taken, and do not replace the page either. */
const holdsFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
const placeOf = (event) => event.target.closest && event.target.closest("[data-drop]");
const light = (place) => {
  for (const one of document.querySelectorAll("[data-drop]")) one.classList.toggle("over", one === place);
};
document.addEventListener("dragover", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = placeOf(event) ? "copy" : "none";
  light(placeOf(event));
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) light(null);
});
document.addEventListener("drop", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  light(null);
  const place = placeOf(event);
  if (!place || !event.dataTransfer.files.length) return;
  const field = place.querySelector("input[type=file]");
  const text = place.querySelector("textarea");
  field.files = event.dataTransfer.files;
  // Files win over pasted text on the server: what was typed is not thrown away unasked.
  if (text && text.value.trim()) field.focus();
  else field.form.requestSubmit();
});

/* Focus after a swap: htmx finds the element of the same id again; where it is gone, the part's heading has it. */
let part = null;
document.addEventListener("htmx:beforeSwap", () => {
  const section = document.activeElement && document.activeElement.closest("main section[aria-labelledby]");
  part = section ? section.getAttribute("aria-labelledby") : null;
});
document.addEventListener("htmx:afterSettle", () => {
  if (!part || (document.activeElement && document.activeElement !== document.body)) return;
  const heading = document.getElementById(part);
  part = null;
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
});
