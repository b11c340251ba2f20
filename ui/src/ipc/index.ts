/** The border of the window: typed calls, one stream of events, file drags and the native dialogs. */
export * from './tauri';
export type * from './generated/api';
