/** Certifications as people read them. */
import type { Certificate, Checked } from '../../../functions/certification/certificate.ts';
import { certifiedText, isCertified } from '../../../functions/control/certificate.ts';
import type { Certified } from '../../../functions/operations/certification.ts';
import { marksText } from '../../../functions/records/marks.ts';
import { instant } from './time.ts';

/** Whether the gate of each collection is satisfied. */
export function isHeld({ collections }: Certified): boolean {
  return collections.every(({ certificate }) => certificate.wanted === 'none' || isCertified(certificate));
}

/** What holds for all collections alike is said once. */
export function certifiedLines(all: Certified, now: number): string[] {
  const texts = Map.groupBy(all.collections, ({ certificate }) => certifiedText(certificate));
  const held = [...texts].map(
    ([text, of]) => `${of.map(({ collection }) => collection).join(', ')}: ${text}`,
  );
  const latest = all.latest.map(({ run, part, form, began, ended, verdict, changed }) => {
    const bucket = part === 0 ? '' : ` (part ${part + 1})`;
    const told =
      ended === null ? `under way, last sign of life ${seconds(now - changed)} ago` : (verdict ?? '?');
    return `  ${instant(began)}  ${form.padEnd(11)}  ${run}${bucket}: ${told}`;
  });
  const systems = new Set(all.collections.map(({ certificate }) => certificate.system ?? null));
  const named = [...systems].flatMap((system) =>
    system === null ? [] : [`These servers are ${system}: that is the NAME of certify start --test-system.`],
  );
  return [
    ...held,
    ...named,
    ...(latest.length === 0 ? [] : ['', 'The last certifications:', ...latest]),
    ...(all.checked === null ? [] : [`  ${progressText(all)}`]),
  ];
}

export function progressText({
  checked,
  latest,
  told = null,
}: Pick<Certified, 'checked' | 'latest'> & { readonly told?: Certified['told'] }): string {
  const [going] = latest.filter(({ ended }) => ended === null);
  if (going === undefined) return 'no certification is under way';
  const asked = told === null ? '' : `. NOW, for ${told.check}: ${told.text}`;
  return `${going.run}: ${checked ?? 0} checks have ended${asked}`;
}

export function certificateLines(certificate: Certificate): string[] {
  const { form, verdict, began, ended, code, servers, settings, checks } = certificate;
  const count = (state: Checked['state']) => checks.filter((each) => each.state === state).length;
  const told = checks.filter(({ state }) => state !== 'passed');
  return [
    `The ${form} certification of ${instant(began)} has ${verdict === 'passed' ? 'PASSED' : verdict.toUpperCase()}, after ${seconds(ended - began)}: ${count('passed')} checks passed, ${count('failed')} failed, ${count('skipped')} were skipped.`,
    ...(form === 'short' ? ['It is the short form: a whole one checks more, and takes minutes.'] : []),
    ...(form === 'test-system' ? ['On a test system: in some checks an operator has broken something.'] : []),
    `  code       of the stores, release ${code}`,
    `  Couchbase  ${servers.couchbase.version}, ${marksText(servers.couchbase.identity)}`,
    `  Oracle     ${servers.oracle.version}, ${marksText(servers.oracle.identity)}`,
    `  settings   ${Object.entries(settings)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
    ...told.flatMap(checkLines),
    ...checks.flatMap(figureLines),
  ];
}

function checkLines({ name, state, why, next }: Checked): string[] {
  const first = `${state === 'failed' ? 'FAILED ' : 'skipped'}  ${name}: ${why ?? 'nothing was said'}`;
  return next === undefined ? [first] : [first, `         → ${next}`];
}

/** Of those that measure something. */
function figureLines({ name, figures }: Checked): string[] {
  const told = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`);
  return told.length < 2 ? [] : [`figures  ${name}: ${told.join(', ')}`];
}

function seconds(milliseconds: number): string {
  return `${Math.max(0, Math.round(milliseconds / 1000))} s`;
}
