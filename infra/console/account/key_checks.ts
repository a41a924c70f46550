/** Keys of KMS: whether they can be used, and whether their policies let the stack use them. */
import { placeOf } from '../../arn.ts';
import {
  accountStatements,
  alarmStatement,
  type Statement,
  serviceStatements,
  suffixOf,
} from '../../key_policy.ts';
import { MADE, MADE_KEY, NAMED_KEY } from '../../key_settings.ts';
import { placeProblems } from '../../place_problems.ts';
import type { Deployment } from '../../settings.ts';
import { type Check, type Found, ok, wrong } from './found.ts';
import type { Account, KmsKey } from './ports.ts';
import { type Granted, listOf, statementsIn } from './topic.ts';

/** Regions of what the settings name, against that of the credentials. */
export const places: Check = async (account, { deployment }) => {
  const [region, number] = [await account.region(), await account.number()];
  const problems = placeProblems(deployment, { region, account: number });
  return problems.length === 0
    ? ok(`nothing that the settings name is outside of ${region}`)
    : wrong(problems.join('; '), 'Mend the settings, or use credentials of the other region (AWS_REGION)');
};

export const keys: Check = async (account, { deployment }) => {
  const { kmsKey, kmsKeysToRead, alarmTopic } = deployment;
  for (const arn of [...(kmsKey === null || kmsKey === MADE ? [] : [kmsKey]), ...kmsKeysToRead]) {
    const key = await account.key(arn);
    if (key === null) return wrong(`there is no key ${arn}`, 'Mend deployment.kmsKey, or kmsKeysToRead');
    const problem = problemOf(key);
    if (problem !== null)
      return wrong(`${arn} ${problem}`, 'Enable it, or name another key: it must be symmetric');
  }
  const before = await left(account, deployment);
  if (before !== null)
    return wrong(
      `the stack encrypts with ${before}, and the settings name it nowhere: messages and dead letters of now could not be read any more`,
      'Name it in deployment.kmsKeysToRead, until the queues are empty and 14 days have passed',
    );
  if (kmsKey === null) return ok(`${toRead(kmsKeysToRead)}what the stack keeps has the keys of AWS`);
  if (kmsKey === MADE) return ok(`${toRead(kmsKeysToRead)}the stack makes its own key, with its policy`);
  const lacks = await missing(account, kmsKey, alarmTopic !== null);
  if (lacks.length === 0) return ok(`${kmsKey} is enabled, and its policy names all that use it`);
  return wrong(
    `the policy of ${kmsKey} lacks ${lacks.join(', ')}`,
    'npx crossfade key-policy prints these statements: add them to the policy of the key',
  );
};

/** The key that the stack has, where the next deployment leaves it behind; null where it does not. */
async function left(account: Account, { name, kmsKey, kmsKeysToRead }: Deployment): Promise<string | null> {
  const outputs = (await account.outputs(name)) ?? {};
  const had = outputs[MADE_KEY] ?? outputs[NAMED_KEY];
  if (had === undefined || kmsKeysToRead.includes(had)) return null;
  const stays = kmsKey === MADE ? outputs[MADE_KEY] === had : kmsKey === had;
  return stays ? null : had;
}

const toRead = (others: readonly string[]) =>
  others.length === 0 ? '' : `${others.length} keys to read with are enabled; `;

function problemOf({ state, usage, spec }: KmsKey): string | null {
  if (state !== 'Enabled') return `is ${state}: nothing can be encrypted or decrypted with it`;
  if (usage !== 'ENCRYPT_DECRYPT' || spec !== 'SYMMETRIC_DEFAULT')
    return `is a key of ${spec} for ${usage}, and only a symmetric one encrypts queues and logs`;
  return null;
}

/** Why CloudWatch cannot publish to a topic that is encrypted with this key; null where nothing speaks against it. @param name ARN, id or alias. */
export async function alarmsKeyProblem(account: Account, name: string): Promise<string | null> {
  const [key, owner] = [await account.key(name), await account.number()];
  if (key === null) return 'which is not there';
  const problem = problemOf(key);
  if (problem !== null) return `which ${problem}`;
  // The policy of a key of another account is told to nobody here.
  if (placeOf(key.arn).account !== owner) return null;
  const lacks = lacking(await account.keyPolicy(key.arn), [alarmStatement(owner)]);
  return lacks.length === 0 ? null : 'whose policy does not let CloudWatch use it';
}

/** Statements that its policy has not, by their names. Conditions that it has beyond ours are taken to hold. */
async function missing(account: Account, arn: string, notifies: boolean): Promise<string[]> {
  const { partition, region } = placeOf(arn);
  const holder = {
    partition,
    region,
    account: await account.number(),
    suffix: suffixOf(partition),
    notifies,
  };
  return lacking(await account.keyPolicy(arn), [...accountStatements(holder), ...serviceStatements(holder)]);
}

function lacking(policy: string, statements: readonly Statement[]): string[] {
  const given = statementsIn(policy);
  return statements
    .filter((wanted) => !wanted.Action.every((action) => given.some((each) => grants(each, wanted, action))))
    .map(({ Sid }) => Sid);
}

const OF_SOME = 'aws:PrincipalArn';
const namesSome = (condition: unknown) => JSON.stringify(condition ?? {}).includes(OF_SOME);

function grants(given: Granted, wanted: Statement, action: string): boolean {
  const { Effect, Principal, Action, Condition } = given;
  if (Effect !== 'Allow' || !listOf(Action).some((each) => covers(each, action))) return false;
  // What some roles may is not what all of them may.
  if (namesSome(Condition) && !namesSome(wanted.Condition)) return false;
  if (typeof Principal === 'string') return Principal === '*';
  if ('Service' in wanted.Principal) return listOf(Principal?.Service).includes(wanted.Principal.Service);
  const root = wanted.Principal.AWS;
  const number = /::(\d{12}):root$/.exec(root)?.[1];
  return listOf(Principal?.AWS).some((each) => ['*', root, number].includes(each));
}

/** IAM's wildcard at the end, which is where key policies have it. */
function covers(pattern: string, action: string): boolean {
  return pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : pattern === action;
}

/** @param names of the secret's keys: ARN, id or alias, as Secrets Manager tells them. */
export async function secretsKey(
  account: Account,
  { name: stack, kmsKey, kmsKeysToRead }: Deployment,
  secret: string,
  names: readonly string[],
): Promise<Found> {
  const own = kmsKey === MADE ? (await account.outputs(stack))?.[MADE_KEY] : kmsKey;
  for (const name of names) {
    const arn = name.includes(':key/') ? name : ((await account.key(name))?.arn ?? name);
    if (arn !== own && !kmsKeysToRead.includes(arn))
      return wrong(
        `${secret} is encrypted with ${arn}, which the functions may not use`,
        `Name ${arn} in deployment.kmsKeysToRead, with a policy that lets this account use kms:Decrypt; or encrypt the secret with aws/secretsmanager`,
      );
  }
  return ok(`${secret} has all that it needs, and a key that the functions may use`);
}
