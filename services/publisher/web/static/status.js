// Renews the status page while it is looked at, part by part: what has not changed is left alone.

const EVERY_MS = 5000;
const main = document.querySelector("[data-now]");
const live = document.querySelector("[data-live]");
let timer;
let failures = 0;

function tell(good) {
  const text = good ? live.dataset.live : live.dataset.lost;
  live.classList.toggle("lost", !good);
  if (live.firstElementChild.textContent !== text) live.firstElementChild.textContent = text;
}

function renew(body, fresh) {
  const parts = (root) => [...root.querySelectorAll("[data-part]")];
  const names = (root) => parts(root).map((part) => part.dataset.part).join(" ");
  if (names(body) !== names(fresh)) {
    body.replaceChildren(...fresh.childNodes);
    return;
  }
  for (const part of parts(fresh)) {
    const old = body.querySelector(`[data-part="${part.dataset.part}"]`);
    if (old.outerHTML === part.outerHTML || old.contains(document.activeElement)) continue;
    const open = [...old.querySelectorAll("details")].map((one) => one.open);
    part.querySelectorAll("details").forEach((one, number) => { one.open = open[number] ?? false; });
    const scrolled = old.querySelector(".scroll")?.scrollLeft ?? 0;
    old.replaceWith(part);
    if (scrolled) part.querySelector(".scroll").scrollLeft = scrolled;
  }
}

async function look() {
  clearTimeout(timer);
  if (!document.hidden) {
    try {
      const answer = await fetch(main.dataset.now, { headers: { accept: "text/html" }, cache: "no-store" });
      if (answer.redirected || answer.status === 401 || answer.status === 403) {
        location.reload();
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".office-body");
      renew(main.querySelector(".office-body"), document.adoptNode(fresh));
      failures = 0;
    } catch {
      failures += 1;
    }
    tell(failures < 2);
  }
  timer = setTimeout(look, EVERY_MS * Math.min(6, 1 + failures));
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
timer = setTimeout(look, EVERY_MS);
