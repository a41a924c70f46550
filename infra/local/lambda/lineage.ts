/**
 * How Lambda notices that a function invokes itself through a queue: the header X-Amzn-Trace-Id counts the invocations of each function in
 * a chain of requests, and SDKs, SQS and Lambda pass it on. (lambda/latest/dg/invocation-recursion.html, 2026-11-27.)
 */
import { createHash, randomBytes } from 'node:crypto';

const COUNT = /([0-9a-f]{8}):(\d+)/g;

/** The header of one more invocation of a function, and which one of its chain it is. @param before that of the request that leads to it. */
export function invoked(
  before: string | undefined,
  arn: string,
): { readonly header: string; readonly count: number } {
  const [root = `Root=1-${randomBytes(4).toString('hex')}-${randomBytes(12).toString('hex')}`] =
    /Root=[^;]+/.exec(before ?? '') ?? [];
  const [, lineage = ''] = /Lineage=([^;]+)/.exec(before ?? '') ?? [];
  const counts = new Map([...lineage.matchAll(COUNT)].map(([, hash = '', count]) => [hash, Number(count)]));
  const own = createHash('sha256').update(arn).digest('hex').slice(0, 8);
  const count = (counts.get(own) ?? 0) + 1;
  counts.set(own, count);
  const told = [...counts].map(([hash, times]) => `${hash}:${times}`).join('|');
  const parent = randomBytes(8).toString('hex');
  return { header: `${root};Parent=${parent};Sampled=0;Lineage=1:${told}`, count };
}

/** Of several requests that lead to one invocation: the header of the longest chain of a function. */
export function longest(headers: readonly (string | undefined)[], arn: string): string | undefined {
  const counted = headers.map((header) => ({ header, count: invoked(header, arn).count }));
  return counted.sort((one, other) => other.count - one.count)[0]?.header;
}
