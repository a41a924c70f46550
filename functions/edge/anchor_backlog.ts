/** Hashes of the audit log that CloudWatch Logs has not taken: parameters of SSM, which no login of a database reaches, until the controller has sent them. */
import {
  DeleteParametersCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { anchorsOf } from '../phases/parameters.ts';
import { type Anchor, anchorIn } from '../records/anchors.ts';

/** Parameters of one answer, and of one request to delete. (SSM API reference, "GetParametersByPath" and "DeleteParameters".) */
const PAGE = 10;
/** Answers that one look reads at most: a later look reads the rest. */
const PAGES = 5;

const Description = 'A hash of the audit log that CloudWatch Logs has not taken yet: leave it alone';

export interface Waiting {
  readonly name: string;
  /** With the time since which it waits; null where the text is no anchor. */
  readonly anchor: Anchor | null;
}

export interface AnchorBacklog {
  /** Rejects where it was not taken, or nobody can tell. */
  put(anchor: Anchor): Promise<void>;
  /** Some of those that wait. */
  some(): Promise<readonly Waiting[]>;
  remove(names: readonly string[]): Promise<void>;
}

/** @param client whose calls end in time. @param prefix what the names of all parameters begin with. */
export function backlogIn(client: SSMClient, prefix: string): AnchorBacklog {
  const path = anchorsOf(prefix);
  return {
    put: async (anchor) => {
      // One name for each event of an act: the controller may be removing what was begun while it is entered.
      const Name = `${path}/${anchor.event}-${anchor.id}`;
      const put = { Name, Value: JSON.stringify(anchor), Description, Type: 'String' } as const;
      await client.send(new PutParameterCommand({ ...put, Overwrite: true }));
    },
    some: async () => {
      const waiting: Waiting[] = [];
      let NextToken: string | undefined;
      for (let page = 0; page < PAGES && (page === 0 || NextToken !== undefined); page++) {
        const asked = { Path: path, MaxResults: PAGE, ...(NextToken === undefined ? {} : { NextToken }) };
        const answered = await client.send(new GetParametersByPathCommand(asked));
        NextToken = answered.NextToken;
        for (const { Name = '', Value = '', LastModifiedDate } of answered.Parameters ?? []) {
          const anchor = anchorIn(Value);
          const since = LastModifiedDate === undefined ? {} : { since: LastModifiedDate.getTime() };
          waiting.push({ name: Name, anchor: anchor && { ...anchor, ...since } });
        }
      }
      return waiting;
    },
    remove: async (names) => {
      for (let n = 0; n < names.length; n += PAGE)
        await client.send(new DeleteParametersCommand({ Names: names.slice(n, n + PAGE) }));
    },
  };
}
