/**
 * What the code of an Eventing function may say: straight-line JavaScript without state of its own (docs.couchbase.com, "Language Constructs"). It is looked
 * at word by word, so what only a whole parser could tell is found when it runs.
 */
import { createContext, runInContext, Script } from 'node:vm';

/** Names that the service gives, and that are given here. */
export const GIVEN = ['curl', 'log'] as const;
/** Names that the service gives, and that are not simulated. */
const NOT_SIMULATED = [
  'createTimer',
  'cancelTimer',
  'crc64',
  'crc_64_go_iso',
  'couchbase',
  'N1QL',
  'N1qlQuery',
  'base64',
];
const ENTRIES = ['OnUpdate', 'OnDelete', 'OnDeploy'];

/** Comments and literals of a text, a template with its expressions, names and numbers, and signs. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\d[\w.]*|[A-Za-z_$][\w$]*|\S/g;
const WORDS = new Set(
  'break case catch continue default delete do else false finally for function if in instanceof let new null return switch this throw true try typeof var void while const of arguments undefined'.split(
    ' ',
  ),
);
const REFUSED = new Set([
  'async',
  'await',
  'yield',
  'import',
  'export',
  'class',
  'with',
  'eval',
  'Function',
  'globalThis',
]);

/** Throws, with the beginning of the message of the real service, for code that cannot be deployed. @param bindings names that the definition gives. */
export function requireCode(code: string, bindings: readonly string[]): void {
  try {
    new Script(code);
  } catch (error) {
    throw new Error(`ERR_HANDLER_COMPILATION: ${String(error)}`);
  }
  const tokens = [...code.matchAll(TOKEN)]
    .map(([text]) => text)
    .filter((text) => !/^\/[/*]|^['"]/.test(text));
  if (tokens.some((text) => text.startsWith('`') && text.includes('${')))
    throw new Error('ERR_HANDLER_COMPILATION: expressions in templates are not looked into here');
  requireNoState(tokens);
  const known = new Set([...declaredIn(tokens), ...bindings, ...GIVEN, ...builtins(), ...WORDS]);
  for (const [at, text] of tokens.entries()) {
    if (!/^[A-Za-z_$]/.test(text) || isMember(tokens, at)) continue;
    if (NOT_SIMULATED.includes(text)) throw new Error(`ERR_HANDLER_COMPILATION: ${text} is not simulated`);
    if (REFUSED.has(text) || !known.has(text))
      throw new Error(`ERR_HANDLER_COMPILATION: ${text} is nothing that an Eventing function has`);
  }
  if (!ENTRIES.slice(0, 2).some((name) => declaredIn(tokens).has(name)))
    throw new Error('ERR_HANDLER_COMPILATION: there is neither OnUpdate nor OnDelete');
}

/** Nothing but functions stands outside of functions. */
function requireNoState(tokens: readonly string[]): void {
  let depth = 0;
  for (const text of tokens) {
    if (depth === 0 && /^(var|let|const)$/.test(text))
      throw new Error('ERR_HANDLER_COMPILATION: only functions are allowed in the global space');
    if (/^[{([]$/.test(text)) depth++;
    if (/^[})\]]$/.test(text)) depth--;
  }
}

/** After a dot, or before the colon of a member. */
function isMember(tokens: readonly string[], at: number): boolean {
  if (tokens[at - 1] === '.') return true;
  return tokens[at + 1] === ':' && /^[{,]$/.test(tokens[at - 1] ?? '');
}

/** Names of functions, of their parameters, and of variables. */
function declaredIn(tokens: readonly string[]): Set<string> {
  const names = new Set<string>();
  for (const [at, text] of tokens.entries()) {
    const next = tokens[at + 1] ?? '';
    if (/^(var|let|const)$/.test(text)) names.add(next);
    if (text === 'catch' && next === '(') names.add(tokens[at + 2] ?? '');
    if (text !== 'function') continue;
    const open = tokens.indexOf('(', at);
    if (open > at + 1) names.add(next);
    for (const each of tokens.slice(open + 1, tokens.indexOf(')', open))) names.add(each);
  }
  return names;
}

/** Of ECMAScript, without what a context of Node adds to it. */
function builtins(): string[] {
  return runInContext(
    'Object.getOwnPropertyNames(globalThis)',
    createContext(Object.create(null)),
  ) as string[];
}
