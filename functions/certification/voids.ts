/** What makes a certificate void: a short list, so that nobody has to certify again for a change that the stores do not notice. */
import { changedMarks } from '../records/marks.ts';
import type { About, Certificate, Settings } from './certificate.ts';

/**
 * Why the certificate says nothing of what is there now, as sentences; empty: it holds. No pace, no size of a batch and no new collection of the
 * same bucket and durability voids it, and neither does its age.
 */
export function voids(certificate: Certificate, now: About): string[] {
  const { form, verdict, code, servers, settings } = certificate;
  const reasons: string[] = [];
  if (form === 'short')
    reasons.push(`It is a certificate of the ${form} form, and the gate wants the whole one`);
  if (verdict !== 'passed') reasons.push(`Its verdict is ${verdict}`);
  if (code !== now.code)
    reasons.push(`It is of other code of the stores (${code}, and ${now.code} is deployed)`);
  for (const store of ['couchbase', 'oracle'] as const) {
    const [then, here] = [servers[store], now.servers[store]];
    if (then.version !== here.version)
      reasons.push(`${store} had the version ${then.version}, and has ${here.version}`);
    const marks = changedMarks(then.identity, here.identity);
    if (marks.length > 0) reasons.push(`${store} is another one: ${marks.join(', ')} differ`);
  }
  for (const name of Object.keys(now.settings) as (keyof Settings)[])
    if (settings[name] !== now.settings[name])
      reasons.push(`${name} was ${settings[name]}, and is ${now.settings[name]}`);
  return reasons;
}
