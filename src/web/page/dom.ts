type Child = Node | string | null | false;

/** Properties and attributes of an element; those that begin with `on` are listeners. */
type Properties = Readonly<Record<string, unknown>>;

/** An element with properties and children. Texts stay texts: nothing on this page is made from HTML. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return fill(document.createElement(tag), properties, children);
}

/** The same for SVG. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function fill<E extends Element>(element: E, properties: Properties, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

const percent = (share: number) => `${(100 * share).toFixed(2)}%`;

/** Puts an element at a place of the one around it; shares of its width and height. */
export function place(
  element: HTMLElement,
  { left, top, width, height }: { left?: number; top?: number; width?: number; height?: number },
): void {
  for (const [side, share] of Object.entries({ left, top, width, height })) {
    if (share !== undefined) element.style.setProperty(side, percent(share));
  }
}
