/** What the audit log says of flags that an operator has set: they lie in SSM, which operators change themselves. */
import type { FlagName } from '../phases/parameters.ts';

export interface FlagsSet {
  /** Null for the flags that all collections share. */
  readonly collection: string | null;
  readonly changes: readonly { readonly flag: FlagName; readonly value: string }[];
  /** Null where nobody has said it. */
  readonly why: string | null;
}

/** The action, and its detail. */
export function flagsSet({ collection, changes, why }: FlagsSet): [string, string] {
  const values = changes.map(({ flag, value }) => `${flag} ${value}`).join(', ');
  return [`${collection ?? 'all collections'}: flags set`, `${values}: ${why ?? 'no reason was given'}`];
}
