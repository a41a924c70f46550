/** What is known of the logins into Oracle, in SSM: one parameter for each try with a version of the secret. */
import { setTimeout } from 'node:timers/promises';
import {
  DeleteParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { loginsOf } from '../phases/parameters.ts';
import { type LoginRecord, type LoginState, MOST_TRIES } from '../records/login_record.ts';
import type { OracleLogin } from '../stores/oracle/login.ts';
import { LoginGate } from '../stores/oracle/login_gate.ts';
import type { HeartbeatParts } from './heartbeat.ts';
import { readParameters } from './parameters.ts';

const Description = 'Logins into Oracle with a version of its secret: leave it alone';

/** @param secret reads the login. */
export function gateOver(
  { parameters, prefix, logger, now }: Pick<HeartbeatParts, 'parameters' | 'prefix' | 'logger' | 'now'>,
  secret: () => Promise<OracleLogin>,
): LoginGate {
  const nameOf = (version: string, number: number) =>
    `${loginsOf(prefix)}/${version.replaceAll(/[^\w.-]/g, '-')}/${number}`;
  const put = (version: string, number: number, state: LoginState, Overwrite: boolean) =>
    parameters.send(
      new PutParameterCommand({
        ...{ Name: nameOf(version, number), Value: state, Type: 'String', Description, Overwrite },
      }),
    );
  return new LoginGate({
    secret,
    records: async (version) => {
      const names = Array.from({ length: MOST_TRIES }, (_, n) => nameOf(version, n + 1));
      const found = await readParameters(parameters, names);
      const records = names.map((name) => found.get(name));
      const end = records.indexOf(undefined);
      return records
        .slice(0, end === -1 ? undefined : end)
        .map((each) => ({ state: stateOf(each?.value), at: each?.changed ?? 0 }));
    },
    claim: async (version, number) => {
      try {
        await put(version, number, 'trying', false);
        return true;
      } catch (error) {
        if (error instanceof ParameterAlreadyExists) return false;
        throw error;
      }
    },
    settle: async (version, number, state) => void (await put(version, number, state, true)),
    release: async (version, number) => {
      try {
        await parameters.send(new DeleteParameterCommand({ Name: nameOf(version, number) }));
      } catch (error) {
        if (!(error instanceof ParameterNotFound)) throw error;
      }
    },
    unnoted: (error) =>
      logger.warn('The outcome of a login into Oracle could not be noted in SSM', { cause: String(error) }),
    now,
    steady: () => performance.now(),
    sleep: setTimeout,
  });
}

/** What no function writes counts as a refusal. */
function stateOf(value: string | undefined): LoginRecord['state'] {
  return value === 'accepted' || value === 'trying' ? value : 'refused';
}
