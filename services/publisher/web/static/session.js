// A session that has ended: what was decided comes back, and goes out again once one has signed in in another tab.

let ended = false;

export const over = () => { ended = true; };

// The forms that are open carry the token of the session that is: a new one begins with each sign-in.
export async function renewed() {
  if (!ended) return;
  try {
    const answer = await fetch("/api/v1/session", { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) return;
    const { csrf_token: token } = await answer.json();
    for (const field of document.querySelectorAll("[name=csrf]")) field.value = token;
    ended = false;
  } catch { /* still away: the decision will say so */ }
}
