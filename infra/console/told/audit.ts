/** The audit log, and what a comparison with its anchors has found, as people read it. */
import { onOneLine } from '../../../functions/parsing/steering.ts';
import type { AuditEntry } from '../../../functions/records/audit.ts';
import type { AuditFinding, AuditVerdict, Late, Range } from '../../../functions/records/audit_verdict.ts';
import { instant } from './time.ts';

export interface Audited {
  /** The latest first. */
  readonly entries: readonly AuditEntry[];
  readonly brokenAt: number | null;
}

export function auditLines({ entries, brokenAt }: Audited): string[] {
  const [last] = entries;
  // A reason with an end of a line, as functions before this version have taken it, looks like no other entry.
  const told = entries.map(({ seq, at, actor, action, detail }) =>
    onOneLine(`${seq} ${instant(at)} ${actor} ${action} ${detail}`),
  );
  if (brokenAt !== null)
    return [
      ...told,
      `AUDIT_BROKEN: entry ${brokenAt} does not follow the one before it: somebody has changed the log. ${NEXT}`,
    ];
  if (last === undefined) return [`Nothing yet. ${NEXT}`];
  return [
    ...told,
    `Each of these ${entries.length} entries follows the one before it. The last hash is ${last.hash}. Whoever can write the database could have made all ` +
      `hashes anew. ${NEXT}`,
  ];
}

const NEXT = 'Whether anything was changed or taken out, of all entries: npx crossfade audit --verify';

/** A verdict, and where the anchors are. */
export interface Verified extends AuditVerdict {
  /** Name of the log group. */
  readonly group: string;
  /** Texts in it that are no anchors. */
  readonly foreign: number;
  /** Entries without an anchor that whoever asks has looked into: see `isWell`. */
  readonly known: readonly Range[];
}

/**
 * Whether nothing is wrong but what is known. A known entry without an anchor counts only where a later anchor covers it: from then on nobody can put another one
 * in its place unseen.
 */
export function isWell({ findings, known }: Pick<Verified, 'findings' | 'known'>): boolean {
  return findings.every((each) => each.kind === 'begun' || isKnown(each, known));
}

function isKnown(finding: AuditFinding, known: readonly Range[]): boolean {
  if (finding.kind !== 'unanchored' || finding.covered === null) return false;
  for (let seq = finding.from; seq <= finding.to; seq++)
    if (!known.some(({ from, to }) => from <= seq && seq <= to)) return false;
  return true;
}

export function verdictLines(verified: Verified): string[] {
  const { entries, anchors, anchoredFrom, last, findings, trusted, young, group, foreign, late, known } =
    verified;
  const from = anchoredFrom === null ? '' : `, from entry ${anchoredFrom} on`;
  return [
    `${entries} entries, and ${anchors} anchors of them in the log group ${group}${from}.`,
    ...findings.map((each) => `${findingLine(each)}${isKnown(each, known) ? KNOWN : ''}`),
    ...late.map(lateLine),
    ...(foreign === 0 ? [] : [`${foreign} texts in that log group are no anchors. They count for nothing.`]),
    ...(young === 0
      ? []
      : [
          `${young} of the newest entries may have an anchor that cannot be read yet: ask again in 2 minutes.`,
        ]),
    ...(trusted.length === 0
      ? ['No entry is proven to be as it was entered.']
      : [`Proven to be as they were when their hashes were kept: ${trusted.map(rangeText).join(', ')}.`]),
    ...(isWell(verified)
      ? [
          `AUDIT_WHOLE: nothing was changed, and nothing taken out.${last === null ? '' : ` The last hash is ${last.hash}.`}`,
        ]
      : []),
  ];
}

function findingLine(finding: AuditFinding): string {
  switch (finding.kind) {
    case 'missing':
      return (
        `AUDIT_MISSING: ${rangeText(finding)} ${are(finding)} not there${WHERE[finding.where]}${kept(finding.anchored)}. Somebody has taken ${them(finding)} out, or Oracle ` +
        'was set back to before. Compare the log with a backup, and look who could write the table CROSSFADE_AUDIT'
      );
    case 'changed':
      return finding.anchored === null
        ? `AUDIT_CHANGED: ${rangeText(finding)} ${does(finding)} not follow what is before. ${LOOK}`
        : `AUDIT_CHANGED: ${rangeText(finding)} ${are(finding)} not what was entered${kept(finding.anchored)}. ${LOOK}`;
    case 'unanchored':
      return unanchoredLine(finding);
    case 'begun':
      return (
        `AUDIT_BEGUN: an entry ${finding.seq} "${finding.action}" was begun at ${instant(finding.at)} and never confirmed: a function has died before it was ` +
        'written, or Oracle did not take it. It was not taken out. What it was about was not done, unless the entry is there under another number'
      );
  }
}

function unanchoredLine(finding: Extract<AuditFinding, { kind: 'unanchored' }>): string {
  const [first, last] = finding.between.map(instant);
  const { covered } = finding;
  return `AUDIT_UNANCHORED: ${rangeText(finding)}, of ${first} to ${last}, ${finding.from === finding.to ? 'has' : 'have'} no anchor. ${
    covered === null
      ? 'None covers it'
      : `That of entry ${covered.seq} covers it: nothing of it was changed since ${instant(covered.since)}`
  }. Either CloudWatch Logs was away then, which the logs of Operate and Control tell with this code, or somebody has written it past Crossfade`;
}

const KNOWN = '. You have said that they are known';

function lateLine({ kept, since, ...range }: Late): string {
  const until =
    since === null
      ? 'Until then the function that wrote them had them in its memory alone'
      : `SSM had them since ${instant(since)}, in parameters anchors/… that functions alone may write`;
  return `AUDIT_LATE: the log group has taken the hashes of ${rangeText(range)} only at ${instant(kept)}. ${until}. Nothing is wrong with that`;
}

const WHERE = { beginning: ', at the beginning', middle: '', end: ', at the end' } as const;
const LOOK = 'Compare the log with a backup, and look who could write the table CROSSFADE_AUDIT';

const rangeText = ({ from, to }: Range) => (from === to ? `entry ${from}` : `entries ${from} to ${to}`);
const are = ({ from, to }: Range) => (from === to ? 'is' : 'are');
const does = ({ from, to }: Range) => (from === to ? 'does' : 'do');
const them = ({ from, to }: Range) => (from === to ? 'it' : 'them');
const kept = (at: number | null) => (at === null ? '' : `; its hash was kept at ${instant(at)}`);
