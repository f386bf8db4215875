// The next call is fetched while this one is read. A decision shows it at once and goes out beside it; one that is
// refused or does not get through brings its call back: with the difference that the server shows, else as it was left.

import { carry } from "./carry.js";
import { noticed } from "./session.js";

const HEADER = "x-desk";
const FRESH_FOR_MS = 90_000; // what is older is fetched anew
const SETTLES_MS = 250; // nobody has read a call so soon: a key that bounces must not decide on it
const RETURNS_MS = 600; // nor see that a call has come back

export const parsed = (text) => {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  return holder.content;
};

export function ahead({ arrive, typed, tell, notice, queue }) {
  const main = () => document.getElementById("main");
  const sending = new Map(); // call id → whether its decision was taken, once that is known
  let next = null; // what comes after the call that is open
  let asking = null;
  let latest = null;

  // Fetches what comes after the call that is open.
  async function prepare() {
    asking?.abort();
    next = null;
    delete main().dataset.next;
    const { id, version } = main().dataset;
    const { back, place } = document.getElementById("edit")?.elements ?? {};
    if (!id || !place || document.hidden) return;
    asking = new AbortController();
    const asked = new URLSearchParams({ back: back.value, place: place.value, leaving: [...sending.keys()].join(",") });
    try {
      const answer = await fetch(`/review/${id}/next?${asked}`, { headers: { [HEADER]: "1" }, credentials: "same-origin", signal: asking.signal, priority: "low" });
      if (!answer.ok || !answer.headers.has(HEADER)) return;
      const fresh = parsed(await answer.text()).getElementById("main");
      next = { from: `${id}:${version}`, id: fresh.dataset.id, fresh, address: answer.headers.get(`${HEADER}-address`), at: Date.now() };
      main().dataset.next = fresh.dataset.id ?? ""; // seen from outside: it is at hand
    } catch { /* the next decision then waits for its answer */ }
  }

  let due = 0;
  const soon = () => { clearTimeout(due); due = setTimeout(prepare, 60); }; // once this call is on screen

  function take() {
    const { id, version, stale } = main().dataset;
    const found = next;
    if (!found || stale || found.from !== `${id}:${version}` || Date.now() - found.at > FRESH_FOR_MS || sending.has(found.id)) return null;
    next = null;
    return found;
  }

  function swap({ fresh, address }, ...more) {
    fresh.dataset.ahead = "1";
    arrive(fresh, new URL(address, location.href).href, true, ...more);
    hold(fresh, SETTLES_MS);
  }

  // Keys that decide wait for a moment.
  function hold(sheet, time, ...more) {
    sheet.classList.add("fresh", ...more);
    setTimeout(() => sheet.classList.remove("fresh", "back"), time);
  }

  // On to the next call, this one undecided. False where nothing was fetched yet.
  function skip() {
    const found = take();
    if (!found?.id) return false;
    const address = new URL(found.address, location.href);
    address.searchParams.delete("done");
    swap({ ...found, address }, { keep: true });
    return true;
  }

  // Sends this form and shows the next call meanwhile. False where nothing was fetched yet.
  function decide(source, button) {
    const { id } = main().dataset;
    if (sending.has(id)) return true;
    const found = take();
    if (!found) return false;
    const body = new URLSearchParams(new FormData(source, button));
    const address = button?.getAttribute("formaction") ?? source.getAttribute("action");
    const left = { sheet: main(), address: location.href, typed: typed(), own: source.id === "edit" };
    swap(found);
    latest = id;
    say(id, left.sheet.querySelector("h1")?.textContent ?? "");
    queue.leaving(id, true);
    const taken = send(id, address, body, left);
    sending.set(id, taken);
    document.body.dataset.sending = sending.size;
    taken.finally(() => {
      sending.delete(id);
      if (sending.size) document.body.dataset.sending = sending.size; else delete document.body.dataset.sending;
    });
    return true;
  }

  function say(id, title) {
    const line = Object.assign(document.createElement("div"), { className: "toast sending", role: "status" });
    const words = document.createElement("span");
    words.append(notice.dataset.sending, " ", Object.assign(document.createElement("bdi"), { textContent: title }));
    line.append(words);
    line.dataset.toast = id;
    put(line);
  }

  function put(line) {
    const old = main().querySelector(":scope > .toast");
    if (old) old.replaceWith(line); else main().prepend(line);
  }

  async function send(id, address, body, left) {
    let answer, text;
    try {
      const keepalive = String(body).length < 60_000; // what is on its way outlives the page
      answer = await fetch(address, { method: "POST", body, headers: { [HEADER]: "told" }, credentials: "same-origin", keepalive });
      text = await answer.text();
    } catch {
      return comeBack(id, left, notice.dataset.offline);
    }
    if (answer.headers.get(HEADER) === "told") {
      const line = parsed(text).querySelector(".toast");
      if (latest === id) {
        put(line);
        Object.assign(main().dataset, { done: id, doneStatus: line.dataset.toastStatus });
        document.getElementById("says").textContent = line.querySelector("span").textContent.trim();
      }
      queue.done(id, line.dataset.toastStatus);
      return true;
    }
    if (!answer.headers.has(HEADER)) {
      noticed(answer);
      return comeBack(id, left, answer.ok ? notice.dataset.signedOut : notice.dataset.failed);
    }
    queue.leaving(id, false);
    const fresh = parsed(text).getElementById("main");
    const [was, is] = [left.sheet, fresh].map((sheet) => sheet.querySelector("#edit"));
    if (left.typed && !left.own && was && is) carry(was, is);
    arrive(fresh, left.address, true, { typed: true });
    hold(fresh, RETURNS_MS, "back");
    return false;
  }

  function comeBack(id, { sheet, address, typed: was }, why) {
    queue.leaving(id, false);
    sheet.querySelector(":scope > .toast")?.remove();
    arrive(sheet, address, true, { keep: true, typed: was });
    hold(sheet, RETURNS_MS, "back");
    tell(why, notice.dataset.close);
    return false;
  }

  return {
    soon,
    skip,
    decide,
    sends: (id) => (id ? sending.has(id) : sending.size > 0),
    // Whether all that was sent has been taken, once that is known.
    settled: async () => (await Promise.all(sending.values())).every(Boolean),
    // Something changed elsewhere: what was fetched may no longer be what comes next.
    heard: (ids, entered) => { if (next && (ids.includes(next.id) || entered && !next.id)) soon(); },
  };
}
