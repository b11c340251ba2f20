/** The views of one answer. */
export const VIEWS = [
  { id: 'messages', name: 'Messages', key: 'm' },
  { id: 'conversations', name: 'Conversations', key: 'c' },
  { id: 'people', name: 'People', key: 'p' },
  { id: 'insights', name: 'Insights', key: 'i' },
] as const;

export type View = (typeof VIEWS)[number]['id'];

/** Whether messages are read beside the view. */
export function reads(view: View): boolean {
  return view === 'messages' || view === 'conversations';
}

const KEY = 'mailscope.view';

/** The view that the window had before it was reloaded. */
export function storedView(): View {
  const stored = sessionStorage.getItem(KEY);
  return VIEWS.find(({ id }) => id === stored)?.id ?? 'messages';
}

export function storeView(view: View): void {
  sessionStorage.setItem(KEY, view);
}
