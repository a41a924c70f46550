/** What other people have to review before a deployment: who may do what, and what is executed in the stores. */
import { subjectsOf } from '../functions/configuration/configuration.ts';
import { LOGINS, type Login } from '../functions/stores/oracle/rights.ts';
import type { Users } from '../functions/stores/oracle/schema.ts';
import { actions } from '../functions/stores/oracle/upgrade.ts';
import { oracleSecrets, sharedWith } from './oracle_logins.ts';
import type { CheckedSettings } from './settings.ts';
import type { Document } from './template.ts';

/** Stand for the users that the functions log in as, whose names are in secrets: Oracle has no users of these names. */
const USERS: Readonly<Record<Login, string>> = {
  ...{ serve: 'API_USER', work: 'WORKERS_USER', control: 'CONTROL_USER' },
};
const ONE = 'FUNCTIONS_USER';

/** Logins with the same secret are one user. */
function usersOf(secrets: Secrets): Users {
  const name = (login: Login) => {
    const shared = sharedWith(secrets, login);
    return shared.length === LOGINS.length ? ONE : USERS[shared[0] ?? login];
  };
  return Object.fromEntries(LOGINS.map((login) => [login, name(login)]));
}

type Secrets = CheckedSettings['deployment']['secrets'];

/** Which user stands for which secret. */
function standing(secrets: Secrets): string {
  const [users, names] = [usersOf(secrets), oracleSecrets(secrets)];
  const each = LOGINS.map(
    (login) => `\`${users[login]}\` stands for the user of the secret \`${names[login]}\``,
  );
  return [...new Set(each)].join(', ');
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What each role may do, one action list and resource a line, by the name of the function or machine that has it. */
export function permissionsIn({ Resources }: Document): Record<string, string[]> {
  const lines = ({ Effect, Action, Resource, Condition = {} }: Statement) =>
    [Resource]
      .flat()
      .map(
        (resource) =>
          `${Effect} ${[Action].flat().join(' ')} on ${nameOf(resource, Resources)}${conditionOf(Condition, Resources)}`,
      );
  const policies = Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
    if (Type !== 'AWS::IAM::Policy' && Type !== 'AWS::IAM::ManagedPolicy') return [];
    const { PolicyDocument } = Properties as { PolicyDocument: { Statement: Statement[] } };
    const name = id
      .replace(/^Rights(\w+)[0-9A-F]{8}$/, 'Operators$1')
      .replace(/^Functions|Role(DefaultPolicy|OverflowPolicy|Key).*$/g, '');
    return [[name, PolicyDocument.Statement.flatMap(lines)] as const];
  });
  const all = new Map<string, string[]>();
  for (const [name, found] of policies) all.set(name, [...(all.get(name) ?? []), ...found]);
  return Object.fromEntries(all);
}

/** Under which condition, as people read it; nothing where there is none. */
function conditionOf(
  condition: NonNullable<Statement['Condition']>,
  resources: Document['Resources'],
): string {
  // The names of services end with the region, which stands for nothing here.
  const plain = (value: unknown) => nameOf(value, resources).replace(/\.+$/, '');
  const parts = Object.values(condition)
    .flatMap((operands) => Object.entries(operands))
    .map(([key, values]) => `${key} is ${[values].flat().map(plain).join(' or ')}`);
  return parts.length === 0 ? '' : `, if ${parts.join(' and ')}`;
}

/** A resource in a policy, as people name it: without region, account, and what the CDK adds to names. */
function nameOf(resource: unknown, resources: Document['Resources']): string {
  if (typeof resource === 'string') return resource;
  const value = resource as { 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]]; Ref?: string };
  const { 'Fn::GetAtt': attribute, 'Fn::Join': join, Ref } = value;
  const plain = (id: string) =>
    resources[id]?.Type === 'AWS::SSM::Parameter'
      ? String(resources[id].Properties?.Name)
      : id.replace(/[0-9A-F]{8}$/, '');
  if (attribute !== undefined) return plain(attribute[0] ?? '');
  if (Ref !== undefined) return Ref.startsWith('AWS::') ? '' : plain(Ref);
  if (join !== undefined)
    return join[1]
      .map((part) => nameOf(part, resources))
      .join('')
      .replace(/^arn:+/, '');
  return JSON.stringify(resource);
}

/** A page to hand over, of this configuration. @param document the stack's template. */
export function handover({ configuration, deployment }: CheckedSettings, document: Document): string {
  const { couchbase, oracleOwner } = deployment.secrets;

  const keyspaces = Object.values(configuration.collections).map(
    ({ couchbase: { bucket, scope, collection } }) => `- \`${bucket}.${scope}.${collection}\``,
  );
  const { scope, collection } = configuration.certification;
  const buckets = new Set(
    Object.values(configuration.collections).map(({ couchbase: { bucket } }) => bucket),
  );
  const scratch = [...buckets].map((bucket) => `- \`${bucket}.${scope}.${collection}\``);
  const statements = actions(subjectsOf(configuration), null, usersOf(deployment.secrets)).map(
    ({ statement }) => `${statement};`,
  );
  return [
    `# ${deployment.name}: to be reviewed before it is deployed`,
    'Written by `npm run synth` from infra/crossfade.config.ts.',
    '## AWS: what each role may do',
    'There is a role for each function, each state machine and each schedule, and one for CodeDeploy where versions are rolled out step by step. Nothing else is allowed to them. `Operators…` are managed policies that no role has: they are there to be attached to people.',
    ...Object.entries(permissionsIn(document)).map(
      ([name, lines]) =>
        `### ${name}\n\n${[...lines]
          .sort()
          .map((line) => `- ${line}`)
          .join('\n')}`,
    ),
    ...OPERATORS,
    ...(couchbase === null
      ? []
      : [
          '## Couchbase',
          `The user of the secret \`${couchbase}\` reads and writes these collections:`,
          [...new Set(keyspaces)].join('\n'),
          'Certifications write into these, which hold nothing else; create them, with a primary index each:',
          scratch.join('\n'),
        ]),
    '## Oracle',
    `The user of the secret \`${oracleOwner}\` owns the tables. A deployment executes this in an empty database, and what is missing of it in another one; \`CROSSFADE_SCHEMA\` counts how far each table is. ${standing(deployment.secrets)}; who is the owner is granted nothing. Standard Edition builds no index \`ONLINE\` (ORA-00439): leave the word out there.`,
    `\`\`\`sql\n${statements.join('\n\n')}\n\`\`\``,
    '',
  ].join('\n\n');
}

const OPERATORS = [
  '## AWS: what operators need',
  'The policy `OperatorsRead`, and those of the other rights that they are to have. The outputs `PolicyRead`, `PolicyRun`, `PolicyMove`, `PolicyForce` and `PolicyRetire` of the stack are their ARNs.',
];
