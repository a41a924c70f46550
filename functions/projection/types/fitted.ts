/** What a value is to a type, whatever the policies of the column are. */
import type { Rounding } from './policy.ts';

export type Fitted =
  /** In the spelling of its type. */
  | { readonly kind: 'fits'; readonly spelling: string }
  /** An empty text. */
  | { readonly kind: 'empty' }
  | Unfitting;

export interface Unfitting {
  readonly kind: 'misfit';
  /** Its kind, and how long it is; never what it is: "there is a text of 12 characters". */
  readonly problem: string;
  /** The spelling of the nearest value that fits; null where none is near. */
  readonly rounded: (rule: Rounding) => string | null;
}

export function fits(spelling: string): Fitted {
  return { kind: 'fits', spelling };
}

export function misfit(problem: string, rounded: Unfitting['rounded'] = () => null): Unfitting {
  return { kind: 'misfit', problem, rounded };
}
