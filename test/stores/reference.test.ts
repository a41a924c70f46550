import { perform } from '../../functions/protocol/call.ts';
import { push } from '../../functions/protocol/carry.ts';
import { portOf } from '../../functions/stores/port.ts';
import { keepsTheContract } from './contract/contract.ts';
import { TEST_KEYS } from './contract/subject.ts';
import { type Loss, Reference } from './reference.ts';

const lose = (reference: Reference) => async (loss: Loss) => {
  reference.loss = loss;
};

keepsTheContract('Couchbase’s half of the reference', async () => {
  const partners = new Reference(Date.now);
  return {
    phase: 'legacy',
    ...TEST_KEYS,
    partners,
    apply: (key, content, version) => perform(push(content, version, true), portOf(key, partners)),
    reversion: async (key) => {
      const { cas, content } = await partners.couchbase.read(key, {});
      return async (version) => (await partners.couchbase.swap(key, { cas, content, version })) !== null;
    },
    keys: (shard, limit) => partners.keys('couchbase', shard, limit),
    lose: lose(partners),
    stop: async () => {},
  };
});

keepsTheContract('Oracle’s half of the reference', async () => {
  const partners = new Reference(Date.now);
  return {
    phase: 'contract',
    ...TEST_KEYS,
    partners,
    apply: (key, content, version) => partners.oracle.apply(key, { content, version }),
    reversion: async (key) => {
      const from = await partners.oracle.read(key, {});
      return (version) => partners.oracle.swap(key, { from, to: { ...from, version } });
    },
    keys: (shard, limit) => partners.keys('oracle', shard, limit),
    lose: lose(partners),
    stop: async () => {},
  };
});
