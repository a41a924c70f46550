/** What the guard reaches: SSM, CloudWatch and the audit log. */
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { bake } from '../configuration/configuration.ts';
import { guarded } from '../control/guarded.ts';
import type { ControllerPorts } from '../control/ports.ts';
import type { AskedLatencies, GuardPorts } from '../operations/guard.ts';
import type { NoticePorts } from '../operations/notices.ts';
import { parameterText } from '../parsing/parameter_text.ts';
import { FLAGS, flagOf, guardOf } from '../phases/parameters.ts';
import type { Container } from './container.ts';
import { latencyReader } from './metric_data.ts';
import type { PacedWrites } from './paced_writes.ts';

/** What a container keeps from one look to the next. */
export interface GuardKept {
  /** Those of the controller. */
  readonly writes: PacedWrites;
  readonly asked: AskedLatencies;
  readonly controls: ControllerPorts;
}

export function guardPorts(
  { parameters, configuration }: Pick<Container, 'parameters' | 'configuration'>,
  prefix: string,
  { writes, asked, controls }: GuardKept,
  round: Pick<GuardPorts, 'timely' | 'audit'> & NoticePorts,
): GuardPorts {
  const put = async (Name: string, Value: string, Description?: string): Promise<number> => {
    const input = { Name, Value: parameterText(Value), Type: 'String', Overwrite: true } as const;
    const described = Description === undefined ? input : { ...input, Description };
    const { Version } = await writes.send(() => parameters.send(new PutParameterCommand(described)));
    return Version ?? 0;
  };
  const { deployment, publish, count, warn, timely, audit } = round;
  return {
    ...{ deployment, publish, count, warn, timely, audit, asked, settings: configuration.guard },
    ...{ collections: controls.collections, bake: bake(configuration.timing) },
    longest: configuration.timing.request,
    guarded: (collections) => guarded(controls, collections),
    read: latencyReader(parameters, process.env.AWS_ENDPOINT_URL ?? null),
    keep: async (collection, note) => {
      const description = 'What the guard has found of the phase: leave it alone';
      await put(guardOf(prefix, collection), JSON.stringify(note), description);
    },
    setFlags: async (collection, changes) => {
      const versions = new Map<string, number>();
      for (const { flag, value } of changes)
        versions.set(flag, await put(flagOf(prefix, collection, flag), value));
      return FLAGS.map((flag) => versions.get(flag) ?? 0);
    },
  };
}
