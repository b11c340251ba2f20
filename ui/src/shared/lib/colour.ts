/** Colours as mail writes them. */

/** Red, green and blue from 0 to 255, and how much of them there is, from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number, alpha: number];

/** The names of CSS, each with its value: six digits. */
const NAMES = new Map(
  (
    'aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc bisque ffe4c4 black 000000 ' +
    'blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2 brown a52a2a burlywood deb887 cadetblue 5f9ea0 chartreuse 7fff00 ' +
    'chocolate d2691e coral ff7f50 cornflowerblue 6495ed cornsilk fff8dc crimson dc143c cyan 00ffff darkblue 00008b ' +
    'darkcyan 008b8b darkgoldenrod b8860b darkgray a9a9a9 darkgreen 006400 darkgrey a9a9a9 darkkhaki bdb76b ' +
    'darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00 darkorchid 9932cc darkred 8b0000 darksalmon e9967a ' +
    'darkseagreen 8fbc8f darkslateblue 483d8b darkslategray 2f4f4f darkslategrey 2f4f4f darkturquoise 00ced1 ' +
    'darkviolet 9400d3 deeppink ff1493 deepskyblue 00bfff dimgray 696969 dimgrey 696969 dodgerblue 1e90ff ' +
    'firebrick b22222 floralwhite fffaf0 forestgreen 228b22 fuchsia ff00ff gainsboro dcdcdc ghostwhite f8f8ff gold ffd700 ' +
    'goldenrod daa520 gray 808080 green 008000 greenyellow adff2f grey 808080 honeydew f0fff0 hotpink ff69b4 ' +
    'indianred cd5c5c indigo 4b0082 ivory fffff0 khaki f0e68c lavender e6e6fa lavenderblush fff0f5 lawngreen 7cfc00 ' +
    'lemonchiffon fffacd lightblue add8e6 lightcoral f08080 lightcyan e0ffff lightgoldenrodyellow fafad2 ' +
    'lightgray d3d3d3 lightgreen 90ee90 lightgrey d3d3d3 lightpink ffb6c1 lightsalmon ffa07a lightseagreen 20b2aa ' +
    'lightskyblue 87cefa lightslategray 778899 lightslategrey 778899 lightsteelblue b0c4de lightyellow ffffe0 ' +
    'lime 00ff00 limegreen 32cd32 linen faf0e6 magenta ff00ff maroon 800000 mediumaquamarine 66cdaa mediumblue 0000cd ' +
    'mediumorchid ba55d3 mediumpurple 9370db mediumseagreen 3cb371 mediumslateblue 7b68ee mediumspringgreen 00fa9a ' +
    'mediumturquoise 48d1cc mediumvioletred c71585 midnightblue 191970 mintcream f5fffa mistyrose ffe4e1 ' +
    'moccasin ffe4b5 navajowhite ffdead navy 000080 oldlace fdf5e6 olive 808000 olivedrab 6b8e23 orange ffa500 ' +
    'orangered ff4500 orchid da70d6 palegoldenrod eee8aa palegreen 98fb98 paleturquoise afeeee palevioletred db7093 ' +
    'papayawhip ffefd5 peachpuff ffdab9 peru cd853f pink ffc0cb plum dda0dd powderblue b0e0e6 purple 800080 ' +
    'rebeccapurple 663399 red ff0000 rosybrown bc8f8f royalblue 4169e1 saddlebrown 8b4513 salmon fa8072 ' +
    'sandybrown f4a460 seagreen 2e8b57 seashell fff5ee sienna a0522d silver c0c0c0 skyblue 87ceeb slateblue 6a5acd ' +
    'slategray 708090 slategrey 708090 snow fffafa springgreen 00ff7f steelblue 4682b4 tan d2b48c teal 008080 ' +
    'thistle d8bfd8 tomato ff6347 turquoise 40e0d0 violet ee82ee wheat f5deb3 white ffffff whitesmoke f5f5f5 ' +
    'yellow ffff00 yellowgreen 9acd32'
  )
    .match(/\S+ \S+/g)
    ?.map((pair) => pair.split(' ') as [string, string]),
);

/** The colour that a text names; null for one that names none, such as `inherit`. */
export function colour(text: string): Colour | null {
  const word = text.trim().toLowerCase();
  if (word === 'transparent') return [0, 0, 0, 0];
  const digits = NAMES.get(word) ?? /^#?([0-9a-f]{3,8})$/.exec(word)?.[1];
  if (digits !== undefined) return hex(digits);
  const parts = /^(rgb|hsl)a?\(([^()]*)\)$/.exec(word);
  if (parts === null) return null;
  const [first, second, third, part = '1'] = (parts[2] ?? '').split(/[\s,/]+/).filter(Boolean);
  if (first === undefined || second === undefined || third === undefined) return null;
  const alpha = limited(amount(part, 1), 1);
  const [red, green, blue] =
    parts[1] === 'rgb'
      ? [amount(first, 255), amount(second, 255), amount(third, 255)]
      : fromHue(parseFloat(first), parseFloat(second) / 100, parseFloat(third) / 100);
  if ([red, green, blue, alpha].some(Number.isNaN)) return null;
  return [limited(red, 255), limited(green, 255), limited(blue, 255), alpha];
}

function hex(digits: string): Colour | null {
  const long = digits.length < 5 ? digits.replace(/./g, '$&$&') : digits;
  if (long.length !== 6 && long.length !== 8) return null;
  const part = (at: number) => parseInt(long.slice(at, at + 2), 16);
  return [part(0), part(2), part(4), long.length === 8 ? part(6) / 255 : 1];
}

/** A number, or a percentage of `whole`. */
function amount(text: string, whole: number): number {
  return text.endsWith('%') ? (parseFloat(text) / 100) * whole : parseFloat(text);
}

function limited(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}

function fromHue(hue: number, saturation: number, lightness: number): [number, number, number] {
  const part = (at: number) => {
    const place = (at + hue / 30) % 12;
    const reach = saturation * Math.min(lightness, 1 - lightness);
    return 255 * (lightness - reach * Math.max(-1, Math.min(place - 3, 9 - place, 1)));
  };
  return [part(0), part(8), part(4)];
}

/** How `ink` looks on a ground that lets nothing through. */
export function over(ink: Colour, ground: Colour): Colour {
  const [red, green, blue, alpha] = ink;
  const mix = (a: number, b: number) => a * alpha + b * (1 - alpha);
  return [mix(red, ground[0]), mix(green, ground[1]), mix(blue, ground[2]), 1];
}

/** How well one tells two colours apart, from 1 to 21, as WCAG 2 counts it. */
export function contrast(a: Colour, b: Colour): number {
  const luminance = (of: Colour) => {
    const part = (value: number) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(of[0]) + 0.7152 * part(of[1]) + 0.0722 * part(of[2]);
  };
  const [one, other] = [luminance(a), luminance(b)];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}
