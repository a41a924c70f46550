/** Certificates as PEM, as they are pasted into a secret. */
import { X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;

/**
 * The blocks of a PEM text, each as it is written by the book. Forms and shells make spaces, or the two characters \n, of its line ends: they are
 * put right. What is between the blocks is left out.
 */
export function pemBlocks(text: string): { readonly label: string; readonly pem: string }[] {
  return [...text.replaceAll('\\n', '\n').replaceAll('\\r', '').matchAll(BLOCK)].map(
    ([, label = '', content = '']) => {
      const [head, base64] = parted(content);
      const lines = base64.replaceAll(/\s/g, '').match(/.{1,64}/g) ?? [];
      return {
        label,
        pem: [`-----BEGIN ${label}-----`, ...head, ...lines, `-----END ${label}-----`, ''].join('\n'),
      };
    },
  );
}

/** Lines that say how a key is encrypted stand in front of it, and an empty line after them. */
function parted(content: string): [head: string[], base64: string] {
  const found = /^\s*((?:[\w-]+: .*\r?\n)+)\s*\n/.exec(content);
  if (found === null) return [[], content];
  const head = (found[1] ?? '').trim().split(/\r?\n/);
  return [[...head, ''], content.slice(found[0].length)];
}

/** Certificates of a PEM text, normalized; empty where there is none, or one that cannot be read. */
export function certificatesIn(text: string): string[] {
  const certificates = pemBlocks(text).filter(({ label }) => label.endsWith('CERTIFICATE'));
  try {
    for (const { pem } of certificates) new X509Certificate(pem);
  } catch {
    return [];
  }
  return certificates.map(({ pem }) => pem);
}

/** Whom the first certificates of a PEM text name, and until when they are valid, for people. */
export function describedCertificates(text: string): string {
  const certificates = certificatesIn(text).map((pem) => new X509Certificate(pem));
  const [first] = certificates;
  if (first === undefined) return 'no certificate';
  const name = /^CN=(.*)$/m.exec(first.subject)?.[1] ?? first.subject.split('\n').at(-1) ?? '';
  const rest = certificates.length === 1 ? '' : ` and ${certificates.length - 1} more`;
  return `${name}${rest}`;
}
