/** What the judge of excuses asks of a history. */
import type { Call, CallName } from '../../functions/protocol/call.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { type Act, type Deed, isClient } from './deeds.ts';

export type ActOf<N extends CallName> = Act<Extract<Call, { name: N }>>;

export function acts<N extends CallName>(deeds: readonly Deed[], name: N): ActOf<N>[] {
  return deeds.filter((deed): deed is ActOf<N> => deed.kind === 'act' && deed.call.name === name);
}

/** What came between two deeds. */
export function between(deeds: readonly Deed[], from: Deed, to?: Deed): readonly Deed[] {
  return deeds.slice(deeds.indexOf(from) + 1, to === undefined ? deeds.length : deeds.indexOf(to));
}

export function digestOf({ content }: { readonly content: Content }): string | null {
  return content?.digest ?? null;
}

export function goneWithoutTrace(of: { readonly content: Content }): string {
  return `${digestOf(of)}, acknowledged before a forced move, is gone without a trace`;
}

/** The last look of the same process at the row. */
export function lastLook(deeds: readonly Deed[], of: Act): Act | undefined {
  const looks = acts(deeds.slice(0, deeds.indexOf(of)), 'oracle.read');
  return looks.findLast(({ bit }) => bit === of.bit);
}

/** A write as such, in Couchbase, be it a deletion that finds nothing; what carries a version is a copy, or a placeholder. */
export function isWriteOfClient(act: Act): boolean {
  const { call, before, after } = act;
  if (!isClient(act)) return false;
  if (call.name === 'couchbase.remove' && before.cas === 0n) return true;
  if (before.cas === after.cas) return false;
  return (
    call.name === 'couchbase.upsert' ||
    call.name === 'couchbase.remove' ||
    call.name === 'couchbase.erase' ||
    (call.name === 'couchbase.swap' && call.version === null)
  );
}
