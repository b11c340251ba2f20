// Writes src/app/licences.json: what the application is made with, by licence. Run it after a change of dependencies.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const here = new URL('..', import.meta.url);
/**
 * @typedef {{ id: string, name: string, license: string | null, source: string | null }} Package
 * @typedef {{ id: string, deps: { pkg: string, dep_kinds: { kind: string | null }[] }[] }} Node
 */
/** @type {{ packages: Package[], resolve: { nodes: Node[] } }} */
const metadata = JSON.parse(
  execFileSync('cargo', ['metadata', '--format-version', '1', '--locked'], {
    cwd: new URL('..', here),
    maxBuffer: 2 ** 28,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }),
);

/** What ends up in the program: the crates that it is linked from, not those that only build or test it. */
function linked() {
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
  const packages = new Map(metadata.packages.map((one) => [one.id, one]));
  const wanted = [...packages.values()]
    .filter(({ name }) => name === 'mailscope-desktop')
    .map(({ id }) => id);
  const seen = new Set();
  while (wanted.length > 0) {
    const id = wanted.pop() ?? '';
    if (seen.has(id)) continue;
    seen.add(id);
    for (const { pkg, dep_kinds } of nodes.get(id)?.deps ?? []) {
      if (dep_kinds.some(({ kind }) => kind === null)) wanted.push(pkg);
    }
  }
  return [...seen].flatMap((id) => packages.get(id) ?? []).filter(({ source }) => source !== null);
}

/** @type {Record<string, Set<string>>} */
const byLicence = {};
/** @type {(licence: string, name: string) => unknown} */
const add = (licence, name) => (byLicence[licence] ??= new Set()).add(name);
for (const { name, license } of linked())
  add((license ?? 'other').replaceAll('/', ' OR ').replace(/\s+/g, ' '), name);
for (const name of [
  'svelte',
  ...Object.keys(JSON.parse(readFileSync(new URL('package.json', here), 'utf8')).dependencies),
]) {
  const { license } = JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, here), 'utf8'));
  add(license, name);
}
const sorted = Object.entries(byLicence)
  .sort((a, b) => b[1].size - a[1].size || a[0].localeCompare(b[0]))
  .map(([licence, names]) => [licence, [...names].sort()]);
writeFileSync(
  new URL('src/app/licences.json', here),
  `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`,
);
