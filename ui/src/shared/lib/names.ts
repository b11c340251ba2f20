import type { Person } from '../../ipc/generated/api';

/** What follows a comma without being a given name. */
const SUFFIX = /^(jr|sr|ii|iii|iv|md|phd|esq|inc|llc|ltd|corp|co|gmbh|ag|plc)\.?$/i;

/** Up to two initials of a name, or of an address. A name written `Last, First` gives the first name's letter first. */
export function initials(name: string): string {
  const plain = name.replace(/@.*$/, '').replace(/\([^)]*\)|\[[^\]]*\]/g, ' ');
  const turned = /^([^,]+),\s*([^,]+)$/.exec(plain.trim());
  const first = turned?.[2]?.trim() ?? '';
  const ordered = turned && !SUFFIX.test(first) ? `${first} ${turned[1] ?? ''}` : plain.replace(/,.*$/, '');
  // "Moreau, Alice B." is known as A M: between the first name and the last, nothing counts.
  const words = ordered.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const head = words[0];
  if (head === undefined) return '?';
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  return [head, last]
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}

/** An Exchange address such as `/O=ACME/OU=EU/CN=RECIPIENTS/CN=ALICE`, also where a gateway wrapped it. */
function exchangeName(address: string): string | null {
  const wrapped = /^IMCEAEX-([^@]+)@/i.exec(address)?.[1];
  const path =
    wrapped === undefined ? address : wrapped.replace(/_/g, '/').replace(/\+(?=[0-9A-F]{2})/gi, '%');
  if (!/^\/o=/i.test(path)) return null;
  const last = path.split('/').filter(Boolean).pop() ?? '';
  const value = last.slice(last.indexOf('=') + 1);
  // Newer servers put a long number before the name: "0123456789abcdef-alice".
  const bare = value.replace(/^[0-9a-f]{32}-?/i, '') || value;
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}

/** An address as people read it: of an Exchange address the last name in it. */
export function shortAddress(address: string): string {
  return exchangeName(address) ?? address;
}

/** What to call a correspondent: the name, else the address in short. */
export function displayName({ name, address }: Person): string {
  const plain = name.trim().replace(/^'(.*)'$/, '$1');
  if (plain === '' || plain === address) return shortAddress(address);
  return shortAddress(plain);
}

/** The address to show beside the name; empty where it says nothing more. */
export function addressLine(person: Person): string {
  const short = shortAddress(person.address);
  if (short === displayName(person)) return '';
  return short === person.address ? short : `${short}, in Exchange`;
}

/** What turns the direction of the text that follows, so that "exe.fdp" would be read as "pdf.exe". */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/gu;

/** The name of a file as it can be shown without misleading anybody, parted before what says the kind of file. */
export function fileParts(name: string): [stem: string, end: string] {
  const plain = name.replace(TURNS, '\ufffd');
  const at = /(?<=[^.])\.[^.\s/\\]{1,10}$/u.exec(plain)?.index ?? plain.length;
  return [plain.slice(0, at), plain.slice(at)];
}
