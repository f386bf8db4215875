// Others at the desk: their decisions vanish from my list as they happen, and they see what I look at.

const RENEW_MS = 60_000;

export function live({ tell, queue, visits, notice }) {
  const main = () => document.getElementById("main");
  const csrf = () => document.querySelector("[name=csrf]")?.value ?? "";
  const post = (address) => fetch(address, { method: "POST", headers: { "x-csrf-token": csrf() }, keepalive: true, credentials: "same-origin" }).catch(() => {});

  // What I look at: the server notes it with each swap; here for the first page, and again while it stays open.
  const claim = () => { const { id, status } = main().dataset; if (id && status === "pending" && !document.hidden) post(`/review/${id}/claim`); };
  claim();
  setInterval(claim, RENEW_MS);
  addEventListener("pagehide", () => { const { id } = main().dataset; if (id) post(`/review/${id}/release`); });
  let before = main().dataset.id;
  new MutationObserver(() => {
    const { id, done, ahead } = main().dataset;
    if (before && before !== id && before !== done && !visits.flow.sends(before)) post(`/review/${before}/release`);
    if (ahead && before !== id) claim();
    before = id;
  }).observe(document.querySelector(".panes"), { childList: true });

  const stream = new EventSource(`/review/live${queue.query ? `?${queue.query}` : ""}`);
  addEventListener("pagehide", () => stream.close());
  stream.addEventListener("claims", (event) => {
    const claims = JSON.parse(event.data);
    queue.claims(claims);
    visits.flow.heard(Object.keys(claims), false);
  });
  stream.addEventListener("change", (event) => {
    const { id, version, status, by, entered, counts } = JSON.parse(event.data);
    queue.counts(counts);
    visits.flow.heard([id], entered);
    const here = main().dataset;
    if (status !== queue.status) queue.remove(id);
    else if (entered && !queue.has(id)) {
      if (queue.empty() && !here.id && main().querySelector(":scope > .empty")) { queue.reload(); visits.show("/review" + location.search, { push: false, quiet: true }); } else if (id !== here.id) queue.arrived(id);
    }
    if (id === here.id && version > Number(here.version) && !main().classList.contains("busy")) {
      main().dataset.stale = "1";
      const text = by && status !== here.status ? notice.dataset.staleBy.replace("{name}", by) : notice.dataset.stale;
      tell(text, notice.dataset.show, () => visits.show(location.href, { push: false }));
    }
  });
}
