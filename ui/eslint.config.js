import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import { readdirSync } from 'node:fs';
import globals from 'globals';
import { defineConfig } from 'eslint/config';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const tauri = { group: ['@tauri-apps/*'], message: 'Only src/ipc talks to the shell.' };
/** @param {string} layer @param {string} why */
const up = (layer, why) => ({ group: [`**/${layer}`, `**/${layer}/**`], message: why });

/**
 * The border of a layer: what the files under it must not import.
 * @param {string[]} files
 * @param {({ group: string[], message: string } | { regex: string, message: string })[]} patterns
 * @returns {import('eslint').Linter.Config}
 */
const border = (files, ...patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});

const features = readdirSync(new URL('./src/features', import.meta.url));

export default defineConfig(
  { ignores: ['dist/', 'dist-dev/', 'src/ipc/generated/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-eval': 'error',
      'max-lines': ['error', { max: 500 }],
      // Mail is hostile: its text goes to the page as text, its HTML into a sandboxed frame.
      'svelte/no-at-html-tags': 'error',
      'svelte/prefer-svelte-reactivity': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    files: ['scripts/**', 'tests/**'],
    rules: { 'no-console': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },

  border(
    ['src/shared/**'],
    tauri,
    up('features', 'shared knows no feature.'),
    up('app', 'shared does not know who composes it.'),
    {
      regex: '/ipc(/index|/tauri)?$',
      message: 'shared talks to nobody; it may use the generated types.',
    },
  ),
  ...features.map((feature) =>
    border(
      [`src/features/${feature}/**`],
      tauri,
      up('app', 'A feature does not know who composes it.'),
      {
        group: features.filter((other) => other !== feature).map((other) => `../${other}/*`),
        message: 'A feature imports no other feature; the app composes them.',
      },
      { group: ['**/features/**'], message: 'A feature imports no other feature.' },
    ),
  ),
  border(['src/app/**', 'src/main.ts'], tauri),
  border(
    ['src/ipc/**'],
    up('features', 'ipc knows no feature.'),
    up('app', 'ipc does not know who uses it.'),
    up('shared', 'ipc stands alone.'),
  ),
);
