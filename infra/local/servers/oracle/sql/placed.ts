/** What a statement means in its session: whose names those without a schema are, and who asks. */
import { literal, type Token } from './tokens.ts';

/** Who has logged in, and the session's current schema. */
export interface Who {
  readonly user: string;
  readonly schema: string;
}

/** Names that only the session can tell: the function in the engine is told the answer in the place of the question. */
const TOLD: Readonly<Record<string, (who: Who) => string>> = {
  "'SESSION_USER'": ({ user }) => user,
  "'CURRENT_SCHEMA'": ({ schema }) => schema,
};

/** With the numbers of the session and of the one instance in the place of the questions for them. */
export function numbered(tokens: readonly Token[], sid: number): Token[] {
  const told: Readonly<Record<string, number>> = { "'SID'": sid, "'INSTANCE'": 1 };
  return tokens.map((token, at) => {
    const number = tokens[at - 2]?.text === "'USERENV'" ? told[token.text] : undefined;
    return number === undefined ? token : literal(`IS ${number}`);
  });
}

/** @param owner the schema that all tables lie in: it is taken off the names of tables, since the engine has one schema. */
export function placed(tokens: readonly Token[], who: Who, owner: string): Token[] {
  return tokens.flatMap((token, at) => {
    const [next, before] = [tokens[at + 1]?.text, tokens[at - 1]?.text];
    if (token.kind === 'word' && token.text === owner && next === '.') return [];
    if (token.text === '.' && before === owner) return [];
    const told = tokens[at - 2]?.text === "'USERENV'" ? TOLD[token.text] : undefined;
    return told === undefined ? [token] : [literal(`IS ${told(who)}`)];
  });
}

/** The schema that `ALTER SESSION SET … CURRENT_SCHEMA = name` asks for; null where it asks for none. */
export function schemaIn(tokens: readonly Token[]): string | null {
  const at = tokens.findIndex(({ kind, text }) => kind === 'word' && text === 'CURRENT_SCHEMA');
  return at < 0 ? null : (tokens[at + 2]?.text ?? null);
}
