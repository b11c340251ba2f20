// A client of the W3C WebDriver protocol, as far as these tests need it. https://www.w3.org/TR/webdriver2/

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Keys that have no character of their own. */
export const KEYS = { enter: '\uE007', escape: '\uE00C' };

/** A driver's refusal. `code` is one of the protocol's error codes, such as "stale element reference". */
export class WebDriverError extends Error {
  constructor(code, message) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** One session: one window of one application. */
export class Session {
  #base;

  constructor(base, id) {
    this.#base = `${base}/session/${id}`;
  }

  /** Starts the program `binary` with `args`. `base` is the address of the driver. */
  static async open(base, binary, args) {
    const capabilities = { alwaysMatch: { browserName: 'wry', 'webkitgtk:browserOptions': { binary, args } } };
    const { sessionId } = await request(`${base}/session`, 'POST', { capabilities });
    return new Session(base, sessionId);
  }

  /** Ends the session, and with it the program. */
  close() {
    return request(this.#base, 'DELETE');
  }

  /** The first element that fits the CSS selector, or null. */
  async find(selector) {
    try {
      const found = await this.#post('element', { using: 'css selector', value: selector });
      return new Element(this.#base, found[ELEMENT]);
    } catch (error) {
      if (error.code === 'no such element') return null;
      throw error;
    }
  }

  /** Runs a function's source in the page, with JSON arguments; gives what it returns. */
  run(script, ...args) {
    const source = typeof script === 'function' ? `return (${script})(...arguments)` : script;
    return this.#post('execute/sync', { script: source, args });
  }

  /** Does `work` inside the frame that `element` is, and comes back to the page. */
  async inFrame(element, work) {
    await this.#post('frame', { id: element.reference });
    try {
      return await work();
    } finally {
      await this.#post('frame', { id: null });
    }
  }

  /** Where the window is and how large, its frame included. */
  rect() {
    return request(`${this.#base}/window/rect`, 'GET');
  }

  /** Makes the window so large, its frame included. */
  resize(width, height) {
    return this.#post('window/rect', { width, height });
  }

  #post(path, body) {
    return request(`${this.#base}/${path}`, 'POST', body);
  }
}

/** An element of the page. */
export class Element {
  #base;

  constructor(base, id) {
    this.id = id;
    this.#base = `${base}/element/${id}`;
  }

  /** How the protocol names it in arguments. */
  get reference() {
    return { [ELEMENT]: this.id };
  }

  click() {
    return request(`${this.#base}/click`, 'POST', {});
  }

  /** Types text into it. */
  type(text) {
    return request(`${this.#base}/value`, 'POST', { text });
  }

  text() {
    return request(`${this.#base}/text`, 'GET');
  }

  attribute(name) {
    return request(`${this.#base}/attribute/${name}`, 'GET');
  }

  isDisplayed() {
    return request(`${this.#base}/displayed`, 'GET');
  }
}

/** The driver answers within so many milliseconds, or it hangs. */
const PATIENCE = 60_000;

/** Asks the driver; gives the `value` of its answer. */
export async function request(url, method, body) {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(url, {
    method,
    body: sent,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(PATIENCE),
  }).catch((cause) => {
    // What was asked tells more than that nothing came.
    throw new Error(`${method} ${new URL(url).pathname} ${sent?.slice(0, 200) ?? ''}: ${cause.message}`, { cause });
  });
  const { value } = await response.json();
  if (!response.ok) throw new WebDriverError(value.error, value.message);
  return value;
}
