/** An address taken apart for a person to judge it. */
export interface Inspected {
  before: string;
  /** The part that says who is behind it. */
  host: string;
  after: string;
  mail: boolean;
  /** What should make one hesitate. */
  warnings: string[];
}

/** Takes an address of the web or of mail apart; the three parts together are the address, whole. */
export function inspect(address: string): Inspected {
  const mail = /^mailto:/i.test(address);
  const warnings: string[] = [];
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return { before: address, host: '', after: '', mail, warnings: ['This is not a whole address.'] };
  }
  if (mail) {
    const to = address.slice(7).split('?')[0] ?? '';
    return { before: address.slice(0, 7), host: to, after: address.slice(7 + to.length), mail, warnings };
  }
  if (url.protocol === 'http:') warnings.push('It is not encrypted on its way.');
  if (url.username !== '' || url.password !== '')
    warnings.push(`What stands before the "@" is no place: it leads to ${url.host}.`);
  if (url.hostname.split('.').some((part) => part.startsWith('xn--')))
    warnings.push('Its name has letters of other scripts, which can look like familiar ones.');
  if (/^\d+\.\d+\.\d+\.\d+$|^\[/.test(url.hostname)) warnings.push('It is a bare number instead of a name.');
  if (url.port !== '') warnings.push(`It asks for an unusual port, ${url.port}.`);
  const authority = /^[a-z]+:\/\/(?:[^/?#]*@)?/i.exec(address)?.[0].length ?? 0;
  const end = address.slice(authority).search(/[/?#]/);
  const stop = end < 0 ? address.length : authority + end;
  return {
    before: address.slice(0, authority),
    host: address.slice(authority, stop),
    after: address.slice(stop),
    mail,
    warnings,
  };
}
