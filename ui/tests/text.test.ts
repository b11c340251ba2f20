import { render } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { preview } from '../src/features/drop/classify';
import {
  darkPaper,
  frameDocument,
  isBlank,
  markFinds,
  places,
  withLinks,
} from '../src/features/reader/document';
import type { Marked } from '../src/ipc/generated/api';
import MarkedText from '../src/shared/components/MarkedText.svelte';
import {
  byteParts,
  bytes,
  count,
  longDate,
  millis,
  saveName,
  shortDate,
  span,
  zone,
} from '../src/shared/lib/format';
import { runs } from '../src/shared/lib/marks';
import { addressLine, displayName, fileParts, initials, shortAddress } from '../src/shared/lib/names';

describe('marks', () => {
  function check(text: string, marks: Marked['marks'], expected: string) {
    const parts = runs({ text, marks });
    expect(parts.map((part) => (part.marked ? `[${part.text}]` : part.text)).join('')).toBe(expected);
    expect(parts.map((part) => part.text).join('')).toBe(text);
  }

  it('cut the text where the ranges say', () => {
    check('', [], '');
    check('plain', [], 'plain');
    check('the pipeline', [[4, 12]], 'the [pipeline]');
    check('ab', [[0, 1], [1, 2]], '[a][b]'); // prettier-ignore
  });

  it('count in UTF-16 code units', () => check('👍 capacity', [[3, 11]], '👍 [capacity]'));

  it('lose nothing of the text when ranges are wrong', () => {
    check('abc', [[2, 99]], 'ab[c]');
    check('abc', [[-5, 1]], '[a]bc');
    check('abcd', [[0, 3], [1, 4]], '[abc][d]'); // prettier-ignore
    check('abc', [[2, 1]], 'abc');
  });

  it('are drawn as text, whatever the text is', () => {
    const { container } = render(MarkedText, { value: { text: '<b>x</b> & <img src=x>', marks: [[3, 4]] } });
    expect(container.textContent).toBe('<b>x</b> & <img src=x>');
    expect(container.querySelectorAll('mark')).toHaveLength(1);
    expect(container.querySelector('mark')?.textContent).toBe('x');
    expect(container.querySelector('b, img')).toBeNull();
  });
});

describe('dates', () => {
  const now = Date.UTC(2024, 4, 17, 12, 0);
  function check(at: number | null, expected: string) {
    expect(shortDate(at, now)).toBe(expected);
  }

  it('are as short as today allows', () => {
    check(Date.UTC(2024, 4, 17, 9, 5), '09:05');
    check(Date.UTC(2024, 4, 16, 9, 5), '16 May');
    check(Date.UTC(2001, 10, 14), '14 Nov 2001');
    check(null, '');
    check(NaN, '');
    check(9e15, '');
  });

  it('are whole in the reader, with their zone', () => {
    expect(longDate(Date.UTC(2001, 10, 14, 22, 20))).toBe('14 November 2001, 22:20 (UTC)');
    expect(longDate(null)).toBe('No date');
    expect(zone(0, -360)).toBe('UTC−06:00');
    expect(zone(0, 345)).toBe('UTC+05:45');
  });
});

describe('numbers', () => {
  it('are written for people', () => {
    expect(count(1_204_332)).toBe('1,204,332');
    expect(bytes(0)).toBe('0 B');
    expect(bytes(84 * 1024)).toBe('84 KB');
    expect(bytes(1_048_575)).toBe('1.0 MB');
    expect(bytes(214 * 2 ** 20)).toBe('214 MB');
    expect(bytes(1.5 * 2 ** 30)).toBe('1.5 GB');
    expect(byteParts(412e6)).toEqual(['393', 'MB']);
    expect([0, 51, 60, 72, 3600, 7500].map(span)).toEqual([
      '0 s',
      '51 s',
      '1 m',
      '1 m 12 s',
      '1 h',
      '2 h 5 m',
    ]);
    const times = [0, 0.01, 0.42, 4.4, 1234].map(millis);
    expect(times).toEqual(['0 ms', '<0.1 ms', '0.4 ms', '4 ms', '1.2 s']);
  });
});

