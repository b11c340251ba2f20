import {
  call,
  chooseFolder,
  chooseSavePath,
  type ApiError,
  type Attachment,
  type DragFile,
  type Export,
  type ExportFormat,
  type ExportRequest,
  type Hit,
  type Item,
  type Saved,
  type Source,
} from '../ipc';
import type { Target } from '../features/list/selection.svelte';
import type { Question } from '../features/search/results.svelte';
import { shortPath } from '../features/sources/tree';
import { bytes, count, fileName, saveName } from '../shared/lib/format';
import type { Session } from './session.svelte';

/** So many files the shell makes for one drag. */
const MOST_DRAGGED = 100;

/** What an export is of. */
export type Exported = 'found' | 'chosen' | 'reading';

/** A subject as the name of a file: what parts a path does not part it. */
function subjectName(subject: string): string {
  return subject.replace(/[\\/]/g, '_') || 'Message';
}

/** What leaves the window: exports, drags, prints, saved files. */
export class Outward {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Asks for a folder and writes there what the search finds, what is chosen of it, or the item that is read. */
  async export(format: ExportFormat, what: Exported): Promise<void> {
    const { results, reader, choosing, notices } = this.#session;
    const question: Question = results.shown?.question ?? { query: '', sort: 'newest', as_you_type: false };
    const id = reader.id;
    try {
      const to = await chooseFolder('Choose a folder to export to');
      if (to === null) return;
      const request: ExportRequest = { format, to };
      const target: Target = what === 'chosen' ? (await choosing.meant()).target : { except: [] };
      if (what === 'reading' && id !== null) request.ids = [id];
      else if ('ids' in target) request.ids = target.ids;
      else {
        const { query, source, folder, as_you_type, fold } = question;
        Object.assign(request, { query, as_you_type });
        if (source !== undefined) request.source = source;
        if (folder !== undefined) request.folder = folder;
        if (target.except.length > 0) request.except = target.except;
        // What the list shows once is written once, unless the copies were chosen too.
        if (target.once || (what === 'found' && fold === 'duplicates')) request.once = true;
      }
      this.#session.hearExport(await call('export', request));
    } catch (error) {
      notices.fail('Nothing was exported', error as ApiError);
    }
  }

  async cancelExport({ id }: Export): Promise<void> {
    try {
      this.#session.hearExport(await call('cancel_export', { job: id }));
    } catch (error) {
      this.#session.notices.fail('The export could not be stopped', error as ApiError);
    }
  }

  /** Prints the message that is read, by the system's dialog. */
  async print(): Promise<void> {
    const { item } = this.#session.reader;
    if (item === null) return;
    const { printDocument, printPage } = await import('../features/reader/print');
    printPage(printDocument(item, this.#place(item)));
  }

  /** Asks for a file and writes the message that is read into it, as PDF. */
  async savePdf(): Promise<void> {
    const { item } = this.#session.reader;
    if (item === null) return;
    try {
      const name = saveName(subjectName(item.subject.text), '.pdf');
      const to = await chooseSavePath(name, 'Save as PDF');
      if (to === null) return;
      const { printDocument } = await import('../features/reader/print');
      this.#tellSaved(await call('save_pdf', { page: printDocument(item, this.#place(item)), to }));
    } catch (error) {
      this.#session.notices.fail('The message was not saved as PDF', error as ApiError);
    }
  }

  #place(item: Item): string {
    return shortPath(this.#session.sources.find(item.source), item.folder_path);
  }

  /** Drags an attachment of the message that is read out of the window. */
  dragAttachment(attachment: Attachment): void {
    const id = this.#session.reader.id;
    if (id === null) return;
    const message = attachment.method === 'message';
    const name = saveName(attachment.name, message ? '.eml' : '');
    void this.#drag([{ id, path: attachment.path, message, name }]);
  }

  /** Drags the messages of conversations out of the window. */
  async dragThreads(rows: Hit[]): Promise<void> {
    try {
      this.dragHits(await this.#session.choosing.messagesOf(rows.slice(0, MOST_DRAGGED + 1)));
    } catch (error) {
      this.#session.notices.fail('It could not be dragged out', error as ApiError);
    }
  }

  /** Drags messages out of the window. */
  dragHits(hits: Hit[]): void {
    if (hits.length > MOST_DRAGGED) {
      this.#session.notices.add({
        tone: 'info',
        title: `${count(hits.length)} messages are too many to drag`,
        message: `At most ${MOST_DRAGGED} can be dragged out at once.`,
        advice: 'Export them instead: it goes on behind the window and takes any number.',
        detail: [],
      });
      return;
    }
    const names = new Map<string, number>();
    const files = hits.map((hit): DragFile => {
      const name = saveName(subjectName(hit.subject.text), '.eml');
      // Where they are dropped they lie side by side.
      const before = names.get(name.toLowerCase()) ?? 0;
      names.set(name.toLowerCase(), before + 1);
      const own = before === 0 ? name : name.replace(/\.eml$/, ` (${before + 1}).eml`);
      return { id: hit.id, path: [], message: true, name: own };
    });
    void this.#drag(files);
  }

  async #drag(files: DragFile[]): Promise<void> {
    try {
      await call('drag_out', { files });
    } catch (error) {
      this.#session.notices.fail('It could not be dragged out', error as ApiError);
    }
  }

  /** Writes the account of a source to a file. */
  async report(source: Source): Promise<void> {
    try {
      const to = await chooseSavePath(saveName(`Report on ${source.name}`, '.html'), 'Save the report');
      if (to === null) return;
      const saved = await call('report', { source: source.id, to });
      this.#tellSaved(saved);
    } catch (error) {
      this.#session.notices.fail('The report was not saved', error as ApiError);
    }
  }

  #tellSaved(saved: Saved): void {
    this.#session.notices.add({
      tone: 'good',
      title: `${fileName(saved.path)} was saved`,
      message: `${bytes(saved.bytes)} in ${saved.path}`,
      advice: '',
      detail: [],
    });
  }

  async save(attachment: Attachment): Promise<void> {
    const id = this.#session.reader.id;
    if (id === null) return;
    const name = saveName(attachment.name, attachment.method === 'message' ? '.eml' : '');
    try {
      const to = await chooseSavePath(name);
      if (to === null) return;
      const saved = await call('save_attachment', { id, path: attachment.path, to });
      this.#tellSaved(saved);
    } catch (error) {
      this.#session.notices.fail(`${name} was not saved`, error as ApiError);
    }
  }
}
