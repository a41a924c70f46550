/** Phases and flags that cannot be read or obeyed, and moves that do not come. */
import assert from 'node:assert/strict';
import { GetParameterHistoryCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';

const REFUSED: Row = {
  table: 'alarms',
  signs: ['Controller…Failed'],
  happened: 'the flags ask for nothing that could be, or the controller could not look: SSM is away',
  advice:
    '`npx crossfade status` says which flag to change, and `npx crossfade set …` changes it; the service goes on as it was',
};

const FLAG: Row = {
  table: 'messages',
  signs: ['… is …: set it to …'],
  advice: 'a flag holds something else than it can: `npx crossfade set …` puts it right',
};

const UNREAD: Row = {
  table: 'alarms',
  signs: ['PhaseUnread', 'LeaseRefusals'],
  happened:
    'SSM does not answer, or the parameter `phase` holds nothing that can be obeyed. Past the lease requests are answered 503 `phase-unknown`',
  advice:
    'the log of the Api function says which. SSM: wait, nothing is lost. The parameter: put back its last good value, from its history (`aws ssm ' +
    'get-parameter-history`), without its `since` changed',
};

const UNREAD_MESSAGE: Row = {
  table: 'messages',
  signs: ['The phase of … could not be read for … ms'],
  advice: 'SSM was away, or the parameter holds nonsense: its history has the last good value',
};

const BY_HAND: Row = {
  table: 'messages',
  signs: ['cannot be obeyed'],
  advice: 'somebody has written `phase` by hand: put back its last value',
};

const STUCK: Row = {
  table: 'alarms',
  signs: ['Controller…Stuck'],
  happened: 'hours in `seal` or `switch`',
  advice:
    '`npx crossfade status` tells what it waits for; or set the flags back: `npx crossfade set expand` from `seal`; from `switch` ' +
    'the same with `settle`',
};

const SILENT: Row = {
  table: 'alarms',
  signs: ['Controller…Silent'],
  happened:
    'no look of the controller has come to its end for a quarter of an hour: no move is made, and its other alarms cannot go off. The service goes on as it was. A new stack may say so until the first look',
  advice:
    'is the rule `Controller…Again` enabled, do the executions of the machine `Controller…` end well, and what does the log of Control say? `npx crossfade status` tells which store is away. Nothing is lost meanwhile',
};

const BAKING: Row = {
  table: 'messages',
  signs: ['No force makes a bake shorter'],
  advice: 'wait: whoever acted on the phase before may still do so. `npx crossfade status` tells how long',
};

const PHASE = '/crossfade/collections/cities/phase';
/** As the pattern of the parameter allows it, and the phase does not. */
const NONSENSE = '{"phase":"contract","since":0,"by":"somebody","why":"it was urgent"}';

/** As `aws ssm get-parameter-history` and `aws ssm put-parameter --overwrite`. */
async function putBack(field: Field): Promise<void> {
  const ssm = new SSMClient(field.aws);
  const { Parameters = [] } = await ssm.send(new GetParameterHistoryCommand({ Name: PHASE }));
  const Value = Parameters.map((each) => each.Value ?? '').findLast((text) => text !== NONSENSE) ?? '';
  await ssm.send(new PutParameterCommand({ Name: PHASE, Value, Overwrite: true }));
  ssm.destroy();
}

export const PHASES: readonly Day[] = [
  {
    name: 'flags-refused',
    row: REFUSED,
    provoke: async (field) => {
      field.put('/crossfade/reads', 'oracle');
      field.put('/crossfade/oracle-writes', 'false');
      // A read that comes at once may still find the flags of before: a schedule looks again each minute, and nothing does here.
      const refuses = () => field.said('reads is oracle but oracle-writes is false');
      await field.until('no look refuses the flags', refuses, Boolean);
      await field.look();
    },
    expect: async (field) => {
      const { output, code } = await field.crossfade('status');
      assert.deepEqual(
        [code, /REFUSED {2}reads is oracle but oracle-writes is false/.test(output)],
        [1, true],
        output,
      );
    },
    remedy: async (field) => {
      await field.succeed('set', 'expand');
    },
    healed: async (field) => {
      await field.succeed('status');
    },
  },
  {
    name: 'controller-silent',
    row: SILENT,
    provoke: (field) => field.holdController(true),
    expect: async (field) => {
      await field.crossfade('status');
      field.noteFailures();
    },
    remedy: (field) => field.holdController(false),
    healed: async (field) => field.noneFailed(),
  },
  {
    name: 'flag-with-nonsense',
    row: FLAG,
    provoke: async (field) => {
      const put = { Name: '/crossfade/reads', Value: 'both', AllowedPattern: '.*', Overwrite: true };
      field.stack.parameters.call('PutParameter', put, 'test');
    },
    expect: async (field) => {
      const { output } = await field.crossfade('status');
      assert.match(output, /REFUSED {2}\/crossfade\/reads is "both": set it to couchbase or oracle/);
    },
    remedy: async (field) => {
      await field.succeed('set', 'reads', 'couchbase');
    },
    healed: async (field) => {
      await field.succeed('status');
    },
  },
  {
    name: 'phase-by-hand',
    row: UNREAD,
    provoke: async (field) => field.put(PHASE, NONSENSE),
    expect: async (field) => {
      const { error, code } = await field.crossfade('status');
      assert.deepEqual([code, /cannot be obeyed/.test(error)], [2, true], error);
    },
    remedy: putBack,
  },
  {
    name: 'phase-by-hand-message',
    row: BY_HAND,
    provoke: async (field) => field.put(PHASE, NONSENSE),
    expect: async (field) => {
      await field.until('nothing says so', () => field.said('cannot be obeyed'), Boolean);
    },
    remedy: putBack,
  },
  {
    name: 'ssm-away',
    row: UNREAD,
    provoke: async ({ stack }) => {
      stack.parameters.isAway = true;
    },
    remedy: async ({ stack }) => {
      stack.parameters.isAway = false;
    },
  },
  {
    name: 'ssm-away-message',
    row: UNREAD_MESSAGE,
    provoke: async ({ stack }) => {
      stack.parameters.isAway = true;
    },
    expect: async (field) => {
      await field.until('nothing says so', () => field.said('could not be read for 1000 ms'), Boolean);
    },
    remedy: async ({ stack }) => {
      stack.parameters.isAway = false;
    },
  },
  {
    name: 'force-in-a-bake',
    row: BAKING,
    provoke: async (field) => {
      await field.place('expand', 0, 'settle');
    },
    expect: async (field) => {
      const { error, code } = await field.crossfade('force', 'cities', '--why', 'in a hurry', '--confirm');
      assert.deepEqual([code, /No force makes a bake shorter: \d+ s are left/.test(error)], [2, true], error);
    },
    remedy: async (field) => {
      await field.until(
        'the bake is not over',
        () => field.crossfade('status', 'cities'),
        ({ output }) => output.includes('bake: it is over'),
      );
      await field.succeed('set', 'expand');
    },
  },
  {
    name: 'hours-in-seal',
    row: STUCK,
    provoke: async (field) => {
      const unfit = { collection: 'cities', key: 'unfit/sealed' };
      assert.equal((await field.app.put(unfit, '{"name":"a","country":"too long"}')).status, 204);
      await field.until(
        'no letter is written',
        () => field.statusOf('cities'),
        ({ evidence }) => 'deadLetters' in evidence && evidence.deadLetters > 0,
      );
      await field.crowd.stop();
      await field.settled();
      await field.place('seal', 7 * 3_600_000, 'settle', ['cities']);
      await field.obeyed('seal', ['cities']);
      field.crowd.start();
    },
    expect: async (field) => {
      assert.match(
        await field.succeed('status', 'cities'),
        /WAITS {2}dead letters: 1: mend, then redrive or discard/,
      );
    },
    remedy: async (field) => {
      await field.succeed('set', 'expand');
    },
    healed: async (field) => {
      await field.until(
        'it does not come to expand',
        () => field.statusOf('cities'),
        ({ effective }) => effective.phase === 'expand',
      );
      const place = { collection: 'cities', key: 'unfit/sealed' };
      await field.until(
        'it cannot be mended',
        () => field.app.put(place, '{"name":"a"}'),
        ({ status }) => status === 204,
      );
      await field.succeed('dead-letters', 'redrive', '--why', 'mended');
    },
  },
];
