import { configure } from '@testing-library/svelte';
import '@testing-library/svelte/vitest';

/** Nothing is laid out in tests: every element is as tall as this. */
export const VIEWPORT = 760;
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => VIEWPORT });

// A machine that is busy with other things is no fault of the window.
configure({ asyncUtilTimeout: 5000 });