describe('names of files', () => {
  it('keep their kind in sight, and mislead nobody about it', () => {
    const check = (name: string, stem: string, end: string) =>
      expect(fileParts(name), name).toEqual([stem, end]);
    check('Volumes by month.xlsx', 'Volumes by month', '.xlsx');
    check('archive.tar.gz', 'archive.tar', '.gz');
    check('No name', 'No name', '');
    check('.profile', '.profile', '');
    check('Minutes of 3. May', 'Minutes of 3. May', '');
    check('ends with a dot.', 'ends with a dot.', '');
    check('a.verylongwordthatisnokind', 'a.verylongwordthatisnokind', '');
    check('invoice\u202efdp.exe', 'invoice\ufffdfdp', '.exe');
    check('\u2067שלום\u2069.pdf', '\ufffdשלום\ufffd', '.pdf');
  });
});

describe('names', () => {
  it('give initials', () => {
    const check = (name: string, expected: string) => expect(initials(name), name).toBe(expected);
    check('Alice Moreau', 'AM');
    check('alice@example.org', 'A');
    check('Ng, Carla', 'CN');
    check('Moreau, Alice B. (Legal)', 'AM');
    check('Keller, Jr.', 'K');
    check('Northfield, Inc.', 'N');
    check('Ng, Carla, Northfield', 'N');
    check('', '?');
    check('李 明', '李明');
    check('Ana Maria de Souza', 'AS');
  });

  it('of Exchange are shown in short', () => {
    const check = (address: string, expected: string) =>
      expect(shortAddress(address), address).toBe(expected);
    check('alice@example.org', 'alice@example.org');
    check('/O=ACME/OU=EU/CN=RECIPIENTS/CN=ANG', 'ANG');
    check(
      '/o=ExchangeLabs/ou=Group (X)/cn=Recipients/cn=0123456789abcdef0123456789abcdef-Carla Ng',
      'Carla Ng',
    );
    check('IMCEAEX-_O=ACME_OU=EU_CN=RECIPIENTS_CN=CARLA+20NG@example.org', 'CARLA NG');
    check('/o=', '');
    check('/o=a/cn=%zz', '%zz');
    check('/home/carla', '/home/carla');
  });

  it('are told once', () => {
    const check = (name: string, address: string, shown: string, beside: string) =>
      expect([displayName({ name, address }), addressLine({ name, address })]).toEqual([shown, beside]);
    check('Carla Ng', 'carla@example.org', 'Carla Ng', 'carla@example.org');
    check('', 'carla@example.org', 'carla@example.org', '');
    check("'carla@example.org'", 'carla@example.org', 'carla@example.org', '');
    check('Carla Ng', '/O=ACME/CN=RECIPIENTS/CN=CNG', 'Carla Ng', 'CNG, in Exchange');
    check('', '/O=ACME/CN=RECIPIENTS/CN=CNG', 'CNG', '');
    check('', '', '', '');
  });

  it('end as what they are saved as', () => {
    expect(saveName('message 1', '.eml')).toBe('message 1.eml');
    expect(saveName('Fwd: plan.EML', '.eml')).toBe('Fwd_ plan.EML');
    expect(saveName('', '.eml')).toBe('attachment.eml');
  });

  it('are made safe to save under', () => {
    const names = ['../../etc/passwd', 'C:\\x\\report.doc', 'a:b?.txt', '...', 'cod\u202egpj.exe', '.bashrc'];
    expect(names.map((name) => saveName(name))).toEqual([
      'passwd',
      'report.doc',
      'a_b_.txt',
      'attachment',
      'cod_gpj.exe',
      'bashrc',
    ]);
  });
});

describe('a drop', () => {
  it('names what will happen', () => {
    expect(preview(['/a/x.pst', 'C:\\b\\Y.OST', '/c/z.pst'])).toEqual({
      title: 'Import 3 files',
      names: ['x.pst', 'Y.OST', 'z.pst'],
      remarks: [],
    });
    expect(preview(['/a/x.pst']).title).toBe('Import 1 file');
    expect(preview(['/a/archive']).title).toBe('Look through 1 folder');
  });

  it('says what is special about other files', () => {
    const { title, remarks } = preview(['/a/x.pst', '/a/notes.txt']);
    expect(title).toBe('Import 1 file');
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toMatch(/^notes\.txt: .*does not end in \.pst or \.ost\. Will be checked/);
    expect(preview(['/a/notes.txt']).title).toBe('Check 1 file');
  });
});

