/** What operators have said of the moves of one collection, in SSM Parameter Store. Functions make these parameters, as they make claims of moves. */
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { WriteHold } from '../operations/hold.ts';
import { holdOf } from '../phases/parameters.ts';

/** @param prefix what all names begin with. */
export function holdWriter(client: SSMClient, prefix: string, collection: string): WriteHold {
  const Name = holdOf(prefix, collection);
  return async (text) => {
    const Description = 'Which moves wait for a commit: npx crossfade hold and commit write it';
    const put = { Name, Value: text, Description, Type: 'String', Overwrite: true } as const;
    const { Version } = await client.send(new PutParameterCommand(put));
    if (Version === undefined) throw new Error(`SSM tells no version of ${Name}: give the command again`);
    return Version;
  };
}
