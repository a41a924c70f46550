/** Whether the connections to the stores can be read or forged on the way, as people read it. */
import { type Encryptions, isSafe } from '../../../functions/stores/encryption.ts';

const [TITLE, INDENT] = ['connections   ', ' '.repeat(14)];

export function encryptionLines(encryptions: Encryptions): string[] {
  const told = Object.entries(encryptions).flatMap(([store, encryption]) => {
    if (encryption === null) return [];
    if (typeof encryption === 'string') return [`${store}: UNKNOWN: ${encryption}`];
    const { encrypted, how } = encryption;
    if (isSafe(encryption)) return [`${store}: TLS, checked: ${how}`];
    return [`${store}: INSECURE, ${encrypted ? 'TLS that is not checked' : 'no TLS'}: ${how}`];
  });
  return told.map((line, n) => `${n === 0 ? TITLE : INDENT}${line}`);
}
