// Lights up the words that a field came from, and the field that words went into.
// Ranges and the highlight API: the text is never split, so Arabic letters stay joined and direction stays right.

export function light(words, form) {
  if (!("highlights" in CSS)) return;
  // Numbers and addresses stand in elements of their own, so the text is several nodes in a row.
  const nodes = [];
  const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
  let length = 0;
  while (walker.nextNode()) {
    nodes.push({ node: walker.currentNode, from: length });
    length += walker.currentNode.length;
  }
  const place = (offset, last) => {
    const found = nodes.findLast(({ from }) => (last ? from < offset : from <= offset)) ?? nodes[0];
    return [found.node, offset - found.from];
  };
  const marks = JSON.parse(words.dataset.marks).filter((mark) => mark.end <= length);
  const range = (mark) => {
    const made = new Range();
    made.setStart(...place(mark.start, false));
    made.setEnd(...place(mark.end, true));
    return made;
  };
  const derived = marks.filter((mark) => mark.support === "derived");
  CSS.highlights.set("evidence", new Highlight(...marks.filter((mark) => mark.support !== "derived").map(range)));
  CSS.highlights.set("derived", new Highlight(...derived.map(range)));
  const active = new Highlight();
  active.priority = 1;
  CSS.highlights.set("active", active);

  const covers = (path, other) => path === other || path.startsWith(`${other}.`) || other.startsWith(`${path}.`);
  const show = (paths) => {
    active.clear();
    for (const mark of marks) {
      if (paths.some((path) => covers(mark.path, path))) active.add(range(mark));
    }
  };
  const unlight = () => form.querySelectorAll(".lit").forEach((element) => element.classList.remove("lit"));

  // From a field to its words.
  const pathsOf = (target) => {
    const element = target.closest?.("[data-path]");
    return element ? [element.dataset.path] : [];
  };
  const focused = () => (form.contains(document.activeElement) ? pathsOf(document.activeElement) : []);
  form.addEventListener("focusin", (event) => show(pathsOf(event.target)));
  form.addEventListener("focusout", () => show([]));
  form.addEventListener("pointerover", (event) => show(pathsOf(event.target)));
  form.addEventListener("pointerleave", () => show(focused()));

  // From the words to their fields.
  const offsetAt = (event) => {
    let node, offset;
    if (document.caretPositionFromPoint) {
      const caret = document.caretPositionFromPoint(event.clientX, event.clientY);
      [node, offset] = [caret?.offsetNode, caret?.offset];
    } else {
      const caret = document.caretRangeFromPoint?.(event.clientX, event.clientY);
      [node, offset] = [caret?.startContainer, caret?.startOffset];
    }
    const found = nodes.find((item) => item.node === node);
    return found ? found.from + offset : -1;
  };
  const at = (event) => {
    const offset = offsetAt(event);
    return marks.filter((mark) => mark.start <= offset && offset < mark.end).map((mark) => mark.path);
  };
  words.addEventListener("pointermove", (event) => {
    const paths = at(event);
    show(paths);
    unlight();
    for (const path of paths) form.querySelector(`[data-path="${CSS.escape(path)}"]`)?.classList.add("lit");
    words.style.cursor = paths.length ? "pointer" : "";
  });
  words.addEventListener("pointerleave", () => { unlight(); show(focused()); });
  words.addEventListener("click", (event) => {
    const [path] = at(event);
    if (!path || !document.getSelection().isCollapsed) return;
    form.querySelector(`[data-path="${CSS.escape(path)}"]`)?.querySelector("input, select, textarea")?.focus();
  });
}

// Marks the words of each text that the other one does not have.
export function differences(first, second) {
  if (!("highlights" in CSS)) return;
  CSS.highlights.delete("changed");
  if (!first || !second) return;
  const wordsOf = (element) => {
    const found = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      for (const match of walker.currentNode.data.matchAll(/[\p{L}\p{N}\p{M}+@.]+/gu)) found.push({ node: walker.currentNode, at: match.index, word: match[0] });
    }
    return found;
  };
  const [one, other] = [wordsOf(first), wordsOf(second)];
  const ranges = [];
  const shown = (element, range) => { element.scrollTop += range.getBoundingClientRect().top - element.getBoundingClientRect().top - 60; };
  for (const [mine, theirs] of [[one, other], [other, one]]) {
    const known = new Set(theirs.map(({ word }) => word));
    for (const { node, at, word } of mine) {
      if (known.has(word)) continue;
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + word.length);
      if (!mine.seen) shown(mine === one ? first : second, range);
      mine.seen = true;
      ranges.push(range);
    }
  }
  CSS.highlights.set("changed", new Highlight(...ranges));
}
