import { createRawSnippet } from 'svelte';
import { render } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import Dialog from '../src/shared/components/Dialog.svelte';
import Menu from '../src/shared/components/Menu.svelte';
import { isCovered } from '../src/shared/lib/covered';

const nothing = () => undefined;
const children = createRawSnippet(() => ({ render: () => '<p>What it says.</p>' }));
const covered = () => [isCovered(), 'covered' in document.documentElement.dataset];

describe('what lies over the page', () => {
  it('is told to the style sheet as long as any of it is there', () => {
    expect(covered()).toEqual([false, false]);
    const dialog = render(Dialog, { title: 'Help', onclose: nothing, children });
    const menu = render(Menu, { label: 'Menu', items: [], x: 0, y: 0, onclose: nothing });
    dialog.unmount();
    expect(covered()).toEqual([true, true]);
    menu.unmount();
    expect(covered()).toEqual([false, false]);
  });
});
