/** The answers of AWS that are XML, as trees. They have elements and text, and nothing else that matters. */

export interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

/** @param text a document without comments and CDATA. */
export function parseXml(text: string): Element {
  const root: Element = { name: '', children: [], text: '' };
  const open = [root];
  for (const [, closing, name = '', single, content = ''] of text.matchAll(
    /<(\/?)([A-Za-z][\w.:-]*)[^>]*?(\/?)>([^<]*)/g,
  )) {
    if (closing === '/') {
      open.pop();
      continue;
    }
    const element: Element = { name, children: [], text: unescaped(content.trim()) };
    open.at(-1)?.children.push(element);
    if (single !== '/') open.push(element);
  }
  return root;
}

const CHARACTERS: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' };

/** A policy is full of quotes. */
function unescaped(text: string): string {
  return text.replace(/&(?:#(\d+)|(quot|apos|lt|gt|amp));/g, (_, code?: string, name = '') =>
    code === undefined ? (CHARACTERS[name] ?? '') : String.fromCodePoint(Number(code)),
  );
}

/** The items of the first list of this name, at any depth. */
export function itemsOf(element: Element, name: string): Element[] {
  return find(element, name)?.children.filter((child) => child.name === 'item') ?? [];
}

/** The text of an element's own member; an empty one where there is none. */
export function member(element: Element, name: string): string {
  return element.children.find((child) => child.name === name)?.text ?? '';
}

export function find(element: Element, name: string): Element | null {
  for (const child of element.children) {
    if (child.name === name) return child;
    const found = find(child, name);
    if (found !== null) return found;
  }
  return null;
}
