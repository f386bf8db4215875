// Every decision by one key, by its place on the board (event.code): an Arabic layout works like an English one.
// What a key does stands in the page: the first visible element with data-key is clicked, or focused if it takes text;
// one in an open menu comes before others.

const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const typing = (element) =>
  element.matches?.("textarea, select, [contenteditable]") || (element.matches?.("input") && !/^(radio|checkbox|button|submit)$/.test(element.type));

let last = ""; // the key that decided last

// A sheet that has just come cannot have been read: the same key again is one that bounced, and where a call came back
// no key decides. Skipping and opening a menu do no harm.
function unread(element, code) {
  const sheet = element?.closest("#main.fresh");
  if (!sheet || typing(element) || element.matches("summary, [data-key=KeyS]")) return false;
  return sheet.classList.contains("back") || code === last;
}

function press(element) {
  if (typing(element)) {
    element.focus();
    element.select?.();
  } else if (element.type === "radio") {
    element.checked = true;
    element.form.querySelector("[type=submit]").focus();
  } else {
    element.click();
  }
}

function move(step) {
  const all = [...document.querySelectorAll(".queue .row")];
  if (!all.length) return;
  const at = all.findIndex((row) => row.hasAttribute("aria-current"));
  all[Math.min(all.length - 1, Math.max(0, at + step))].click();
}

function leave() {
  const open = document.querySelector("details.more[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  } else if (typing(document.activeElement)) {
    document.getElementById("main").focus({ preventScroll: true });
  }
}

export function keys() {
  const help = document.getElementById("help");
  const click = (selector) => { const found = [...document.querySelectorAll(selector)].find(visible); if (found && !unread(found, "Enter")) { last = "Enter"; found.click(); } return Boolean(found); };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat && !/^(Key[JK]|Arrow)/.test(event.code) || help.open) return;
    const { code } = event;
    if (code === "Escape") return leave();
    if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      const done = code === "KeyS" ? click("[data-save]") : code === "Enter" ? click(".popover [type=submit]") || click("[data-key=KeyA]") : false;
      if (done) event.preventDefault();
      return;
    }
    if (event.altKey || typing(event.target)) return;
    if (event.shiftKey) {
      if (code === "Slash") { event.preventDefault(); help.showModal(); }
      return;
    }
    if (code === "KeyJ" || code === "KeyK" || ((code === "ArrowDown" || code === "ArrowUp") && event.target.closest(".queue"))) {
      event.preventDefault();
      return move(code === "KeyJ" || code === "ArrowDown" ? 1 : -1);
    }
    if (code === "KeyE") {
      event.preventDefault();
      return document.querySelector("#edit [name=title]")?.focus();
    }
    if (code === "KeyL") return void click(".tools a[hreflang]");
    if (code === "KeyQ") return void click(".queue li:has([aria-current]) .pick");
    const all = [...document.querySelectorAll(`[data-key="${code}"]`)];
    const found = all.find((element) => element.closest(".popover") && visible(element)) ?? all.find((element) => visible(element) || element.closest(".undo"));
    if (!found) return;
    event.preventDefault();
    if (unread(found, code)) return;
    last = code;
    press(found);
  });
}
