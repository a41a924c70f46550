/** Databases have been through the steps of earlier releases, and go through a step once: its statements never change again. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Projection } from '../../../functions/projection/projection.ts';
import { CERTIFICATES, SCRATCH_TABLE } from '../../../functions/stores/oracle/certification_tables.ts';
import { CONTROL, OWNERS } from '../../../functions/stores/oracle/control_tables.ts';
import { KEPT_INDEXES } from '../../../functions/stores/oracle/kept_indexes.ts';
import { NOT_DURABLE } from '../../../functions/stores/oracle/not_durable_table.ts';
import { collectionSubjects, SCHEMA_TABLE, type Subject } from '../../../functions/stores/oracle/schema.ts';
import { SQL_CHANGES } from '../../../functions/stores/oracle/sql_changes_table.ts';

const COLUMNS = [
  { name: 'CUSTOMER', path: 'customer.name', type: { kind: 'text', bytes: 8 }, nullable: true },
  { name: 'TOTAL', path: 'total', type: { kind: 'number', precision: 20, scale: 2 }, nullable: false },
  { name: 'PAID', path: 'paid', type: { kind: 'boolean' }, nullable: true },
] as const;
const LINES: Projection = {
  ...{ table: 'ORDER_LINES', where: [], each: 'lines', identifiedBy: null, foreignKey: true },
  columns: [
    {
      ...{ name: 'SKU', source: { kind: 'element', path: 'sku' }, missing: { kind: 'null' } },
      ...{ type: { kind: 'text', length: 40, unit: 'characters' }, misfit: { kind: 'refuse' } },
    },
  ],
  indexes: [['SKU']],
};
const SUBJECTS: readonly Subject[] = [
  // It has no version of its own: it is created once, before everything else.
  { name: 'CROSSFADE_SCHEMA', steps: [[SCHEMA_TABLE]] },
  CONTROL,
  NOT_DURABLE,
  SQL_CHANGES,
  OWNERS,
  CERTIFICATES,
  ...KEPT_INDEXES,
  ...SCRATCH_TABLE,
  ...collectionSubjects({ name: 'ORDERS', columns: COLUMNS, projections: [LINES] }),
];

/** The fingerprint of each step that a release has shipped, in the order of the steps. Lines are only ever added. */
const SHIPPED: Readonly<Record<string, readonly string[]>> = {
  CROSSFADE_SCHEMA: ['E_OUTqDMrngr3RtB'],
  CROSSFADE: [
    'GislBdgL9_BVoF0V',
    '64lHH0Fi0cw3luip',
    'Ea_pD3jQ8LBD-LF_',
    'Ldyy-PfRd1DEZoWp',
    'qYLr5aHnpFrnJ1lC',
    'CuiedfI0Rf1_t4SH',
    'BYWp0U1Fkr7mLf1a',
    'kT0ZwUUDR_DykLMW',
    '1CX7T3I0Montsu-2',
    'z2zhdoq4z3BYuZR6',
    'QHgptetAhahUMbeH',
    'T_N29DV2KIPdtGSn',
    '_GSCN1VKJPKVUJiN',
    'NOUBfi1KXpF7sPx_',
    '5dc1q9YFPH8Sj7aU',
    '7lJcgi0ueF9z_Wcu',
    'zTpECA0z-zIoTo-s',
    'rxj1847ETyqjrXxL',
    'km5nCRfTBUP_kbnY',
    'HilbvhyCFTbf61T_',
    'bgkKkMR96XKyTUrh',
  ],
  CROSSFADE_NOT_DURABLE_UNTIL: ['RxuJb9KKummAb11e'],
  CROSSFADE_SQL_CHANGES: ['Iz22JmjCsCD7MYGp'],
  CROSSFADE_TABLES: ['_OvoYgpbPzSupznG'],
  CROSSFADE_CERTIFICATES: ['svKfCBF-KkObS2pX'],
  'CROSSFADE_FINDINGS/over': ['vksdzzipFReF69Ah'],
  'CROSSFADE_LETTERS/over': ['PsdVSPB1EyIezbuF'],
  'CROSSFADE_REPAIRS/over': ['TddIrhtUZ9Ck3k7B'],
  'CROSSFADE_SET_ASIDE/over': ['7Ng00C-YuBG6BSiC'],
  CROSSFADE_SCRATCH: ['Y2FCEts47CCU0gIG'],
  'CROSSFADE_SCRATCH/handed_off': ['r5uo9Ewce2WMhws_'],
  ORDERS: ['-GzrRosLxl7l6UD4'],
  'ORDERS.CUSTOMER': ['Wuoq_QbpKWaVFmdJ'],
  'ORDERS.TOTAL': ['kjtH4FzfM_G6QKIv'],
  'ORDERS.PAID': ['BCULbPbiKppHiBy4'],
  'ORDERS/handed_off': ['QuP4wYR17P_rjmUo'],
  ORDER_LINES: ['EfXIqaMIVHVvbSzH'],
  'ORDER_LINES.SKU': ['zbOXk2DSMibYhmf5'],
  'ORDER_LINES/comments-FD7835EF73FC7DAF': ['_Xg173P8fa-JBDVs'],
  'ORDER_LINES/SKU': ['vN9yzs09ff2xrdWD'],
};

