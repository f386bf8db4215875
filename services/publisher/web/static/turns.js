// From one call to the next without loading a page: links and forms of the desk fetch the changing part alone.
// What was typed into a call is kept while one looks at others, and given back with the version that it was meant for.

import { ahead, parsed } from "./ahead.js";
import { carry } from "./carry.js";
import { noticed, renewed } from "./session.js";

const HEADER = "x-desk";
const ours = (address) => {
  const url = new URL(address, location.href);
  return url.origin === location.origin && /^\/review(\/|$)/.test(url.pathname) && !url.searchParams.has("lang");
};

export function turns({ tell, settle, notice, queue }) {
  const kept = new Map(); // call id → its form as it was left
  let changed = false;
  let coming = 0;

  const main = () => document.getElementById("main");
  const form = () => document.getElementById("edit");

  function leave() {
    const id = main().dataset.id;
    if (id && changed) kept.set(id, form());
    changed = false;
  }

  // Puts a sheet in the place of the one that is open. `keep`: what was typed into that one is kept; `typed`: what
  // stands in the new one was typed.
  function arrive(fresh, address, push, { keep = false, typed = false } = {}) {
    if (keep || typed) leave();
    changed = false;
    main().replaceWith(fresh);
    const { id, picked, title } = fresh.dataset;
    document.body.classList.toggle("picked", picked === "1");
    document.title = title;
    document.getElementById("says").textContent = [fresh.querySelector(".toast span")?.textContent.trim(), title].filter(Boolean).join(" ");
    if (push) history.pushState(null, "", address);
    const language = document.querySelector(".tools a[hreflang]");
    if (language) {
      const url = new URL(location.href);
      url.searchParams.set("lang", language.hreflang);
      language.href = url.pathname + url.search;
    }
    notice.hidden = true;
    if (typed) {
      kept.delete(id);
      changed = Boolean(form());
    } else if (id && kept.has(id)) giveBack(id);
    scrollTo(0, 0);
    settle();
    flow.soon();
    if (!fresh.contains(document.activeElement)) fresh.focus({ preventScroll: true });
  }

  const unsaved = () => changed || kept.size > 0;

  // To a place of this page: into the field that stands there, else onto it.
  function lead(hash) {
    const place = document.getElementById(decodeURIComponent(hash.slice(1)));
    const field = place?.matches("input, select, textarea, [tabindex]") ? place : place?.querySelector("input, select, textarea");
    (field ?? place)?.focus();
  }

  // The form as it was left, into the place of the fresh one; its version stays the one that it was typed over.
  function giveBack(id) {
    const mine = kept.get(id);
    const fresh = form();
    kept.delete(id);
    if (!fresh || main().querySelector("[role=alert]")) return;
    for (const name of ["back", "place", "csrf"]) mine.elements[name].value = fresh.elements[name].value;
    fresh.replaceWith(mine);
    changed = true;
    tell(notice.dataset.kept, notice.dataset.discard, () => { changed = false; show(location.href, { push: false }); });
  }

  async function ask(address, options, { push = true, quiet = false, edits = false } = {}) {
    const turn = ++coming;
    if (!quiet) main().classList.add("busy");
    // What was decided before comes first; if it was refused, its call is back and this must be said anew.
    if (options.method === "POST" && flow.sends() && !(await flow.settled())) return false;
    let answer, text;
    try {
      answer = await fetch(address, { ...options, headers: { ...options.headers, [HEADER]: "1" }, credentials: "same-origin" });
      text = await answer.text();
    } catch {
      main().classList.remove("busy");
      if (!quiet) tell(notice.dataset.offline, notice.dataset.close);
      return false;
    }
    if (turn !== coming) return false;
    main().classList.remove("busy");
    if (!answer.headers.has(HEADER)) {
      noticed(answer);
      if (answer.ok && (options.method === "POST" || unsaved())) tell(notice.dataset.signedOut, notice.dataset.close);
      else if (answer.ok) location.assign(answer.url); // another page, such as the log-in
      else tell(notice.dataset.failed, notice.dataset.close);
      return false;
    }
    const fresh = parsed(text).getElementById("main");
    // What was typed into this call is done with once a form about it was taken; a form about another leaves it be.
    const { id } = main().dataset;
    const own = options.method === "POST" && id && new URL(address, location.href).pathname.startsWith(`/review/${id}`);
    kept.delete(fresh.dataset.done);
    const where = new URL(answer.headers.get(`${HEADER}-address`) ?? answer.url, location.href).href;
    const typed = fresh.dataset.id === id && (options.method === "POST" && !answer.ok || Boolean(fresh.dataset.typed));
    // What was typed into this call while a form beside it was sent stays, over what that form has made of the call.
    const beside = own && changed && !edits && !fresh.dataset.typed && fresh.dataset.id === id && fresh.querySelector("#edit:not(:has(> fieldset[disabled]))");
    if (beside) carry(form(), beside);
    if (typed || beside) changed = false;
    arrive(fresh, where, push && where !== location.href, { keep: !own, typed: typed || Boolean(beside) });
    return true;
  }

  const show = (address, more) => ask(address, {}, more);

  async function send(source, button) {
    // What waits for an answer is not sent twice: the second would be told that somebody was quicker.
    if (source.method !== "get" && main().classList.contains("busy")) return false;
    await renewed();
    if ((source.matches("[data-forward]") || button?.matches("[data-forward]")) && flow.decide(source, button)) return true;
    const body = new URLSearchParams(new FormData(source, button));
    const address = button?.getAttribute("formaction") ?? source.getAttribute("action");
    if (source.method === "get") return show(`${address}?${body}`);
    return ask(address, { method: "POST", body }, { edits: source.id === "edit" });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.hash && link.href.split("#")[0] === location.href.split("#")[0]) {
      event.preventDefault();
      return lead(link.hash);
    }
    if (!ours(link.href) || link.target) return;
    // Another list is another page; a call of this one, or a panel, is swapped in.
    if (link.closest(".tabs, .listhead, .nav, .brand, .new, .older") || new URL(link.href).pathname === "/review" && !link.matches(".back, #main a")) return;
    event.preventDefault();
    if (!link.matches("[data-forward]") || !flow.skip()) show(link.href);
  });
  document.addEventListener("submit", (event) => {
    const source = event.target;
    if (event.defaultPrevented || source.method === "dialog" || !ours(source.getAttribute("action"))) return;
    if (source.matches(".search")) return;
    event.preventDefault();
    send(source, event.submitter);
  });
  document.addEventListener("input", (event) => { if (event.target.form?.id === "edit" || event.target.id === "edit") changed = true; });
  // The first page is the list's address with its first call on it: going back brings that call, whatever is first by then.
  if (main().dataset.id && location.pathname === "/review") {
    history.replaceState({ at: `/review/${main().dataset.id}${location.search}` }, "", location.href);
  }
  addEventListener("popstate", (event) => show(event.state?.at ?? location.href, { push: false }));
  addEventListener("beforeunload", (event) => { if (unsaved() || flow.sends()) event.preventDefault(); });

  const flow = ahead({ arrive, typed: () => changed, tell, notice, queue });
  if (document.readyState === "complete") flow.soon(); else addEventListener("load", flow.soon);
  return { show, flow };
}
