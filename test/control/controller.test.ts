/** The controller over ports in memory: which moves it makes, which it only tells of, and what it writes in which order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MoveRefused } from '../../functions/control/move_refused.ts';
import { markIn } from '../../functions/phases/forced_mark.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { BAKE, Desk, HOUR, REQUEST } from './desk.ts';
import { collection, compared, evidence, runsFor } from './given.ts';

test('a collection for which all holds makes one step: what the stores are is remembered, then the claim, then the phase', async () => {
  const desk = new Desk({ orders: 'seal' });
  desk.wishes.set('orders', 'contract');
  const [stepped = assert.fail()] = await desk.step();
  assert.deepEqual(desk.acts, ['remember', 'claim', 'write']);
  const { moved, start, decision } = stepped;
  assert.deepEqual(
    [decision.kind, moved?.from, moved?.to, moved?.by],
    ['move', 'seal', 'switch', 'controller'],
  );
  assert.deepEqual([start, desk.phase().phase], [[], 'switch']);
  assert.deepEqual(desk.remembered, [moved]);
  assert.deepEqual(JSON.parse((await desk.register('orders').claimed(1))?.text ?? ''), moved);
  // The claim says what was measured, and names the runs that the move stops.
  assert.match(moved?.why ?? '', /^bake: it is over; .*; runs under way: verify r1 of expand/);
});

test('one that waits is not moved, and says which run would help', async () => {
  const desk = new Desk({ orders: 'seal' });
  desk.wishes.set('orders', 'contract');
  desk.evidence.set('orders', evidence());
  const [{ decision, moved, start, age } = assert.fail()] = await desk.step();
  assert.deepEqual([decision.kind, moved, age], ['wait', null, 1000]);
  const input = { collection: 'orders', mode: 'version', ifPossible: true };
  assert.deepEqual(start, [{ job: 'verify', input }]);
  assert.deepEqual(desk.acts, []);
});

test('a move that is free asks no store for anything, and names no runs', async () => {
  const desk = new Desk({ orders: 'contract' });
  desk.wishes.set('orders', 'settle');
  const [{ moved } = assert.fail()] = await desk.step();
  assert.deepEqual([moved?.to, moved?.why, desk.gathered], ['settle', 'bake: it is over', []]);
});

test('a collection that is where it is wished asks no store, unless a forced move of it is not healed', async () => {
  const desk = new Desk({ orders: 'expand' });
  const [{ decision, forced } = assert.fail()] = await desk.step();
  assert.deepEqual([decision.kind, forced, desk.gathered], ['arrived', 0, []]);
  const marked = await skipped('settle');
  const [stepped = assert.fail()] = await marked.step();
  assert.deepEqual([stepped.decision.kind, stepped.forced, marked.gathered], ['arrived', 1, ['orders']]);
});

test('a collection that fails keeps no other from its move, and is told of', async () => {
  const desk = new Desk({ first: 'seal', second: 'seal', third: 'seal' });
  for (const name of desk.wishes.keys()) desk.wishes.set(name, 'contract');
  desk.evidence.set('first', new Error('broken'));
  desk.wishes.set('second', 'unreadable');
  const stepped = await desk.step();
  assert.deepEqual(desk.failures, ['first: broken']);
  assert.deepEqual(
    stepped.map(({ collection: name, decision, moved }) => [name, decision.kind, moved?.to]),
    [
      ['second', 'refused', undefined],
      ['third', 'move', 'switch'],
    ],
  );
  assert.deepEqual([desk.phase('first').phase, desk.phase('third').phase], ['seal', 'switch']);
});

test('of two controllers one makes the move: the other publishes what was claimed, and counts no move', async () => {
  const desk = new Desk({ orders: 'seal' });
  desk.wishes.set('orders', 'contract');
  desk.rival = JSON.stringify({ from: 'seal', to: 'expand', by: 'somebody', at: 1, why: '' });
  const [{ moved, decision } = assert.fail()] = await desk.step();
  assert.deepEqual([decision.kind, moved, desk.phase().phase], ['move', null, 'expand']);
  const force = desk.control.force('orders', 'me', 'for a test', async () => {});
  await assert.rejects(force, MoveRefused);
});

test('a look tells the whole of what a move waits for while its bake lasts, and writes nothing', async () => {
  const desk = new Desk({ orders: 'seal', items: 'seal' });
  desk.wishes.set('orders', 'contract');
  desk.wishes.set('items', 'unreadable');
  desk.now = 1000;
  const [orders = assert.fail(), items = assert.fail()] = await desk.control.look(desk.ports);
  const names = 'conditions' in orders.decision ? orders.decision.conditions.map(({ name }) => name) : [];
  assert.deepEqual([orders.decision.kind, names.at(0), names.at(-1)], ['wait', 'bake', 'runs under way']);
  assert.ok(names.includes('verification of orders by version'), names.join());
  assert.deepEqual([items.wish, items.decision.kind], [null, 'refused']);
  assert.deepEqual(desk.acts, []);
  const wishes = await desk.control.wishes();
  assert.deepEqual(
    wishes.map(({ wish }) => wish === null),
    [false, true],
  );
});

test('runs that nobody can name hold up no move', async () => {
  const desk = new Desk({ orders: 'seal' });
  desk.wishes.set('orders', 'contract');
  const ports = { ...desk.ports, underWay: () => Promise.reject(new Error('away')) };
  const [stepped] = await desk.control.step(ports, () => assert.fail());
  assert.equal(stepped?.moved?.to, 'switch');
});

/** On its way to `contract`, with a move that was forced an hour ago and not healed. */
async function skipped(from: Phase = 'seal'): Promise<Desk> {
  const desk = new Desk({ orders: from });
  desk.wishes.set('orders', 'contract');
  desk.evidence.set('orders', { missing: 'oracle does not answer' });
  await desk.control.force('orders', 'me', 'for a test', async () => {
    desk.acts.push('told');
  });
  desk.now += HOUR;
  return desk;
}

