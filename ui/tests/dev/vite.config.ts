import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Builds the window on the engine in memory into a folder of its own. */
export default defineConfig({
  root: here('.'),
  base: './',
  plugins: [svelte({ configFile: here('../../svelte.config.js') })],
  build: {
    outDir: here('../../dist-dev'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: here('dev.html') },
  },
});
