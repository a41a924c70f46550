/** Whether others on the way to a store can read or change what goes there. */
import { type Encryption, isSafe } from '../stores/encryption.ts';
import { doubtful, good, type Verdict } from './line.ts';

/** It is never bad: nothing connects so before the secret says that it may. */
export function encryptionVerdict(encryption: Encryption): Verdict {
  const { encrypted, how } = encryption;
  if (isSafe(encryption)) return good(`TLS: ${how}`);
  return doubtful(
    encrypted
      ? `TLS that is not checked: ${how}. Whoever answers in the place of the store reads and changes all documents`
      : `no TLS: ${how}. Documents cross the network as they are`,
    'Mend the address in the secret, and take "insecure": true out of it; unless nobody on the way can listen or answer in the place of the store',
  );
}
