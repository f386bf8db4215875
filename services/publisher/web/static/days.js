// Beside a date, its weekday and month in words, as it is typed: the browser may write days in an order of its own.

const written = new Intl.DateTimeFormat(document.documentElement.lang === "ar" ? "ar-SA-u-ca-gregory-nu-latn" : "en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

function told(day) {
  const parts = Object.fromEntries(written.formatToParts(day).map(({ type, value }) => [type, value]));
  return `${parts.weekday} ${parts.day} ${parts.month} ${parts.year}`;
}

export function days() {
  document.addEventListener("input", (event) => {
    if (event.target.type !== "date") {
      // A city's name in the reader's language: of the one that stood there.
      const named = event.target.parentElement?.querySelector("[data-named]");
      if (named) named.value = "";
      return;
    }
    const place = event.target.parentElement.querySelector("[data-day]");
    const day = event.target.valueAsDate;
    if (place) place.value = day ? told(day) : "";
  });
}
