// Others at the desk: their decisions vanish from my list as they happen, and they see what I look at.

const RENEW_MS = 60_000;
const AGAIN_MS = 2_000; // where the stream was refused: a browser gives up then, and comes again only where it broke off
const AT_LAST_MS = 60_000;

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

  const idle = () => queue.empty() && !main().dataset.id && main().querySelector(":scope > .empty");
  const wake = () => { queue.reload(); visits.show("/review" + location.search, { push: false, quiet: true }); };

  let stream;
  let wait = AGAIN_MS;
  let told = false; // a stream was open before: what happened since it broke off was told to nobody
  function listen() {
    stream = new EventSource(`/review/live${queue.query ? `?${queue.query}` : ""}`);
    stream.addEventListener("counts", started);
    stream.addEventListener("claims", claimed);
    stream.addEventListener("change", happened);
    stream.addEventListener("error", () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      setTimeout(listen, wait);
      wait = Math.min(2 * wait, AT_LAST_MS);
    });
  }
  async function started(event) {
    wait = AGAIN_MS;
    const differs = queue.counts(JSON.parse(event.data));
    if (told || differs) {
      const come = await queue.missed();
      if (come.length && idle()) wake(); else come.forEach(queue.arrived);
    }
    told = true;
  }
  function claimed(event) {
    const claims = JSON.parse(event.data);
    queue.claims(claims);
    visits.flow.heard(Object.keys(claims), false);
  }
  function happened(event) {
    const { id, version, status, by, entered, counts } = JSON.parse(event.data);
    queue.counts(counts);
    visits.flow.heard([id], entered);
    const here = main().dataset;
    if (status !== queue.status) queue.remove(id);
    else if (entered && !queue.has(id)) {
      if (idle()) wake(); else if (id !== here.id) queue.arrived(id);
    }
    if (id === here.id && version > Number(here.version) && !main().classList.contains("busy")) {
      main().dataset.stale = "1";
      const text = by && status !== here.status ? notice.dataset.staleBy.replace("{name}", by) : notice.dataset.stale;
      tell(text, notice.dataset.show, () => visits.show(location.href, { push: false }));
    }
  }
  listen();
  addEventListener("pagehide", () => stream.close());
}
