/** Text in a message that nobody sees: in the colour of its ground, too small, out of the page, or not shown at all. */
import { colour, contrast, over, type Colour } from '../../shared/lib/colour';
import { REVEALED } from './document';

/** What was found in a message. */
export interface Hidden {
  /** How often text begins that is not seen. */
  passages: number;
  /** The message with that text marked, where all see it. */
  revealed: () => string;
}

/** Ink that differs less from its ground is not seen. Light grey on white, as in small print, is above it. */
const LEAST_CONTRAST = 1.25;
/** Smaller letters are not read, in pixels. */
const LEAST_SIZE = 4;
/** Text that begins so far beside the page is not on it, in pixels. */
const FAR_AWAY = -500;

/** What an element gives to the text in it. */
interface Look {
  ink: Colour;
  ground: Colour;
  /** In pixels. */
  size: number;
  /** Whether it, or one around it, is not shown. */
  gone: boolean;
}

/** As the frame begins: its ink, its paper, its size of letters. */
const PAPER: Look = { ink: [23, 26, 33, 1], ground: [255, 255, 255, 1], size: 14, gone: false };
const LINK: Colour = [47, 81, 204, 1];
const MARK: Pick<Look, 'ink' | 'ground'> = { ink: [43, 35, 0, 1], ground: [255, 233, 168, 1] };

/** Nothing else can hide text: what says none of it need not be looked through. */
const SUSPICIOUS = /\b(?:bg)?color\b|\bdisplay\b|\bfont\b|\bfont-size\b|\btext-indent\b|\bmargin\b/i;

/** Looks for text that is not seen in the sanitised HTML of a message; null where there is none. */
export function findHidden(html: string): Hidden | null {
  if (!SUSPICIOUS.test(html)) return null;
  // Parsed apart from the page of the window: nothing in it runs or loads.
  const page = new DOMParser().parseFromString(html, 'text/html');
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  const looks = new Map<Node, Look>([[page.body, PAPER]]);
  const found: Text[] = [];
  let passages = 0;
  let before = false;
  // Whatever holds a node comes before it.
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const around = looks.get(node.parentNode ?? page.body) ?? PAPER;
    if (node instanceof HTMLElement) {
      looks.set(node, lookOf(node, around));
    } else if (node.nodeType === Node.TEXT_NODE && /[\p{L}\p{N}]/u.test((node as Text).data)) {
      const hidden = isHidden(around);
      if (hidden) found.push(node as Text);
      if (hidden && !before) passages += 1;
      before = hidden;
    }
  }
  return passages === 0 ? null : { passages, revealed: () => reveal(page, found) };
}

function isHidden({ ink, ground, size, gone }: Look): boolean {
  return gone || size < LEAST_SIZE || contrast(over(ink, ground), ground) < LEAST_CONTRAST;
}

function lookOf(element: HTMLElement, around: Look): Look {
  const { style } = element;
  const name = element.localName;
  const said = (property: string, attribute: string | null) =>
    colour(style.getPropertyValue(property)) ?? (attribute === null ? null : colour(attribute));
  const size = sizeOf(style.getPropertyValue('font-size'), around.size);
  const gone = around.gone || style.getPropertyValue('display') === 'none' || isAway(style);
  // Marks have colours of their own, whatever is in them.
  if (name === 'mark' || element.closest('mark') !== null) return { ...MARK, size, gone };
  const ground = said('background-color', element.getAttribute('bgcolor'));
  const ink = said('color', name === 'font' ? element.getAttribute('color') : null);
  return {
    ink: ink ?? (name === 'a' && element.hasAttribute('href') ? LINK : around.ink),
    ground: ground === null ? around.ground : over(ground, around.ground),
    size,
    gone,
  };
}

function isAway(style: CSSStyleDeclaration): boolean {
  return ['text-indent', 'margin-left', 'margin-top'].some(
    (property) => (pixels(style.getPropertyValue(property), 14) ?? 0) <= FAR_AWAY,
  );
}

function sizeOf(text: string, around: number): number {
  const share = /^([\d.]+)%$/.exec(text.trim());
  return share === null ? (pixels(text, around) ?? around) : (around * Number(share[1])) / 100;
}

/** A length in pixels, where `em` is so large; null for what is none. */
function pixels(text: string, em: number): number | null {
  const parts = /^(-?[\d.]+)(px|pt|em|rem|in|cm|mm)?$/.exec(text.trim());
  const unit = { px: 1, pt: 4 / 3, em, rem: 14, in: 96, cm: 37.8, mm: 3.78 }[parts?.[2] ?? 'px'];
  const length = Number(parts?.[1]) * (unit ?? NaN);
  return Number.isNaN(length) ? null : length;
}

function reveal(page: Document, texts: Text[]): string {
  for (const text of texts) {
    for (let one = text.parentElement; one !== null && one !== page.body; one = one.parentElement) {
      if (one.style.getPropertyValue('display') === 'none') one.style.removeProperty('display');
      if (isAway(one.style))
        for (const property of ['text-indent', 'margin-left', 'margin-top'])
          one.style.removeProperty(property);
    }
    // Again when it was asked for again.
    if (text.parentElement?.className === REVEALED) continue;
    const shown = page.createElement('span');
    shown.className = REVEALED;
    text.replaceWith(shown);
    shown.append(text);
  }
  return `<!doctype html>${page.documentElement.outerHTML}`;
}