const fingerprintOf = (statements: readonly string[]) =>
  createHash('sha256').update(statements.join(';')).digest('base64url').slice(0, 16);

/** What is wrong with the steps of a subject, or null. */
function problemOf({ name, steps }: Subject, shipped: readonly string[]): string | null {
  for (const [at, expected] of shipped.entries()) {
    const step = steps[at];
    if (step === undefined)
      return `${name}: step ${at + 1} was shipped and is missing. Put it back: databases have been through it.`;
    if (fingerprintOf(step) !== expected)
      return (
        `${name}: step ${at + 1} was shipped and has been edited. Databases have been through it and do not execute it again. ` +
        'Restore it, and make the change in a new step after the last one.'
      );
  }
  const added = steps.slice(shipped.length).map((step) => `'${fingerprintOf(step)}'`);
  return added.length === 0
    ? null
    : `${name} has steps that are not listed as shipped. Add to SHIPPED.${name}: ${added.join(', ')}`;
}

/** What functions that do not know of it can work beside: they name their columns, and neither read nor fill the new ones. */
function isAdded(statement: string): boolean {
  if (/^(CREATE (TABLE|INDEX)|COMMENT ON) /.test(statement)) return true;
  const [, columns] = /^ALTER TABLE \S+ ADD \((.*)\)$/s.exec(statement) ?? [];
  return (
    columns?.split(/,(?![^(]*\))/).every((column) => !/NOT NULL/.test(column) || /DEFAULT/.test(column)) ??
    false
  );
}

/** The steps that the version before cannot live with, and that do not say so. */
function unsaid({ name, steps, breaking = [] }: Subject): string[] {
  return steps.flatMap((step, at) =>
    step.every(isAdded) || breaking.includes(at + 1) ? [] : [`${name}: step ${at + 1}`],
  );
}

test('a step that functions of the version before cannot live with says so', () => {
  // A database that has been through such a step takes no rollback: there is none yet.
  assert.deepEqual(SUBJECTS.flatMap(unsaid), []);
  assert.deepEqual(
    SUBJECTS.flatMap(({ breaking = [] }) => breaking),
    [],
  );
  const of = (...steps: string[]) => unsaid({ name: 'A', steps: steps.map((step) => [step]) });
  const breaking = [
    'ALTER TABLE A DROP COLUMN b',
    'ALTER TABLE A ADD (b NUMBER(9, 2) NOT NULL)',
    'ALTER TABLE A ADD CONSTRAINT c CHECK (b > 0)',
    'CREATE UNIQUE INDEX A_B ON A (b)',
    'ALTER TABLE A ADD (b NUMBER DEFAULT 0 NOT NULL, c NUMBER NOT NULL)',
  ];
  assert.deepEqual(
    of('CREATE TABLE A (b NUMBER)', ...breaking),
    breaking.map((_, at) => `A: step ${at + 2}`),
  );
});

test('no step that databases have been through is edited, moved or removed', () => {
  for (const subject of SUBJECTS) assert.equal(problemOf(subject, SHIPPED[subject.name] ?? []), null);
  assert.deepEqual(
    Object.keys(SHIPPED),
    SUBJECTS.map(({ name }) => name),
  );
});

test('an edited step, a missing one and a new one are each told with what to do', () => {
  const steps = [['CREATE TABLE A (a NUMBER)'], ['ALTER TABLE A ADD (b NUMBER)']];
  const shipped = steps.map(fingerprintOf);
  const problem = (changed: Subject['steps']) => problemOf({ name: 'A', steps: changed }, shipped);
  assert.equal(problem(steps), null);
  const edited = [['CREATE TABLE A (a NUMBER, b NUMBER)'], ...steps.slice(1)];
  assert.match(problem(edited) ?? '', /A: step 1 .* edited.* in a new step after the last one/);
  assert.match(problem([...steps].reverse()) ?? '', /A: step 1 .* edited/);
  assert.match(problem(steps.slice(0, 1)) ?? '', /A: step 2 .* missing/);
  const next = ['CREATE INDEX A_B ON A (b)'];
  assert.match(problem([...steps, next]) ?? '', new RegExp(`Add to SHIPPED.A: '${fingerprintOf(next)}'`));
});
