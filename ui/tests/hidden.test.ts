import { render, screen } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import { REVEALED } from '../src/features/reader/document';
import Guards from '../src/features/reader/Guards.svelte';
import { findHidden } from '../src/features/reader/hidden';
import { colour, contrast, over } from '../src/shared/lib/colour';

describe('colours of mail', () => {
  it('are read however they are written', () => {
    const check = (text: string, expected: number[] | null) =>
      expect(colour(text)?.map((part) => Math.round(part * 100) / 100) ?? null, text).toEqual(expected);
    check('#fff', [255, 255, 255, 1]);
    check('#00336680', [0, 51, 102, 0.5]);
    check('003366', [0, 51, 102, 1]);
    check(' White ', [255, 255, 255, 1]);
    check('lightgoldenrodyellow', [250, 250, 210, 1]);
    check('rgb(1, 2, 3)', [1, 2, 3, 1]);
    check('RGBA(100% 0% 0% / 50%)', [255, 0, 0, 0.5]);
    check('rgb(300, -5, 3)', [255, 0, 3, 1]);
    check('hsl(210, 100%, 20%)', [0, 51, 102, 1]);
    check('hsl(0deg 0% 100%)', [255, 255, 255, 1]);
    check('transparent', [0, 0, 0, 0]);
    check('inherit', null);
    check('', null);
    check('#12345', null);
    check('rgb(1, 2)', null);
    check('rgb(a, b, c)', null);
    check('url(x)', null);
  });

  it('are told apart as WCAG counts', () => {
    expect(contrast([0, 0, 0, 1], [255, 255, 255, 1])).toBeCloseTo(21);
    expect(contrast([255, 255, 255, 1], [255, 255, 255, 1])).toBe(1);
    expect(over([0, 0, 0, 0.5], [255, 255, 255, 1])).toEqual([127.5, 127.5, 127.5, 1]);
  });
});

describe('text that nobody sees', () => {
  /** What is revealed of `html`, text by text, and how many passages that are. */
  function check(html: string, texts: string[], passages = texts.length) {
    const hidden = findHidden(html);
    expect(hidden?.passages ?? 0, html).toBe(passages);
    if (hidden === null) return;
    const page = new DOMParser().parseFromString(hidden.revealed(), 'text/html');
    expect([...page.querySelectorAll(`.${REVEALED}`)].map(({ textContent }) => textContent)).toEqual(texts);
    const before = new DOMParser().parseFromString(html, 'text/html');
    expect(page.body.textContent, 'no text comes or goes').toBe(before.body.textContent);
    expect(page.body.innerHTML).not.toContain('display:none');
    expect(hidden.revealed(), 'again').toBe(page.documentElement.outerHTML.replace(/^/, '<!doctype html>'));
  }

  it('has the colour of its ground', () => {
    check('<p style="color:#fff">secret</p>', ['secret']);
    check('<font color="white">secret</font> plain', ['secret']);
    check('<p style="color:#fefefe">faint</p>', ['faint']);
    check('<p style="color:transparent">clear</p>', ['clear']);
    check('<p style="color:rgba(0,0,0,0.02)">nearly</p>', ['nearly']);
    check('<table><tr><td bgcolor="#003366"><font color="#003366">blue</font></td></tr></table>', ['blue']);
    check('<div style="background-color:#000"><p style="color:black">black</p></div>', ['black']);
  });

  it('is too small, beside the page, or not shown', () => {
    check('<p style="font-size:0">none</p>', ['none']);
    check('<p style="font-size:1px">tiny</p>', ['tiny']);
    check('<div style="font-size:10%"><p>tenth</p></div>', ['tenth']);
    check('<p style="text-indent:-9999px">away</p>', ['away']);
    check('<div style="display:none"><p>off</p></div>', ['off']);
  });

  it('is none where it is seen', () => {
    for (const html of [
      '<p>plain</p>',
      '<p style="color:#999">grey</p>',
      '<p style="color:#ccc">small print</p>',
      '<div style="background-color:#036;color:#fff">white on blue</div>',
      '<table bgcolor="navy"><tr><td><font color="white">white on blue</font></td></tr></table>',
      '<p style="font-size:8px">small</p>',
      '<p style="text-indent:-20px">hanging</p>',
      '<div style="color:#fff"><a href="https://example.org/">a link has its own colour</a></div>',
      '<div style="color:#fff"><mark>found</mark></div>',
      '<div style="color:#fff">&nbsp; \u200c \u00ad … --</div>',
      '<div style="color:inherit">as around</div>',
    ])
      check(html, []);
  });

  it('is counted by passages', () => {
    check('<p style="color:#fff">one <b>and</b> the same</p>', ['one ', 'and', ' the same'], 1);
    check('<p style="color:#fff">one</p><p>seen</p><p style="color:#fff">two</p>', ['one', 'two']);
  });

  it('is said, with a button that shows it', async () => {
    const onreveal = vi.fn();
    const { rerender } = render(Guards, { blocked: 2, hidden: 1, revealed: false, onreveal });
    expect(screen.getByTestId('remote-guard').textContent).toMatch(/2 remote images\s+were blocked/);
    expect(screen.getByTestId('hidden-guard').textContent).toMatch(/1 passage\s+is hidden in this message\./);
    const button = screen.getByRole('button', { name: 'Show hidden text' });
    expect(button.getAttribute('aria-pressed')).toBe('false');
    button.click();
    expect(onreveal).toHaveBeenCalledOnce();
    await rerender({ blocked: 0, hidden: 3, revealed: true, onreveal });
    expect(screen.queryByTestId('remote-guard')).toBeNull();
    expect(screen.getByTestId('hidden-guard').textContent).toMatch(
      /3 passages\s+are hidden in this message, and shown/,
    );
    expect(screen.getByRole('button', { name: 'Hide again' })).toBeTruthy();
  });
});
