/**
 * Prints what the built page weighs and fails when the first paint needs more script than its budget.
 * The first paint needs the entry and every chunk that it imports statically.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = 100 * 1024;
const dist = new URL('../dist/', import.meta.url);
/** @type {Record<string, { file: string, isEntry?: boolean, imports?: string[] }>} */
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

/** @param {string} file */
const weight = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
/** @param {number} bytes */
const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`.padStart(9);

/** @type {Set<string>} */
const first = new Set();
/** @param {string} key */
const visit = (key) => {
  if (first.has(key)) return;
  first.add(key);
  manifest[key]?.imports?.forEach(visit);
};
for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) visit(key);

let total = 0;
console.log('Script, gzip:');
for (const [key, { file }] of Object.entries(manifest)) {
  if (!file.endsWith('.js')) continue;
  const bytes = weight(file);
  if (first.has(key)) total += bytes;
  console.log(`${kb(bytes)}  ${first.has(key) ? 'first paint' : 'on demand  '}  ${file}`);
}
console.log(`${kb(total)}  of ${kb(BUDGET).trim()} for the first paint`);
if (total === 0 || total > BUDGET) {
  console.error('The first paint needs more script than its budget, or the build has no entry.');
  process.exit(1);
}
