/**
 * Looks at the rows that documents have in tables of projections. What differs at a first look may be a write between two statements, so it is looked at
 * again in one transaction that locks the document's row, which each writer locks first: what differs there is a difference, however many writers there are.
 */
import { project } from '../projection/project.ts';
import { type Projected, type Projection, Unprojectable } from '../projection/projection.ts';
import { documentFrom } from '../protocol/fingerprint.ts';
import type { Content } from '../protocol/state.ts';
import { PoisonDocument } from '../stores/failure.ts';
import type { HeldDocument } from '../stores/oracle/hold_document.ts';
import type { FoundRows } from '../stores/oracle/projected_rows.ts';
import type { Seen } from '../stores/snapshot.ts';
import type { Difference } from './compare.ts';
import { hasNone, rowDifferences, rowDifferencesText } from './projected.ts';

export interface ProjectedPorts {
  readonly projections: readonly Projection[];
  /** Rows of these documents, in the order of the keys. */
  rows(keys: readonly string[]): Promise<readonly FoundRows[]>;
  /**
   * Locks the row of a document, and reads what it holds.
   * @param mend says which rows the tables shall have instead, and writes down that they were repaired; null: they stay.
   */
  hold(key: string, mend: (held: HeldDocument) => readonly Projected[] | null): Promise<void>;
}

/** What a document gives, and what is wrong with its rows; null for nothing. */
export interface RowsJudged {
  readonly given: readonly Projected[];
  readonly difference: Difference | null;
}

/** @param oracle the row of the document, with its body where it is live. Its expiry changes nothing about its rows. */
export function judgeRows(
  projections: readonly Projection[],
  key: string,
  { body }: Pick<Seen, 'body'>,
  found: FoundRows,
): RowsJudged {
  return judged(projections, key, body === null ? null : documentFrom(body, null), found);
}

function judged(
  projections: readonly Projection[],
  key: string,
  content: Content,
  found: FoundRows,
): RowsJudged {
  try {
    const given = project(projections, key, content);
    const differences = rowDifferences(projections, given, found);
    return {
      given,
      difference: differences.length === 0 ? null : projected(rowDifferencesText(differences)),
    };
  } catch (error) {
    if (!(error instanceof Unprojectable)) throw error;
    return { given: [], difference: { kind: 'unprojectable', detail: error.message } };
  }
}

/**
 * Looks at one document with its row locked.
 * @param repair whether its rows are put right in the same transaction. What cannot be projected stays as it is.
 * @returns what was wrong; null for nothing.
 */
export async function holdAndJudge(
  { projections, hold }: Pick<ProjectedPorts, 'projections' | 'hold'>,
  key: string,
  repair: boolean,
): Promise<Difference | null> {
  const seen: { difference: Difference | null } = { difference: null };
  try {
    await hold(key, ({ content, isExpired, found }) => {
      // Views hide it, and the sweep removes its rows: until then they are there or not.
      if (isExpired && hasNone(found)) return null;
      const { given, difference } = judged(projections, key, content, found);
      seen.difference = difference;
      return repair && difference?.kind === 'projected' ? given : null;
    });
  } catch (error) {
    // A table refuses what the document gives, by a rule of its owner: it stays a difference.
    if (!(error instanceof PoisonDocument) || seen.difference === null) throw error;
    return withTold(seen.difference, `It was not repaired: ${error.message}`);
  }
  const isRepaired = repair && seen.difference?.kind === 'projected';
  return isRepaired ? withTold(seen.difference as Difference, 'It was repaired') : seen.difference;
}

function withTold(difference: Difference, told: string): Difference {
  return { ...difference, detail: `${difference.detail}. ${told}` };
}

function projected(detail: string): Difference {
  return { kind: 'projected', detail };
}