describe('the frame of a message', () => {
  const parse = (html: string) => new DOMParser().parseFromString(frameDocument(html), 'text/html');

  it('puts the policy before anything of the message', () => {
    for (const html of [
      '<p>x</p>',
      '<!doctype html><html><head><title>t</title></head><body>x</body></html>',
      '<style>',
    ]) {
      const text = frameDocument(html);
      const first = text.replace(/^\s*<!doctype[^>]*>/i, '');
      expect(first.startsWith('<meta charset="utf-8"><meta http-equiv="Content-Security-Policy"')).toBe(true);
      expect(text).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    }
  });

  it('keeps the doctype first, or the page would be laid out in quirks mode', () => {
    expect(frameDocument('<!DOCTYPE html><p>x')).toMatch(/^<!DOCTYPE html><meta/);
  });

  it('is left out where it would show nothing', () => {
    const check = (html: string, text: string, blank: boolean) =>
      expect(isBlank({ html, text: { text } })).toBe(blank);
    check('<p>&nbsp;</p>', ' \u00a0\n', true);
    check('<p>Hello</p>', 'Hello', false);
    check('<img src="data:image/png;base64,AA==">', '', false);
    check('<TABLE><tr><td></td></tr></TABLE>', '', false);
    check('<imgs>', '', true);
  });

  it('is dark in the dark theme, and turns the colours of mail that has its own', () => {
    const check = (html: string, paper: string) => expect(darkPaper(html), html).toBe(paper);
    check('<p>Red is a color="red"</p>', 'dark');
    check('<p style="margin:0">x</p>', 'dark');
    check('<p style="margin:0;COLOR:#000">x</p>', 'turned');
    check('<div><font size="2" color="navy">x</font></div>', 'turned');
    check('<table bgcolor="white"></table>', 'turned');
    expect(frameDocument('<p>x', 'dark')).toContain('color-scheme:dark');
    expect(frameDocument('<p>x')).not.toContain('color-scheme:dark');
    expect(frameDocument('<p>x', 'turned')).toContain('img{filter');
  });

  it('gives links their addresses back, and only those of the web and of mail', () => {
    const check = (html: string, address: string | null) =>
      expect(parse(withLinks(html)).querySelector('a')?.getAttribute('href') ?? null, html).toBe(address);
    check('<a title="https://example.org/?a=1&amp;b=2">x</a>', 'https://example.org/?a=1&b=2');
    check('<a class="y" title="mailto:a@example.org">x</a>', 'mailto:a@example.org');
    check('<a title="tel:123">x</a>', null);
    check('<a title="javascript:x()">x</a>', null);
    check('<a>title="https://example.org"</a>', null);
    check('&lt;a title="https://example.org"&gt;', null);
  });

  it('marks what is looked for', () => {
    const find = (html: string, needle: string) => {
      const { html: marked, count } = markFinds(html, needle);
      const page = new DOMParser().parseFromString(marked, 'text/html');
      const marks = [...page.querySelectorAll('mark.find')];
      expect(marks.map(({ id }) => id)).toEqual(marks.map((_, at) => `find-${at}`));
      expect(marks).toHaveLength(count);
      expect(page.body.textContent).toBe(new DOMParser().parseFromString(html, 'text/html').body.textContent);
      return marks.map(({ textContent }) => textContent);
    };
    expect(find('<p>Gas and GAS</p>', 'gas')).toEqual(['Gas', 'GAS']);
    expect(find('<p>ca<mark>paci</mark>ty</p>', 'capacity')).toEqual(['capacity']);
    expect(find('<p>1+1 &lt;b&gt;</p>', '<b>')).toEqual(['<b>']);
    expect(find('<p>x</p>', 'y')).toEqual([]);
    expect(places('a.b a\n b', 'a b')).toEqual([[4, 8]]);
    expect(places('x'.repeat(5000), 'x')).toHaveLength(2000);
  });

  it('lets links lead nowhere', () => {
    expect(parse('<a href="https://example.org">x</a>').querySelector('base')?.getAttribute('target')).toBe(
      '_blank',
    );
  });
});
