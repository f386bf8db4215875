// The list beside the call: its mark moves along, rows come as one scrolls, and filters act as they are chosen.

const AT_ONCE = 200; // so many the server decides on at once

export function list() {
  const queue = document.querySelector(".queue");
  const holder = document.getElementById("list");
  const { status, query } = queue.dataset;
  const item = (id) => holder.querySelector(`[data-row-id="${CSS.escape(id)}"]`);
  let loading = false;
  let fresh = new Set();

  async function fetchRows(cursor) {
    const search = new URLSearchParams(query);
    if (cursor) search.set("cursor", cursor);
    const answer = await fetch(`/review/rows?${search}`, { credentials: "same-origin" });
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").body;
  }

  // The next page, put under what is there.
  async function more() {
    const link = holder.querySelector(".older");
    if (!link || loading) return;
    loading = true;
    try {
      const page = await fetchRows(link.dataset.cursor);
      if (!page) return;
      const known = new Set([...holder.querySelectorAll("[data-row-id]")].map((row) => row.dataset.rowId));
      holder.querySelector(".rows").append(...[...page.querySelectorAll("[data-row-id]")].filter((row) => !known.has(row.dataset.rowId)));
      const next = page.querySelector(".older");
      if (next) { link.replaceWith(next); watch(); } else link.remove();
    } catch { /* the link stays, to be clicked */ } finally { loading = false; }
  }

  const seen = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) more(); }, { rootMargin: "400px" });
  const watch = () => { const link = holder.querySelector(".older:not([data-far])"); seen.disconnect(); if (link) seen.observe(link); };
  watch();
  holder.addEventListener("click", (event) => { if (event.target.closest("[data-far]")) { event.preventDefault(); more(); } });

  async function reload() {
    try {
      const page = await fetchRows();
      if (page) holder.replaceChildren(...page.childNodes);
    } catch { return; }
    fresh = new Set();
    showFresh();
    watch();
    settle();
  }

  // What nobody told of: takes out the rows that have gone, and gives the ids of those that have come.
  async function missed() {
    let page = null;
    try { page = await fetchRows(); } catch { /* the stream will be back */ }
    if (!page) return [];
    const ids = (root) => [...root.querySelectorAll("[data-row-id]")].map((row) => row.dataset.rowId);
    const [now, here] = [ids(page), ids(holder)];
    const end = page.querySelector(".older") ? here.findLastIndex((id) => now.includes(id)) : here.length;
    here.slice(0, Math.max(0, end)).filter((id) => !now.includes(id)).forEach(remove);
    return now.filter((id) => !here.includes(id));
  }

  const pill = queue.querySelector(".new");
  function showFresh() {
    pill.hidden = fresh.size === 0;
    pill.textContent = fresh.size === 1 ? pill.dataset.one : pill.dataset.many.replace("{n}", fresh.size);
  }
  pill.addEventListener("click", (event) => { event.preventDefault(); reload(); });

  function remove(id) {
    fresh.delete(id);
    const row = item(id);
    if (!row) return;
    row.remove();
    if (holder.querySelectorAll("[data-row-id]").length < 20) more();
  }

  function settle() {
    const main = document.getElementById("main");
    const { id, done, doneStatus } = main.dataset;
    holder.querySelector("[aria-current]")?.removeAttribute("aria-current");
    if (done && doneStatus !== status) remove(done);
    for (const gone of main.querySelectorAll("[data-gone]")) if (gone.dataset.goneStatus !== status) remove(gone.dataset.gone);
    if (doneStatus === status && id && !item(id)) reload(); // an undone call is back
    const row = id && item(id)?.querySelector(".row");
    if (row) {
      // As it is open now, and so as it is chosen.
      row.querySelector(".row-title").textContent = main.querySelector("h1").textContent;
      item(id).querySelector(".pick input").value = `${id}:${main.dataset.version}`;
      row.setAttribute("aria-current", "true");
      // After the call is on screen: to scroll, the browser has to lay out everything first.
      requestAnimationFrame(() => setTimeout(() => { if (row.isConnected && row.hasAttribute("aria-current")) row.scrollIntoView({ block: "nearest" }); }));
    }
    count();
  }

  // Filters and order act at once.
  const search = queue.querySelector(".search");
  search?.addEventListener("change", (event) => { if (event.target.matches("select")) search.requestSubmit(); });
  search?.addEventListener("submit", () => { for (const field of search.elements) if (!field.value || field.name === "sort" && field.value === "newest" || field.name === "status" && field.value === "pending") field.disabled = true; });

  // Several at once.
  const picked = queue.querySelector(".picked-count");
  function count() {
    if (!picked) return;
    const number = holder.querySelectorAll(".pick :checked").length;
    picked.textContent = number ? picked.dataset.some.replace("{n}", number) : picked.dataset.none;
  }
  holder.addEventListener("change", count);
  holder.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.matches(".pick input")) event.preventDefault(); });
  queue.querySelector("[data-all]")?.addEventListener("click", () => {
    const boxes = [...holder.querySelectorAll(".pick input")].slice(0, AT_ONCE);
    const all = boxes.every((box) => box.checked);
    boxes.forEach((box) => { box.checked = !all; });
    count();
  });

  return {
    settle,
    // A decision on this call is on its way, or came back.
    leaving: (id, on) => item(id)?.classList.toggle("leaving", on),
    done: (id, now) => {
      if (now !== status) remove(id); else item(id)?.classList.remove("leaving");
      count();
    },
    reload,
    missed,
    remove,
    status,
    query,
    has: (id) => Boolean(item(id)),
    empty: () => !holder.querySelector("[data-row-id]"),
    arrived: (id) => { fresh.add(id); showFresh(); },
    claims: (claims) => {
      for (const old of holder.querySelectorAll(".dot.who")) old.remove();
      for (const [id, name] of Object.entries(claims)) {
        const mark = Object.assign(document.createElement("span"), { className: "dot who" });
        mark.append(Object.assign(document.createElement("bdi"), { textContent: name }));
        item(id)?.querySelector(".row-flags").prepend(mark);
      }
    },
    // Whether any was another.
    counts: (counts) => {
      let differs = false;
      for (const [name, number] of Object.entries(counts)) {
        const place = queue.querySelector(`[data-count="${name}"]`);
        const text = number.toLocaleString("en");
        if (!place || place.textContent === text) continue;
        differs = true;
        place.textContent = text;
      }
      return differs;
    },
  };
}
