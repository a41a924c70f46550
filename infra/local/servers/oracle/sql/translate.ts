/**
 * Oracle SQL as PostgreSQL's: a closed set of statements, keywords and functions. What is not in it is refused, with the
 * number that Oracle has for "no such thing" where it knows none either, and with ORA-03001 where Oracle would know more.
 */
import { RESERVED } from '../../../../../functions/stores/oracle/names.ts';
import { OWNER } from '../grants.ts';
import { OraError } from '../ora.ts';
import { RELEASES, type Release } from '../releases.ts';
import { addedOneByOne } from './added_columns.ts';
import { intoLast, selectOf } from './block.ts';
import { columnType, TYPES } from './column_type.ts';
import { definition } from './definition.ts';
import { type Ending, endingOf } from './ending.ts';
import { type Granting, grantingOf } from './grant.ts';
import { indexForm } from './index_form.ts';
import { IS_JSON } from './json.ts';
import { requireKnownForm } from './known_forms.ts';
import { withoutLeniency } from './lenient.ts';
import { requireShortLists } from './lists.ts';
import { engineName } from './names.ts';
import { type Need, needsOf } from './needs.ts';
import { numbered, placed, schemaIn, type Who } from './placed.ts';
import { locksRows } from './row_locks.ts';
import { requireLimit } from './rownum.ts';
import { type Token, tokensOf } from './tokens.ts';
import { FUNCTIONS, KEYWORD_AFTER, KEYWORDS, KINDS, type Kind, UNIMPLEMENTED } from './words.ts';

/** Text, or the position of a bind variable and the type that its place demands, if it does. */
export type Piece = string | { readonly bind: number; readonly cast: string | null };

export interface Statement {
  readonly kind: Kind;
  readonly pieces: readonly Piece[];
  /** One a place in the text, in its order. Those that INTO names come last. */
  readonly binds: number;
  readonly returned: number;
  /** Whether it is a query that locks its rows, which begins a transaction. */
  readonly locks: boolean;
  /** What its user must have been granted. */
  readonly needs: readonly Need[];
  /** What it grants or revokes. */
  readonly granting: Granting | null;
  /** The schema that it puts its session into. */
  readonly schema: string | null;
  /** The session that it ends. */
  readonly ending: Ending | null;
}

const NEITHER = { granting: null, schema: null, ending: null } as const;

/**
 * @param release of the database that it is for. Throws `OraError`.
 * @param who asks, where the database enforces grants; null where all users share one schema.
 * @param sid of the session that asks.
 */
export function translate(
  sql: string,
  release: Release = RELEASES['19c'],
  who: Who | null = null,
  sid = 1,
): Statement {
  const inSession = (tokens: readonly Token[]) => {
    const told = numbered(tokens, sid);
    return who === null ? told : placed(told, who, OWNER);
  };
  const query = (of: readonly Token[]) => new Rewriting(inSession(of), false, release).done();
  const pieces = definition(sql, (of) => query(of).pieces);
  if (pieces !== null)
    return { kind: 'ddl', pieces, binds: 0, returned: 0, locks: false, needs: [], ...NEITHER };
  const select = selectOf(sql);
  if (select !== null) {
    const tokens = tokensOf(select);
    return { kind: 'block', locks: false, needs: needsOf(tokens), ...NEITHER, ...query(intoLast(tokens)) };
  }
  const unimplemented = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? '';
  if (UNIMPLEMENTED.has(unimplemented)) throw new OraError(3001, `unimplemented feature: ${unimplemented}`);
  const tokens = withoutLeniency(tokensOf(sql), release);
  const [first, second] = [tokens[0]?.text ?? '', tokens[1]?.text ?? ''];
  const kind = KINDS[first];
  if (kind === undefined) throw new OraError(900, 'invalid SQL statement');
  if (kind === 'session' || (first === 'ALTER' && ['SESSION', 'SYSTEM'].includes(second)))
    return ofSession(tokens, who !== null);
  requireKnownForm(tokens);
  requireShortLists(tokens, release.longestList);
  const rewriting = new Rewriting(
    inSession(first === 'ALTER' ? addedOneByOne(tokens) : indexForm(tokens)),
    kind === 'ddl' && second === 'TABLE',
    release,
  );
  const { pieces: rewritten, binds, returned } = rewriting.done();
  const updates = kind === 'insert' && returned === 0;
  return {
    kind: kind === 'insert' && !updates ? 'dml' : kind,
    pieces: updates ? [...rewritten, ' ON CONFLICT DO NOTHING'] : rewritten,
    ...{ binds, returned, locks: kind === 'query' && locksRows(tokens) },
    ...{ needs: needsOf(tokens), ...NEITHER },
  };
}

/** GRANT, REVOKE, ALTER SESSION and ALTER SYSTEM. Where everybody shares one schema, there is nothing to grant, and no other schema. */
function ofSession(tokens: readonly Token[], enforced: boolean): Statement {
  const alters = tokens[0]?.text === 'ALTER';
  return {
    ...{ kind: 'session', pieces: [], binds: 0, returned: 0, locks: false, needs: [] },
    granting: enforced && !alters ? grantingOf(tokens) : null,
    schema: enforced && alters ? schemaIn(tokens) : null,
    ending: tokens[1]?.text === 'SYSTEM' ? endingOf(tokens) : null,
  };
}

/**
 * The text for binds of these types. Text has none, so that it becomes what its place wants, as Oracle converts it.
 * @param casts one a bind: PostgreSQL's name of its type, or null for text.
 */
