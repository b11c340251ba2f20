import { describe, expect, it } from 'vitest';
import { inspect } from '../src/shared/lib/address';

describe('an address', () => {
  it('is taken apart without losing a letter', () => {
    const check = (address: string, host: string, warnings = 0) => {
      const seen = inspect(address);
      expect(seen.before + seen.host + seen.after).toBe(address);
      expect([seen.host, seen.warnings.length], address).toEqual([host, warnings]);
    };
    check('https://example.org/a?b#c', 'example.org');
    check('https://example.org', 'example.org');
    check('http://example.org/', 'example.org', 1);
    check('https://bank.example@evil.example/x', 'evil.example', 1);
    check('https://xn--pypal-4ve.example/', 'xn--pypal-4ve.example', 1);
    check('http://10.0.0.1:8080/', '10.0.0.1:8080', 3);
    check('https://example.org?next=https://other.example', 'example.org');
    check('mailto:alice@example.org?subject=x', 'alice@example.org');
    check('nonsense', '', 1);
  });
});
