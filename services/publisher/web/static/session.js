// A session that has ended, or is another by now: what was decided comes back, and goes out again once one has signed in
// in another tab.

let ended = false;

// `answer`: without the desk's mark. It ended at the log-in, or was refused for the token that it carried.
export const noticed = (answer) => { if (answer.ok || answer.status === 403) ended = true; };

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
