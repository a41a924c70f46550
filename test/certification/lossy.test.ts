/** Stores and a network that lose calls, and deliver some of them late: a rehearsal finds nothing wrong where nothing is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ports } from '../../functions/certification/check.ts';
import { rehearse, type Size } from '../../functions/certification/rehearsal.ts';
import type { StoreName } from '../../functions/protocol/phase.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { honestPorts } from './honest_ports.ts';

/** Milliseconds. A call that was given up arrives within the time of a call. */
const [CALL, SLOW, LATE] = [40, 6, 30];
/** Of the calls. */
const LOST = 0.03;
const SIZE: Size = {
  ...{ clients: 5, keys: 4, untouched: 4, stay: 40, pause: 4, window: 40 },
  atMost: 60_000,
};

function lossy<Store extends object>(store: Store, name: StoreName): Store {
  const given = (key: string, operation: string, mayHaveApplied: boolean) =>
    new StoreUnavailable(
      { store: name, operation, collection: 'c', key },
      mayHaveApplied,
      new Error('lost on the way'),
    );
  return new Proxy(store, {
    get: (of, verb: string) => {
      const member: unknown = Reflect.get(of, verb);
      if (typeof member !== 'function' || verb === 'require') return member;
      return async (key: string, ...rest: unknown[]) => {
        const call = () => member.call(of, key, ...rest) as Promise<unknown>;
        await sleep(Math.random() * SLOW);
        const lost = Math.random();
        if (lost < LOST / 2) throw given(key, verb, verb !== 'read');
        if (lost < LOST && verb !== 'read') {
          sleep(Math.random() * LATE)
            .then(call)
            .catch(() => {});
          throw given(key, verb, true);
        }
        const reply = await call();
        await sleep(Math.random() * SLOW);
        return reply;
      };
    },
  });
}

test('calls that get lost, or arrive after they were given up, cost requests and nothing else', async () => {
  const once = () => {
    const { couchbase, oracle, ...honest } = honestPorts();
    const ports: Ports = {
      ...{ ...honest, call: CALL },
      couchbase: lossy(couchbase, 'couchbase'),
      oracle: lossy(oracle, 'oracle'),
    };
    return rehearse(ports, SIZE);
  };
  const findings = await Promise.all(Array.from({ length: 4 }, once));
  const sum = (figure: string) => findings.reduce((total, { figures }) => total + Number(figures[figure]), 0);
  assert.ok(findings.every(({ state }) => state === 'passed'));
  assert.ok(sum('unanswered') > 0, 'nothing was lost');
});
