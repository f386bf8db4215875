// Adds and removes rows of roles and contacts without asking the server.

const known = new WeakSet(); // forms that come back to their place are known already

// The number of a further row: far above what the server numbered, but of three digits, which is what it reads.
const after = (holder) => 1 + Math.max(499, ...[...holder.querySelectorAll("[data-remove]")].map(({ value }) => Number(value.split(":")[2])));

export function rows(form) {
  if (known.has(form)) return;
  known.add(form);
  form.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add]");
    const remove = event.target.closest("[data-remove]");
    if (add) {
      event.preventDefault();
      const kind = add.dataset.add;
      const holder = form.querySelector(`[data-rows="${kind}"]`);
      const number = after(holder);
      const copy = document.getElementById(`row-${kind}`).content.firstElementChild.cloneNode(true);
      for (const element of [copy, ...copy.querySelectorAll("*")]) {
        for (const name of ["name", "id", "value", "data-path"]) {
          const value = element.getAttribute(name);
          if (value?.includes("__n__")) element.setAttribute(name, value.replace("__n__", number));
        }
      }
      holder.append(copy);
      copy.querySelector("input").focus();
      settled(form, kind);
    } else if (remove) {
      event.preventDefault();
      const row = remove.closest("[data-row]");
      const kind = row.parentElement.dataset.rows;
      const neighbour = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      (neighbour?.querySelector("input") ?? form.querySelector(`[data-add="${kind}"]`)).focus();
      settled(form, kind);
    }
  });
}

function settled(form, kind) {
  const holder = form.querySelector(`[data-rows="${kind}"]`);
  const group = holder.closest(".group");
  group.querySelector(".count").textContent = holder.children.length;
  const none = group.querySelector(".none");
  if (none) none.hidden = holder.children.length > 0;
  form.dispatchEvent(new Event("input"));
}
