/** What was set aside, as people read it, and as lines of an export. */
import type { Entry } from '../../../functions/stores/oracle/set_aside.ts';
import { instant } from './time.ts';

export function entryLine({ version, deleted, bytes, handoff, expires, at, reason, id }: Entry): string {
  const held = deleted ? 'a deletion' : `${bytes} bytes`;
  const expiring = expires === null ? '' : `, expires ${new Date(expires * 1000).toISOString()}`;
  const ordered = handoff === null ? '' : `, handed off at ${handoff}`;
  return `set aside ${instant(at)}: version ${version}, ${held}${expiring}${ordered}; ${reason}; id ${id}`;
}

/** @param next the id to go on after, or null. */
export function listLines(
  name: string,
  entries: readonly Entry[],
  total: number | null,
  next: string | null,
): string[] {
  return [
    ...entries.map((entry) => `${JSON.stringify(entry.key)} ${entryLine(entry)}`),
    total === 0
      ? 'Nothing was set aside.'
      : `${entries.length} entries${total === null ? '' : ` of ${total}`}.`,
    ...(next === null ? [] : [`More: npx crossfade set-aside list ${name} --after ${next}`]),
  ];
}

/** A body as text, or null where it is no UTF-8, so that its bytes would not come back. */
export function textOf(body: Buffer): string | null {
  const text = body.toString('utf8');
  return Buffer.from(text).equals(body) ? text : null;
}

/** A body as a terminal may show it: what is no text, or would steer the terminal, is written in base64. */
export function shownBody(body: Buffer): string {
  const text = textOf(body);
  return text !== null && /^[\P{Cc}\n\t]*$/u.test(text) ? text : `base64 ${body.toString('base64')}`;
}

/** One line of an export: everything that the row held. A deletion has neither text nor base64. */
export function exportLine(entry: Entry, body: Buffer): string {
  const { id, key, version, handoff, handback, deleted, expires, request, at, reason } = entry;
  const text = textOf(body);
  return JSON.stringify({
    ...{ id, key, version, handoff, handback, deleted },
    expires: expires === null ? null : new Date(expires * 1000).toISOString(),
    ...{ request, at: new Date(at).toISOString(), reason },
    ...(deleted ? {} : text === null ? { base64: body.toString('base64') } : { text }),
  });
}
