/** The certificate as one page of HTML, which needs nothing else and runs nothing. */
import { marksText } from '../records/marks.ts';
import type { Certificate, Checked } from './certificate.ts';
import { type Check, GROUPS, type Group } from './check.ts';
import { CHECKS } from './checks.ts';
import { NO_RUN, ONLY_HERE } from './limits.ts';

const TITLES: Readonly<Record<Group, string>> = {
  contract: 'What each store promises',
  races: 'Several writers at the same time',
  documents: 'Documents, keys, and expiry',
  outside: 'Failures that were made from outside',
  rehearsal: 'A whole migration, there and back',
  broken: 'On a test system: what an operator has broken while clients were at work',
};

const MEANING: Readonly<Record<Certificate['verdict'], string>> = {
  passed: 'All that has to be seen was seen, and nothing was wrong.',
  incomplete:
    'Nothing was wrong, but not all that has to be seen was seen: the checks that were skipped say why.',
  failed:
    'Something was wrong. Do not move a collection to these servers before it is known why: each failed check says what to do.',
};

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}' +
  'table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left;' +
  'vertical-align:top}.passed{color:#176b2c}.failed{color:#a11;font-weight:bold}.skipped,.incomplete{color:#8a5a00}' +
  'small{color:#555}code{overflow-wrap:anywhere}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}' +
  'small{color:#aaa}.passed{color:#6c6}.failed{color:#f77}.skipped,.incomplete{color:#eb6}}';

/** Self-contained: a browser loads and runs nothing for it. Whatever a server has told is escaped. */
export function reportPage(certificate: Certificate, checks: readonly Check[] = CHECKS): string {
  const { verdict } = certificate;
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>Crossfade certificate: ${escaped(verdict)}</title><style>${STYLE}</style></head><body>`,
    `<h1>Crossfade certificate: <span class="${escaped(verdict)}">${escaped(verdict)}</span></h1>`,
    `<p>${escaped(MEANING[verdict])}</p>`,
    aboutTable(certificate),
    ...GROUPS.map((group) => section(group, certificate, checks)),
    list('What only this run, on your servers, can tell', ONLY_HERE),
    list('What no run can tell', NO_RUN),
    '</body></html>',
    '',
  ].join('\n');
}

function aboutTable({ form, code, servers, settings, began, ended, checks }: Certificate): string {
  const count = (state: Checked['state']) => checks.filter((each) => each.state === state).length;
  const rows = {
    Form: form,
    Checks: `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`,
    Began: new Date(began).toISOString(),
    Ended: new Date(ended).toISOString(),
    Code: code,
    Couchbase: `${servers.couchbase.version} (${marksText(servers.couchbase.identity)})`,
    Oracle: `${servers.oracle.version} (${marksText(servers.oracle.identity)})`,
    ...settings,
  };
  return table(Object.entries(rows).map(([name, value]) => [escaped(name), escaped(String(value))]));
}

/** Checks that this version does not know, since another one has run them, are told by their names. */
function section(group: Group, { checks: all }: Certificate, checks: readonly Check[]): string {
  const known = new Map(checks.map((check) => [check.name, check]));
  const here = all.filter(({ name }) => (known.get(name)?.group ?? 'contract') === group);
  if (here.length === 0) return '';
  const rows = here.map((checked) => {
    const { name, state, why, next, figures, took } = checked;
    const check = known.get(name);
    const told = [
      `${escaped(check?.title ?? name)}<br><small><code>${escaped(name)}</code> ${escaped(check?.proves ?? '')}</small>`,
      ...(why === undefined ? [] : [`<b>${escaped(why)}</b>`]),
      ...(next === undefined ? [] : [escaped(next)]),
    ];
    const counted = Object.entries(figures).map(([figure, value]) => `${figure}: ${value}`);
    return [
      `<span class="${escaped(state)}">${escaped(state)}</span>`,
      told.join('<br>'),
      `<small>${[...counted, `${took} ms`].map(escaped).join('<br>')}</small>`,
    ];
  });
  return `<h2>${escaped(TITLES[group])}</h2>\n${table(rows)}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return `<table>\n${lines.join('\n')}\n</table>`;
}

function list(title: string, items: readonly string[]): string {
  return `<h2>${escaped(title)}</h2>\n<ul>\n${items.map((item) => `<li>${escaped(item)}</li>`).join('\n')}\n</ul>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
