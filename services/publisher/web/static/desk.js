// The desk's extras; everything also works without them. Pages are swapped in place, keys decide, others are seen.
import { parsed } from "./ahead.js";
import { light, differences } from "./evidence.js";
import { rows } from "./rows.js";
import { keys } from "./keys.js";
import { days } from "./days.js";
import { live } from "./live.js";
import { list } from "./list.js";
import { turns } from "./turns.js";

document.documentElement.classList.add("scripted");

const queue = list();
const notice = document.getElementById("notice");

export function tell(text, button, action) {
  const [said, go] = notice.children;
  said.textContent = text;
  go.hidden = !button;
  go.textContent = button ?? "";
  go.onclick = () => { notice.hidden = true; action?.(); };
  notice.hidden = false;
}

// Makes what stands in the sheet work. Called at the start and after each swap.
function settle() {
  const form = document.getElementById("edit");
  const words = document.getElementById("words");
  if (words && form) light(words, form);
  differences(document.getElementById("earlier-words"), document.getElementById("later-words"));
  if (form) rows(form);
  queue.settle();
  document.querySelector("#main [data-focus]")?.focus();
  look(document.querySelector("#main [data-again]"));
}

// Looks again what became of a pasted message, in that part alone: the form below it may be typed into meanwhile.
function look(part) {
  if (!part) return;
  setTimeout(async () => {
    if (!part.isConnected) return;
    let fresh = null;
    try {
      const answer = await fetch(location.href, { headers: { "x-desk": "1" }, credentials: "same-origin" });
      if (answer.headers.has("x-desk")) fresh = parsed(await answer.text()).querySelector("#main > .note");
      else if (answer.ok) return; // it ended at the log-in
    } catch { /* no connection: it is looked at again */ }
    if (fresh) part.replaceWith(fresh);
    look(fresh ? fresh.matches("[data-again]") && fresh : part);
  }, Number(part.dataset.again));
}

const visits = turns({ tell, settle, notice, queue });
keys();
days();
settle();
live({ tell, queue, visits, notice });

// The second click of a double click would decide on the next call, unseen.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest("#main [data-key], #main .popover")) { event.preventDefault(); event.stopPropagation(); }
}, true);

// A click beside an open menu closes it.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.more[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("details.more[open]")) event.target.querySelector("input, textarea")?.focus();
}, true);
const help = document.getElementById("help");
document.querySelector("[data-help]")?.addEventListener("click", () => help.showModal());
