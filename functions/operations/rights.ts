/** The rights of operators: IAM tells them apart, since each has routes and an alias of the function of its own. */
import type { OperationName } from './request.ts';

/**
 * `read` looks. `run` copies, compares and repeats. `move` decides what gates wait for, and what the flags are. `force` goes on without
 * evidence. `retire` gives up the way back.
 */
export const RIGHTS = ['read', 'run', 'move', 'force', 'retire'] as const;
export type Right = (typeof RIGHTS)[number];

/** The right that an operation needs. One that is left out does not compile. */
export const RIGHT_OF: Readonly<Record<OperationName, Right>> = {
  ...{ about: 'read', status: 'read', doctor: 'read', flags: 'read', audit: 'read', explain: 'read' },
  ...{ verified: 'read', 'dead-letters': 'read', 'at-risk': 'read', space: 'read', hash: 'read' },
  ...{ certified: 'read', certificate: 'read', latencies: 'read' },
  ...{ 'set-aside': 'read', 'set-aside-body': 'read', 'sql-changes': 'read' },
  ...{ preflight: 'run', redrive: 'run' },
  ...{
    set: 'move',
    hold: 'move',
    commit: 'move',
    'preflight-accept': 'move',
    discard: 'move',
    'leave-out': 'move',
  },
  ...{ 'set-aside-decide': 'move', 'sql-changes-decide': 'move', tombstones: 'move' },
  ...{ erase: 'force', force: 'force', 'force-confirm': 'force', 'accept-identity': 'force' },
  ...{ retire: 'retire', 'retire-confirm': 'retire' },
};

export function operationsOf(right: Right): OperationName[] {
  return (Object.keys(RIGHT_OF) as OperationName[]).filter((name) => RIGHT_OF[name] === right);
}

/** The operation needs another right than the one that it was asked for with. Nothing was done. */
export class RightMissing extends Error {
  override readonly name = 'RightMissing';

  /** @param right by which the function was reached; null where by none. */
  constructor(operation: OperationName, right: Right | null) {
    const reached = right === null ? 'without a right' : `by the right ${right}`;
    super(
      `RIGHT_MISSING: ${operation} needs the right ${RIGHT_OF[operation]}, and the function was reached ${reached}. Nothing was done. ` +
        `Call POST /v1/operations/${operation}, spelt exactly so, with credentials that have the policy of that right`,
    );
  }
}

/** Throws `RightMissing`. Whatever is no operation has no right: it is refused elsewhere. */
export function requireRight(operation: string, right: Right | null): void {
  if (!Object.hasOwn(RIGHT_OF, operation)) return;
  const name = operation as OperationName;
  if (RIGHT_OF[name] !== right) throw new RightMissing(name, right);
}

/** @param arn of what was invoked: of an alias that is named after a right. Null for the function itself, and for any other alias or version. */
export function rightIn(arn: string): Right | null {
  const [, , , , , , , qualifier] = arn.split(':');
  return RIGHTS.find((right) => right === qualifier) ?? null;
}
