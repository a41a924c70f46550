/** What was set aside, over Oracle; and its restore, over the API's own write path. */
import { lastsAfterLook } from '../configuration/configuration.ts';
import type { DecidePorts } from '../operations/decide_set_aside.ts';
import type { SetAsidePorts } from '../operations/set_aside.ts';
import { payloadOf } from '../protocol/payload.ts';
import type { Precondition } from '../routing/precondition.ts';
import { Router } from '../routing/router.ts';
import { Receipts } from '../stores/receipt.ts';
import type { Container } from './container.ts';
import type { Stores } from './stores.ts';

type Parts = Pick<Container, 'stores' | 'phases' | 'sendReceipt' | 'configuration'>;

/** What was set aside belongs to a table, whatever its collection is called. */
export function setAsidePorts(stores: Stores, collection: string, timely = () => true): SetAsidePorts {
  const { setAside } = stores;
  const { name } = stores.of(collection).table;
  return {
    count: (wanted) => setAside.count(name, wanted),
    list: (wanted, after, most) => setAside.list(name, wanted, after, most),
    body: (id) => setAside.body(name, id),
    timely,
  };
}

/** @param left milliseconds in which calls may begin. */
export function decidePorts(
  { stores, phases, sendReceipt, configuration }: Parts,
  { collection, by, why }: { readonly collection: string; readonly by: string; readonly why: string },
  left: () => number,
): DecidePorts {
  const router = new Router(
    (name) => stores.of(name),
    new Receipts(sendReceipt),
    () => false,
  );
  const { name } = stores.of(collection).table;
  /** As for a request of a client: no call begins so late that it would end after the bake of a move that was made meanwhile. */
  const surroundings = async () => {
    const { phase } = await phases.current(collection);
    const began = performance.now();
    const lasts = lastsAfterLook(configuration.timing);
    return { phase, timely: () => left() > 0 && performance.now() - began < lasts };
  };
  return {
    ...setAsidePorts(stores, collection, () => left() > configuration.timing.call),
    read: async (key) => {
      const answer = await router.read({ collection, key }, await surroundings());
      if (answer.kind === 'found') return { content: answer.document, version: answer.version };
      return answer.kind === 'absent' ? { content: null, version: 0n } : null;
    },
    write: async (key, content, over) => {
      const precondition: Precondition =
        over.content === null
          ? { match: null, noneMatch: 'any' }
          : { match: [over.version], noneMatch: null };
      const verb =
        content === null
          ? ({ verb: 'delete' } as const)
          : ({ verb: 'put', payload: payloadOf(content) } as const);
      const answer = await router.write({ collection, key, ...verb, precondition }, await surroundings());
      if (answer.kind === 'written') return 'done';
      return answer.kind === 'refused' ? 'refused' : 'unknown';
    },
    close: (id, state) => stores.setAside.decide(name, id, { state, at: Date.now(), by, why }),
    now: Date.now,
  };
}
