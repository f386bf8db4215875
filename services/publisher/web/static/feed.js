// The filters work without this. With it the address names only what was chosen.
const form = document.querySelector(".finder");

form?.addEventListener("submit", () => {
  for (const field of form.elements) field.disabled = field.name !== "" && field.value === "";
  setTimeout(() => {
    for (const field of form.elements) field.disabled = false;
  });
});
