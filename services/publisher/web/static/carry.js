// What was typed into a form, put into a fresh one of the same call; all else is as the fresh one has it.

const FIELDS = "input:not([type=hidden]), select, textarea";
const touched = (field) => (field.options
  ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected))
  : field.value !== field.defaultValue);

export function carry(mine, fresh) {
  for (const field of fresh.querySelectorAll(FIELDS)) {
    const typed = mine.elements[field.name];
    if (!typed || field.closest("[data-rows]") || !touched(typed)) continue;
    field.value = typed.value;
    const told = field.parentElement.querySelector("output"); // in words, of what stood there
    if (told) told.value = typed.parentElement.querySelector("output")?.value ?? "";
  }
  for (const rows of fresh.querySelectorAll("[data-rows]")) {
    const typed = mine.querySelector(`[data-rows="${rows.dataset.rows}"]`);
    const changed = typed.children.length !== Number(typed.dataset.held) || [...typed.querySelectorAll(FIELDS)].some(touched);
    if (changed) rows.closest(".group").replaceWith(typed.closest(".group"));
  }
}