test('a forced move skips its gate but no bake, tells of itself before it writes, and is carried until it is healed', async () => {
  const desk = await skipped();
  assert.deepEqual(desk.acts, ['told', 'remember', 'claim', 'write']);
  const mark = { from: 'seal', to: 'switch', at: 1_000_000, claim: 1 };
  assert.deepEqual([desk.phase().phase, desk.phase().forced], ['switch', [mark]]);
  const young = desk.now - HOUR;
  [desk.acts.length, desk.now] = [0, young + 10_000];
  const early = desk.control.force('orders', 'me', 'again', async () => desk.acts.push('told'));
  await assert.rejects(early, { name: 'MoveRefused', message: /^No force makes a bake shorter/ });
  assert.deepEqual(desk.acts, []);
  desk.now = young + HOUR;
  const [seen] = await desk.control.look(desk.ports);
  assert.deepEqual(seen?.forced, [{ ...mark, by: 'me', why: 'for a test' }]);
  assert.match(seen?.heals ?? '', /verify start orders --repair/);
  const healed = { ...runsFor('switch'), verification: compared('switch', young + 200_000) };
  desk.evidence.set('orders', evidence({ collection: collection(healed) }));
  const [{ moved, forced } = assert.fail()] = await desk.step();
  assert.deepEqual([moved?.to, forced, markIn(moved?.by ?? '')], ['settle', 0, []]);
});

test('a free move that is forced leaves no mark, and one that is not wished is refused', async () => {
  const desk = new Desk({ orders: 'expand' });
  const [name, reason] = [`${'m'.repeat(300)}/ann`, 'r'.repeat(5000)];
  const force = () => desk.control.force('orders', name, reason, async () => {});
  await assert.rejects(force(), { name: 'MoveRefused', message: /there is nothing to force/ });
  desk.wishes.set('orders', 'legacy');
  const { by, why } = await force();
  // The claim has no room for either; who it is stands at the end of a name. The reason is entered whole.
  assert.deepEqual([by, desk.phase().forced], [`...${name.slice(-247)}`, undefined]);
  assert.equal(why, `forced: ${reason}`);
  const claim = (await desk.register('orders').claimed(1))?.text ?? '';
  assert.ok(Buffer.byteLength(claim) <= 4096 && claim.length > 4000);
  assert.equal(JSON.parse(claim).by, by);
});

test('retire tells what is missing, does nothing where nobody confirms, and refuses while anything is', async () => {
  const desk = new Desk({ orders: 'contract' });
  const done = { by: 'me', why: 'it is over' };
  const told = await desk.control.retire('orders', null);
  assert.ok(told.conditions.every(({ holds }) => holds));
  desk.remains = { deadLetters: 2, runs: ['verify'], conflicts: 0 };
  await assert.rejects(desk.control.retire('orders', done), {
    name: 'MoveRefused',
    message: 'dead letters: 2: redrive or discard them; runs: verify: abandon what is unfinished',
  });
  assert.deepEqual([told.moved, desk.acts], [null, []]);
  desk.remains = { deadLetters: 0, runs: [], conflicts: 0 };
  const { moved } = await desk.control.retire('orders', done);
  assert.deepEqual([moved?.retired, desk.phase().retired], [true, true]);
  assert.equal((await desk.control.retire('orders', done)).moved, null, 'a second time');
  desk.wishes.set('orders', 'expand');
  desk.now += HOUR;
  assert.equal((await desk.step())[0]?.decision.kind, 'refused');
});

