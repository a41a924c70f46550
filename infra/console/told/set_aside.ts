/** What was set aside, as people read it, and as lines of an export. */
import type { Outcome } from '../../../functions/operations/decide_set_aside.ts';
import type { Entry } from '../../../functions/stores/oracle/set_aside.ts';
import { instant } from './time.ts';

export function entryLine(entry: Entry): string {
  const { version, deleted, bytes, handoff, expires, at, reason, id } = entry;
  const held = deleted ? 'a deletion' : `${bytes} bytes`;
  const expiring = expires === null ? '' : `, expires ${new Date(expires * 1000).toISOString()}`;
  const ordered = handoff === null ? '' : `, handed off at ${handoff}`;
  return `set aside ${instant(at)}: version ${version}, ${held}${expiring}${ordered}; ${reason}; id ${id}; ${stateText(entry)}`;
}

/** Functions of the version before tell no state. */
function stateText({ state, decided, decidedBy, decidedWhy }: Entry): string {
  if (state === undefined || state === 'open') return 'open';
  return `${state} ${decided === null ? '' : instant(decided)} by ${decidedBy}: ${decidedWhy}`;
}

/** What becomes of an entry, or what would. */
export function outcomeLine({ key, id, does, why }: Outcome, confirm: boolean): string {
  const told = { keep: 'kept', restore: 'restored', close: 'closed as restored', nothing: 'stays open' }[
    does
  ];
  const would = does === 'nothing' ? 'would stay open' : `would be ${told}`;
  return `${JSON.stringify(key)} ${confirm ? told : would}${why === null ? '' : `: ${why}`}; id ${id}`;
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
function textOf(body: Buffer): string | null {
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
  const { code, replacedBy, state, decided, decidedBy, decidedWhy } = entry;
  const text = textOf(body);
  return JSON.stringify({
    ...{ id, key, version, handoff, handback, deleted },
    expires: expires === null ? null : new Date(expires * 1000).toISOString(),
    ...{ request, at: new Date(at).toISOString(), reason, code, replacedBy, state },
    ...(decided ? { decided: new Date(decided).toISOString(), decidedBy, decidedWhy } : {}),
    ...(deleted ? {} : text === null ? { base64: body.toString('base64') } : { text }),
  });
}
