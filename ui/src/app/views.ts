/** The views of one answer. */
export const VIEWS = [
  { id: 'messages', name: 'Messages', key: 'm' },
  { id: 'people', name: 'People', key: 'p' },
  { id: 'insights', name: 'Insights', key: 'i' },
] as const;

export type View = (typeof VIEWS)[number]['id'];

const KEY = 'mailscope.view';

/** The view that the window had before it was reloaded. */
export function storedView(): View {
  const stored = sessionStorage.getItem(KEY);
  return VIEWS.find(({ id }) => id === stored)?.id ?? 'messages';
}

export function storeView(view: View): void {
  sessionStorage.setItem(KEY, view);
}