test('retire refuses where somebody else has made a move at the same time', async () => {
  const desk = new Desk({ orders: 'contract' });
  desk.rival = JSON.stringify({ from: 'contract', to: 'settle', by: 'controller', at: 1, why: '' });
  await assert.rejects(desk.control.retire('orders', { by: 'me', why: 'over' }), {
    message: 'Somebody else has made a move at the same time. Look again',
  });
  assert.equal(desk.phase().phase, 'settle');
});

test('a move is entered in the audit log; where that cannot be written, it is told and nothing fails', async () => {
  const desk = new Desk({ orders: 'seal' });
  const move = { from: 'seal', to: 'switch', by: 'controller', at: 1, why: 'bake: it is over' } as const;
  await desk.control.audited('orders', move, 'controller', desk.ports);
  assert.deepEqual(desk.audit, ['controller: orders: phase seal to switch: bake: it is over']);
  desk.audit = null;
  await desk.control.audited('orders', move, 'controller', desk.ports);
  assert.deepEqual(desk.unaudited.map(String), ['Error: Oracle is away']);
});

test('the phase as it is published is read without any evidence', async () => {
  const desk = new Desk({ orders: 'settle' });
  assert.equal((await desk.control.effective('orders')).phase, 'settle');
  assert.deepEqual(desk.gathered, []);
});

test('a phase is as old as the register says, and while its bake lasts no step asks a store', async () => {
  const desk = await skipped();
  const [{ age } = assert.fail()] = await desk.step();
  // Reads of before the move are answered for the time of a request.
  assert.equal(age, (HOUR - REQUEST) / 1000);
  const young = new Desk({ orders: 'seal' });
  young.wishes.set('orders', 'contract');
  young.now = BAKE - 1;
  const [{ decision, start } = assert.fail()] = await young.step();
  assert.deepEqual([decision.kind, start, young.gathered], ['wait', [], []]);
});

test('a message in work delays a verification until the queue has delivered it again', async () => {
  const desk = new Desk({ orders: 'seal' });
  desk.wishes.set('orders', 'contract');
  const receipts = { delayed: 0, due: 0, hidden: 1, waiting: 0, since: null };
  desk.evidence.set('orders', evidence({ receipts }));
  const jobs = async (now: number) => {
    desk.now = now;
    return (await desk.step())[0]?.start.map(({ job }) => job);
  };
  const delivered = 2 * BAKE + 6 * REQUEST;
  assert.deepEqual([await jobs(delivered - 1), await jobs(delivered)], [[], ['verify']]);
});

test('a move that was asked for is made as it was asked for or not at all: after another move, or with other flags, it is another one', async () => {
  const desk = new Desk({ orders: 'seal' });
  desk.wishes.set('orders', 'contract');
  const asked = await desk.control.forceable('orders');
  assert.deepEqual(asked, { from: 'seal', to: 'switch', version: 1 });
  const force = () => desk.control.force('orders', 'me', 'asked', async () => desk.acts.push('told'), asked);
  const outdated = { name: 'MoveRefused', message: /^REQUEST_OUTDATED: .*Nothing was done/ };
  desk.wishes.set('orders', 'legacy');
  await assert.rejects(force(), outdated);
  assert.deepEqual(desk.acts, []);
  desk.wishes.set('orders', 'contract');
  assert.equal((await force()).to, 'switch');
  // In its bake, and after it.
  await assert.rejects(force(), outdated);
  desk.now += HOUR;
  await assert.rejects(force(), outdated);
  const over = new Desk({ orders: 'contract' });
  const { planned } = await over.control.retire('orders', null);
  const retire = (version: number) =>
    over.control.retire('orders', {
      by: 'me',
      why: 'asked',
      asked: { ...planned, from: 'contract', to: 'contract', version },
    });
  await assert.rejects(retire(9), outdated);
  assert.equal((await retire(planned?.version ?? 0)).moved?.retired, true);
});
