/** Oracle with its heartbeat and its ledger of identities, and SSM, in memory. */
import { type HeartbeatPorts, OracleHeartbeat } from '../../functions/identity/heartbeat.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { type Heartbeat, type Reported, UNREADABLE } from '../../functions/records/heartbeat.ts';
import { type Marks, rowOf } from '../../functions/records/marks.ts';

/** SSM has all values that it has had. */
export class World {
  oracle = { beat: null as Heartbeat | null, ledger: new Map<string, Marks>() };
  ssm: Reported[] = [];
  /** Whether the table is not there. */
  isUnreadable = false;
  phase: Phase = 'expand';
  time = 0;
  readonly unread: unknown[] = [];
  readonly unnoted: unknown[] = [];

  ports(over: Partial<HeartbeatPorts> = {}): HeartbeatPorts {
    return {
      reported: async () => this.ssm.at(-1) ?? null,
      report: async (number) => void this.ssm.push({ number, at: this.time }),
      read: async () => (this.isUnreadable ? UNREADABLE : this.oracle.beat),
      write: async (before, after) => {
        const { beat } = this.oracle;
        if (before?.number !== beat?.number || before?.history !== beat?.history) return false;
        this.oracle = { ...this.oracle, beat: after };
        return true;
      },
      collections: ['orders'],
      phase: async () => this.phase,
      remembered: async () => new Map(this.oracle.ledger),
      remember: async (collection, marks, instead) => {
        const row = rowOf(collection, 'oracle');
        const ledger = new Map(this.oracle.ledger);
        if (JSON.stringify(ledger.get(row) ?? null) === JSON.stringify(instead)) ledger.set(row, marks);
        this.oracle = { ...this.oracle, ledger };
      },
      unread: (error) => this.unread.push(error),
      unnoted: (error) => this.unnoted.push(error),
      now: () => this.time,
      ...over,
    };
  }

  /** A container of any function. */
  container(over: Partial<HeartbeatPorts> = {}): OracleHeartbeat {
    return new OracleHeartbeat(this.ports(over));
  }

  /** As a look of the controller does it. */
  async look(container = this.container()): Promise<void> {
    this.time += 60_000;
    const checked = await container.check(() => {});
    if (checked !== null) await container.raise(checked);
  }
}

export async function looked(times: number): Promise<World> {
  const world = new World();
  for (let n = 0; n < times; n++) await world.look();
  return world;
}
