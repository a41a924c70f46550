/** What the audit log says of flags that an operator has set: they lie in SSM, which operators change themselves. */
import type { FlagName } from '../phases/parameters.ts';
import type { Act } from '../records/audit.ts';

export interface FlagsSet {
  /** Null for the flags that all collections share. */
  readonly collection: string | null;
  readonly changes: readonly { readonly flag: FlagName; readonly value: string }[];
  /** Null where nobody has said it. */
  readonly why: string | null;
}

export function flagsSet({ collection, changes, why }: FlagsSet, at: number, actor: string): Act {
  const values = changes.map(({ flag, value }) => `${flag} ${value}`).join(', ');
  return {
    ...{ at, actor, action: `${collection ?? 'all collections'}: flags set` },
    detail: `${values}: ${why ?? 'no reason was given'}`,
  };
}
