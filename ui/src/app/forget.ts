import type { Notices } from '../features/notices/notices.svelte';
import { call, type ApiError } from '../ipc';
import { bytes, plural } from '../shared/lib/format';

/** Forgets the answers that the engine keeps in memory, and tells how many there were. */
export async function forgetAnswers(notices: Notices): Promise<void> {
  try {
    const forgotten = await call('forget_answers', {});
    notices.add({
      tone: 'good',
      title: 'Cached answers were forgotten',
      message: `${plural(forgotten.answers, 'answer')}, ${bytes(forgotten.bytes)}. Each question is answered anew.`,
      advice: '',
      detail: [],
    });
  } catch (error) {
    notices.fail('The cached answers were not forgotten', error as ApiError);
  }
}
