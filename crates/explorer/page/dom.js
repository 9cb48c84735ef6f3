// Element makers. Text reaches the page only as text nodes: nothing here parses HTML.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

// make("button", { class: "quiet", on: { click }, "aria-pressed": "true" }, "Text", child, …)
export function make(tag, attributes, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

export function makeSvg(tag, attributes, ...children) {
  return furnish(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

function furnish(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") listen(element, value);
    else if (name === "style") setStyle(element, value);
    else if (name === "value") element.value = value;
    else if (name === "checked" || name === "selected") element[name] = Boolean(value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

// Through CSSOM, because the content security policy refuses style attributes.
export function setStyle(element, styles) {
  for (const [property, value] of Object.entries(styles)) element.style.setProperty(property, value);
}

function listen(element, listeners) {
  for (const [event, listener] of Object.entries(listeners)) element.addEventListener(event, listener);
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child);
  }
}

// Only where it is another text: a new text node has what is around it laid out anew.
export function writeText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Replaces the children by those given; one that is there already stays as it is, with its state.
// If the element with the focus is replaced, the new one of the same `data-key` gets the focus.
export function fill(parent, ...children) {
  const active = parent.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  const key = active?.dataset?.key;
  const wanted = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(child)));
  const kept = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!kept.has(child)) child.remove();
  wanted.forEach((child, i) => {
    if (parent.childNodes[i] !== child) parent.insertBefore(child, parent.childNodes[i] ?? null);
  });
  if (active === null || parent.contains(document.activeElement)) return;
  if (parent.contains(active)) active.focus({ preventScroll: true });
  else if (key !== undefined) parent.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

// A labelled choice: [[value, text], …]; the label is text or nodes.
export function chooser(label, options, value, choose, key) {
  const select = make("select", { "data-key": key, on: { change: () => choose(select.value) } },
    options.map(([option, text]) => make("option", { value: option, selected: option === value }, text)));
  return make("label", { class: "field" }, make("span", { class: "field-name" }, label), select);
}

// Buttons of which one is pressed.
export function segmented(label, options, value, choose, key) {
  return make("div", { class: "segmented", role: "group", "aria-label": label },
    options.map(([option, text, title]) => make("button", {
      type: "button", "data-key": `${key}-${option}`, title, "aria-pressed": String(option === value),
      on: { click: () => choose(option) },
    }, text)));
}

export function checkbox(label, checked, change, key) {
  const box = make("input", { type: "checkbox", checked, "data-key": key, on: { change: () => change(box.checked) } });
  return make("label", { class: "check" }, box, make("span", null, label));
}

export function slider(label, range, value, text, change, key) {
  const output = make("output", null, text(value));
  const input = make("input", {
    type: "range", ...range, value, "data-key": key, "aria-valuetext": text(value), "aria-label": label,
    on: {
      change: () => input.removeAttribute("data-dragged"),
      input: () => {
        // All places that it is dragged to are one entry in the history.
        const how = input.hasAttribute("data-dragged") ? "replace" : undefined;
        input.setAttribute("data-dragged", "");
        output.textContent = text(Number(input.value));
        input.setAttribute("aria-valuetext", output.textContent);
        change(Number(input.value), how);
      },
    },
  });
  return make("label", { class: "field" }, make("span", { class: "field-name" }, label, output), input);
}
