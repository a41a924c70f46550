/** Where the values of a column come from, for people. */
import type { Projection, Source } from './projection.ts';

/** `lines[].price`. */
export function sourceText(source: Source, each: Projection['each']): string {
  switch (source.kind) {
    case 'document':
      return source.path === '' ? 'the document' : source.path;
    case 'element':
      return `${each ?? ''}[]${source.path === '' || source.path.startsWith('[') ? '' : '.'}${source.path}`;
    case 'key':
      return `part ${source.part} of the key, from 0, between ${JSON.stringify(source.separator)}`;
    case 'constant':
      return `always ${JSON.stringify(source.value)}`;
  }
}
