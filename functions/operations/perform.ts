/** The operations, by their names: what is done for each of them, and over what. */
import type { Controller } from '../control/controller.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { AcceptPorts } from '../identity/accept.ts';
import type { About } from './about.ts';
import { accept } from './accept.ts';
import { type AcceptLargePorts, acceptLarge } from './accept_large.ts';
import { auditLog } from './audit_log.ts';
import { type AuditPorts, type Caller, callerWith } from './caller.ts';
import { type CertificationPorts, certified, report } from './certification.ts';
import { closeLetters, type LetterPorts, listLetters } from './dead_letters.ts';
import { type DecidePorts, enterAndDecide } from './decide_set_aside.ts';
import { type ErasePorts, erase } from './erase.ts';
import { type ExplainPorts, explain } from './explain.ts';
import { flagsSet } from './flags_set.ts';
import { confirmForce, type ForcePorts, force, pageAtRisk } from './force.ts';
import { commit, type HoldPorts, hold } from './hold.ts';
import { type LatencyPorts, latencies } from './latencies.ts';
import { leaveOut } from './leave_out.ts';
import { type OverviewPorts, overview } from './overview.ts';
import { type PreflightPorts, preflight } from './preflight.ts';
import type { Operation, OperationName, OperationOf } from './request.ts';
import { confirmRetire, type RetirePorts, retire } from './retire.ts';
import { type SetAsidePorts, setAsidePage, setAsidePiece } from './set_aside.ts';
import { type SpacePorts, space } from './space.ts';
import {
  type DecideSqlPorts,
  enterAndDecideSql,
  type SqlChangePorts,
  sqlChangesPage,
} from './sql_changes.ts';
import { tombstones } from './tombstones.ts';
import { type VerifiedPorts, verifiedUpTo } from './verified.ts';

/** What operations reach. Ports that are about one collection are made for it. */
export interface OperationPorts extends ForcePorts, RetirePorts, HoldPorts {
  readonly control: Pick<Controller, 'wishes' | 'retire' | 'force' | 'forceable' | 'audited' | 'committable'>;
  readonly audit: AuditPorts;
  readonly letters: LetterPorts;
  readonly overview: OverviewPorts;
  readonly latencies: LatencyPorts;
  about(): About;
  /** What logs have instead of a key; null where they have keys as they are. */
  keyHash(key: string): Promise<string | null>;
  /** @param sessions that all functions may open in Oracle together; null where it is not known. */
  diagnose(sessions: number | null): Promise<Diagnosis>;
  readonly certification: CertificationPorts;
  explain(collection: string): ExplainPorts;
  preflight(collection: string): PreflightPorts;
  acceptLarge(collection: string): AcceptLargePorts;
  verified(collection: string): VerifiedPorts;
  space(collection: string): SpacePorts;
  erase(collection: string): ErasePorts;
  setAside(collection: string): SetAsidePorts;
  /** @param by who decides. */
  decide(collection: string, by: string, why: string): DecidePorts;
  sqlChanges(collection: string): SqlChangePorts;
  decideSql(collection: string): DecideSqlPorts;
  accept(collection: string): Omit<AcceptPorts, 'audit'>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The same by SSM's clock, which entries of the audit log are dated by. Never rejects. */
  time(): Promise<number>;
}

/** An operation of which there is none does not compile. */
export type Handlers = {
  readonly [Name in OperationName]: (
    operation: OperationOf<Name>,
    caller: Caller,
    ports: OperationPorts,
  ) => Promise<unknown>;
};

export const HANDLERS: Handlers = {
  explain: ({ collection, key }, _, ports) => explain(key, ports.explain(collection)),
  preflight: (operation, _, ports) => preflight(operation, ports.preflight(operation.collection)),
  'preflight-accept': (operation, caller, ports) =>
    acceptLarge(operation, caller, ports.acceptLarge(operation.collection)),
  verified: ({ collection }, _, ports) => verifiedUpTo(ports.verified(collection)),
  'dead-letters': (wanted, _, ports) => listLetters(wanted, ports.letters),
  redrive: (operation, caller, ports) => closeLetters(operation, caller, ports.letters),
  discard: (operation, caller, ports) => closeLetters(operation, caller, ports.letters),
  'leave-out': (operation, caller, ports) => leaveOut(operation, caller, ports.letters),
  'set-aside': (operation, _, ports) => setAsidePage(operation, ports.setAside(operation.collection)),
  'set-aside-body': ({ collection, id, from }, _, ports) =>
    setAsidePiece(id, from, ports.setAside(collection)),
  'set-aside-decide': (operation, caller, ports) =>
    enterAndDecide(operation, caller, ports.decide(operation.collection, caller.actor, operation.why)),
  'sql-changes': (operation, _, ports) => sqlChangesPage(operation, ports.sqlChanges(operation.collection)),
  'sql-changes-decide': (operation, caller, ports) =>
    enterAndDecideSql(operation, caller, ports.decideSql(operation.collection)),
  about: async (_operation, _caller, ports) => ports.about(),
  status: (_operation, _caller, ports) => overview(ports.overview),
  latencies: ({ collections }, _, ports) => latencies(collections, ports.latencies),
  doctor: ({ sessions }, _, ports) => ports.diagnose(sessions),
  certified: (_operation, _caller, ports) => certified(ports.certification),
  certificate: ({ run }, _, ports) => report(run, ports.certification),
  flags: (_operation, _caller, ports) => ports.control.wishes(),
  force: (operation, caller, ports) => force(operation, caller, ports),
  'force-confirm': (operation, caller, ports) => confirmForce(operation, caller, ports),
  'at-risk': (operation, _, ports) => pageAtRisk(operation, ports),
  retire: (operation, caller, ports) => retire(operation, caller, ports),
  'retire-confirm': (operation, caller, ports) => confirmRetire(operation, caller, ports),
  erase: (operation, caller, ports) => erase(operation, caller, ports.erase(operation.collection)),
  hash: async ({ key }, _, ports) => ({ hash: await ports.keyHash(key) }),
  space: ({ collection }, _, ports) => space(ports.space(collection)),
  tombstones: (operation, caller, ports) => tombstones(operation, caller, ports),
  'accept-identity': (operation, caller, ports) =>
    accept(operation, caller, ports.accept(operation.collection)),
  hold: (operation, caller, ports) => hold(operation, caller, ports),
  commit: (operation, caller, ports) => commit(operation, caller, ports),
  set: (operation, { enter }) => enter(...flagsSet(operation)),
  audit: (operation, _, ports) => auditLog(operation, ports.audit),
};

/** @param actor the ARN of who has signed the request. */
export function perform(operation: Operation, actor: string, ports: OperationPorts): Promise<unknown> {
  // The compiler does not see that both are of one name.
  const handle = HANDLERS[operation.name] as Handlers[OperationName] as (
    operation: Operation,
    caller: Caller,
    ports: OperationPorts,
  ) => Promise<unknown>;
  return handle(operation, callerWith(actor, ports.audit, ports.time), ports);
}
