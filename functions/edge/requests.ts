/** The last request of a collection that a second operator has to confirm, in SSM Parameter Store: it is needed where Oracle is away, above all. */
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Desk } from '../operations/four_eyes.ts';
import { askedOf } from '../phases/parameters.ts';
import { readParameters } from './parameters.ts';

/** @param prefix what all names begin with. */
export function deskIn(client: SSMClient, prefix: string, collection: string): Desk {
  const Name = askedOf(prefix, collection);
  return {
    keep: async (Value) => {
      const Description = 'What an operator asks for and another one has to confirm: leave it alone';
      const put = { Name, Value, Description, Type: 'String', Overwrite: true } as const;
      const { Version } = await client.send(new PutParameterCommand(put));
      if (Version === undefined) throw new Error(`SSM tells no version of ${Name}: ask again`);
      return Version;
    },
    kept: async () => {
      const stored = (await readParameters(client, [Name])).get(Name);
      if (stored === undefined) return null;
      const { value: text, version: number, changed: at, now } = stored;
      if (now === null)
        throw new Error(`SSM's answer about ${Name} has no Date: whether it has expired cannot be told`);
      return { text, number, at, now };
    },
  };
}
