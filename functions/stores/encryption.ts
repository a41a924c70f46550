/** Whether others on the way can read or change what goes over a connection to a store. */
import type { StoreName } from '../protocol/phase.ts';

export interface Encryption {
  /** Nobody on the way can read it. */
  readonly encrypted: boolean;
  /** Nobody on the way can pretend to be the store. */
  readonly verified: boolean;
  /** For people: what the certificate is checked against; or what is not checked. */
  readonly how: string;
}

/** Of each store; null for one that is not kept any more; a text where it cannot be told, which says why. */
export type Encryptions = Readonly<Record<StoreName, Encryption | string | null>>;

/** Whether a secret must say `insecure: true` for it. */
export function isSafe({ encrypted, verified }: Encryption): boolean {
  return encrypted && verified;
}
