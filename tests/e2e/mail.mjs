// The mail that the tests read: from the folder of test mail where it is there, else made by Mailscope itself.

import { access } from 'node:fs/promises';
import path from 'node:path';
import { program } from './desktop.mjs';

/** A file of the folder of test mail, or null. */
export async function corpus(name) {
  const folder = process.env.MAILSCOPE_CORPUS;
  if (!folder) return null;
  const file = path.join(folder, name);
  return access(file).then(
    () => file,
    () => null,
  );
}

/** The sample mailbox, written to `name` in the desktop's folder, and how many items a library holds after its import. */
export async function sample(desktop, name = 'sample.pst') {
  const file = desktop.path(name);
  const written = await desktop.cli('sample', file);
  if (written.code !== 0) throw new Error(`mailscope sample failed: ${written.stderr}`);
  return { file, items: await itemsOf(desktop, file) };
}

/** How many items a library holds after the import of `file`, by the command line's account. */
export async function itemsOf(desktop, file) {
  const library = desktop.path('library-to-count');
  const { code, stdout, stderr } = await desktop.cli('--json', '--library', library, 'import', file);
  if (code !== 0 && code !== 3) throw new Error(`mailscope import failed: ${stderr}`);
  const summary = JSON.parse(stdout.trim().split('\n').at(-1));
  return summary.items + summary.recovered;
}

/** A mailbox that takes some seconds to read. */
export async function large(desktop) {
  const items = 100_000;
  const file = desktop.path('large.pst');
  const written = await desktop.run(program('examples/mailbox'), String(items), file);
  if (written.code !== 0) throw new Error(`the large mailbox was not written: ${written.stderr}`);
  return { file, items };
}
