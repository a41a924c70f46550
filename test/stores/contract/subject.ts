/** What the contract is held against here: one store, reached as the protocol reaches it, and what a test can do to it. */
import { randomUUID } from 'node:crypto';
import type { Subject } from '../../../functions/certification/subject.ts';
import type { Loss } from '../reference.ts';

export {
  attempt,
  document,
  get,
  put,
  type Subject,
  versionOf,
} from '../../../functions/certification/subject.ts';

export interface TestSubject extends Subject {
  /** Loses the next mutations or their answers; null for none any more. Absent where nothing can be made to fail. */
  readonly lose?: (loss: Loss) => Promise<void>;
  stop(): Promise<void>;
}

/** Keys without a beginning of their own: a test has the collection to itself. */
export const TEST_KEYS: Pick<Subject, 'newKey' | 'named' | 'random'> = {
  newKey: randomUUID,
  named: (name) => name,
  random: Math.random,
};
