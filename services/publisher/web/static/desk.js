// The desk's extras; everything also works without them.
import { light } from "./evidence.js";
import { rows } from "./rows.js";

const form = document.getElementById("edit");
const words = document.getElementById("words");
if (words && form) light(words, form);
if (form) rows(form);

// A click beside an open menu closes it, and so does Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.more[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.more[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// What was typed is not lost by a stray click on a link.
if (form) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  document.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}

document.querySelector(".row[aria-current]")?.scrollIntoView({ block: "nearest" });
