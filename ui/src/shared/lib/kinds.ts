import type { ItemKind } from '../../ipc/generated/api';
import type { IconName } from '../components/Icon.svelte';

/** How an item that is no mail is shown: its picture and its name. */
export const kinds: Record<Exclude<ItemKind, 'mail'>, [icon: IconName, name: string]> = {
  appointment: ['calendar', 'Appointment'],
  meeting: ['calendar', 'Meeting'],
  contact: ['person', 'Contact'],
  dist_list: ['people', 'Distribution list'],
  task: ['task', 'Task'],
  note: ['note', 'Note'],
  journal: ['journal', 'Journal entry'],
  post: ['note', 'Post'],
  report: ['report', 'Delivery report'],
  document: ['file', 'Document'],
  other: ['file', 'Other item'],
};

/** What several of a kind are called. */
export const kindNames: Record<ItemKind, string> = {
  mail: 'Mail',
  appointment: 'Appointments',
  meeting: 'Meetings',
  contact: 'Contacts',
  dist_list: 'Distribution lists',
  task: 'Tasks',
  note: 'Notes',
  journal: 'Journal entries',
  post: 'Posts',
  report: 'Delivery reports',
  document: 'Documents',
  other: 'Other items',
};