export function textFor({ pieces }: Statement, casts: readonly (string | null)[]): string {
  const written = (piece: Piece & object) => {
    const cast = piece.cast ?? casts[piece.bind] ?? null;
    return cast === null ? `$${piece.bind + 1}` : `$${piece.bind + 1}::${cast}`;
  };
  return pieces.map((piece) => (typeof piece === 'string' ? piece : written(piece))).join('');
}

class Rewriting {
  readonly #tokens: readonly Token[];
  readonly #columns: boolean;
  readonly #release: Release;
  readonly #pieces: Piece[] = [];
  #at = 0;
  #binds = 0;
  #returned = 0;

  constructor(tokens: readonly Token[], columns: boolean, release: Release) {
    this.#tokens = tokens;
    this.#columns = columns;
    this.#release = release;
  }

  done(): { pieces: Piece[]; binds: number; returned: number } {
    let returning = this.#tokens[0]?.text === 'SELECT';
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at] as Token;
      if (returning && token.text === 'INTO' && token.kind === 'word') {
        this.#into();
        continue;
      }
      returning ||= token.kind === 'word' && token.text === 'RETURNING';
      this.#rewrite(token);
      this.#at++;
    }
    return { pieces: this.#pieces, binds: this.#binds, returned: this.#returned };
  }

  /** The variables that take what RETURNING, or the query of a block, gives are no part of the statement. */
  #into(): void {
    for (this.#at++; this.#at < this.#tokens.length; this.#at++) {
      const token = this.#tokens[this.#at] as Token;
      if (token.kind === 'bind') this.#returned++;
      else if (token.text !== ',')
        throw new OraError(925, 'missing INTO keyword, or more than variables after it');
    }
    this.#binds += this.#returned;
  }

  #rewrite(token: Token): void {
    switch (token.kind) {
      case 'bind': {
        if (RESERVED.has(token.text)) throw new OraError(1745, 'invalid host/bind variable name');
        const limit = ['FIRST', 'NEXT', 'OFFSET'].includes(this.#before()?.text ?? '');
        this.#push(' (', { bind: this.#binds++, cast: limit ? 'bigint' : null }, ')');
        return;
      }
      case 'quoted':
        this.#push(` "${engineName(token.text)}"`);
        return;
      case 'word':
        this.#word(token.text);
        return;
      default:
        this.#push(token.text.startsWith("'") && token.text === "''" ? ' NULL' : ` ${token.text}`);
    }
  }

  #word(word: string): void {
    const before = this.#before()?.text ?? '';
    const next = this.#tokens[this.#at + 1]?.text;
    if ((word === 'IS' && this.#isJson()) || (word === 'ROWNUM' && this.#isLimit())) return;
    // Of JSON_SERIALIZE: it gives a CLOB anyway.
    if (word === 'RETURNING' && next === 'CLOB') return void this.#at++;
    if (this.#columns && word in TYPES && ![',', '(', 'CONSTRAINT'].includes(before)) {
      const type = columnType(this.#tokens, this.#at, this.#release);
      this.#push(` ${type.text}`);
      this.#at += type.length - 1;
      return;
    }
    const keyword = KEYWORDS.has(word) && (KEYWORD_AFTER[word]?.includes(before) ?? true);
    if (keyword) this.#push(` ${word}`);
    else if (word === 'SYSDATE' || word === 'SYSTIMESTAMP') this.#push(` "${word}"()`);
    else if (
      next !== '(' ||
      ['INTO', 'TABLE', 'REFERENCES', 'IF NOT EXISTS'].includes(before) ||
      this.#namesColumns()
    )
      this.#name(word);
    else if (word in FUNCTIONS) this.#push(` ${FUNCTIONS[word]}`);
    else throw new OraError(904, `"${word}": invalid identifier`);
  }

  /** `a IS JSON [FORMAT JSON]` becomes a function of a: what is JSON depends on the release. */
  #isJson(): boolean {
    const [next, second] = [this.#tokens[this.#at + 1]?.text, this.#tokens[this.#at + 2]?.text];
    const negated = next === 'NOT' && second === 'JSON';
    if (next !== 'JSON' && !negated) return false;
    const last = this.#at + (negated ? 2 : 1);
    const formatted = this.#tokens[last + 1]?.text === 'FORMAT' && this.#tokens[last + 2]?.text === 'JSON';
    let from = this.#pieces.length - 1;
    while (this.#pieces[from - 1] === ' .') from -= 2;
    const operand = this.#pieces.splice(Math.max(0, from));
    if (!operand.every((piece) => piece === ' .' || (typeof piece === 'string' && piece.startsWith(' "'))))
      throw new OraError(3001, 'unimplemented feature: IS JSON of anything but a column');
    this.#push(`${negated ? ' NOT' : ''} ${IS_JSON}(${operand.join('')})`);
    this.#at = last + (formatted ? 2 : 0);
    return true;
  }

  #isLimit(): boolean {
    requireLimit(this.#tokens, this.#at);
    this.#push(' TRUE LIMIT');
    this.#at++;
    return true;
  }

  #name(word: string): void {
    if (RESERVED.has(word)) throw new OraError(904, `"${word}": invalid identifier`);
    this.#push(` "${engineName(word)}"`);
  }

  /** Whether a name with a bracket behind it is a table's, whose columns the bracket lists: CREATE INDEX … ON t (…). */
  #namesColumns(): boolean {
    return this.#before()?.text === 'ON' && this.#tokens[0]?.text === 'CREATE';
  }

  #before(): Token | undefined {
    return this.#tokens[this.#at - 1];
  }

  #push(...pieces: readonly Piece[]): void {
    this.#pieces.push(...pieces);
  }
}
