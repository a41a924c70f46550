/** What must hold before a move, as it is told, and what it depends on beside evidence. */

/** Conditions that programs look for, and not only people read. */
export type ConditionKind =
  | 'backfill'
  | 'copy-back'
  | 'verification by version'
  | 'verification by content'
  | 'hold'
  | 'window'
  | 'guard'
  | 'ramp';

export interface Condition {
  /** As operators read it: programs look at `kind`. */
  readonly name: string;
  /** Missing for other conditions, and where functions of the version before tell it. */
  readonly kind?: ConditionKind;
  readonly holds: boolean;
  /** What was measured, as operators read it. */
  readonly measured: string;
  /** A run that would help, and that the controller may start by itself. */
  readonly start?: Wanted;
  /** Whether a run that would help may begin before it holds; false if it does not say. */
  readonly lets?: true;
  /** The command that would help, where that is an operator's. */
  readonly command?: string;
}

export interface Wanted {
  readonly job: 'copy' | 'verify';
  readonly input: Readonly<Record<string, unknown>>;
}

export interface Times {
  readonly now: number;
  /** Milliseconds after which nobody acts on the phase before. */
  readonly bake: number;
  /** Milliseconds after which a message whose handler has died is delivered again. */
  readonly redelivery: number;
}

/** Whether it is no gate: an operator, or the configuration, wants the move to wait. */
export function isWait({ kind }: Pick<Condition, 'kind'>): boolean {
  return kind === 'hold' || kind === 'window';
}
