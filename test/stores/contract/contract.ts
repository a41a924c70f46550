/** The contract of a store, and who must keep it: the reference in memory, Couchbase and Oracle. */
import { after, before, describe } from 'node:test';
import { authority } from './authority.ts';
import { documents } from './documents.ts';
import { faults } from './faults.ts';
import { follower } from './follower.ts';
import type { Subject } from './subject.ts';

/** Declares the tests of the contract for one store. */
export function keepsTheContract(name: string, start: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject;
    before(async () => {
      subject = await start();
    });
    after(() => subject.stop());
    const started = () => subject;
    authority(started);
    follower(started);
    documents(started);
    faults(started);
  });
}
