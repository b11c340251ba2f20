// Mail that wants to run, to load, to lead away: nothing of it does. A listening socket on this computer hears no request.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { Desktop, pause, program, until } from './desktop.mjs';

/** Each is the body of one message. `W` is the address of the listener, without its scheme. */
const LETTERS = {
  script: `<script src="http://W/script.js"></script><script>top.pwned=1;parent.pwned=1;fetch("http://W/fetch")</script>`,
  handlers: `<img src=x onerror="top.pwned=1"><body onload="top.pwned=1"><p onclick="top.pwned=1" onmouseover="top.pwned=1">x</p>`,
  details: `<details open ontoggle="top.pwned=1"><summary>x</summary></details><input autofocus onfocus="top.pwned=1">`,
  javascript: `<a href="javascript:top.pwned=1">x</a><a href=" jAvAsCrIpT&#58;top.pwned=1">y</a><a href="java\tscript:top.pwned=1">z</a>`,
  vbscript: `<a href="vbscript:x">x</a><a href="data:text/html,<script>top.pwned=1</script>">y</a><a href="file:///etc/passwd">z</a>`,
  pixel: `<img src="http://W/pixel.gif" width=1 height=1><img src="//W/pixel2.gif"><img src="HTTP://W/pixel3.gif">`,
  srcset: `<img srcset="http://W/srcset.gif 2x"><picture><source srcset="http://W/source.gif"><img src=x></picture>`,
  lowsrc: `<img lowsrc="http://W/lowsrc.gif" dynsrc="http://W/dynsrc.avi" longdesc="http://W/longdesc">`,
  background: `<table background="http://W/table.gif"><tr><td background="http://W/td.gif">x</td></tr></table>`,
  css: `<div style="background:url(http://W/url.gif)">x</div><div style="background-image:u\\72l(http://W/escaped.gif)">y</div>`,
  moreCss: `<div style="list-style:url('http://W/list.gif')">x</div><div style="content:image-set('http://W/set.gif' 1x)">y</div><div style="cursor:url(http://W/cursor.cur),auto">z</div>`,
  variables: `<div style="--x:url(http://W/variable.gif);background:var(--x)">x</div><div style="mask:url(http://W/mask.svg);filter:url(http://W/filter.svg#f)">y</div>`,
  stylesheet: `<style>@import "http://W/import.css";body{background:url(http://W/style.gif)}</style><link rel=stylesheet href="http://W/link.css">`,
  font: `<style>@font-face{font-family:x;src:url(http://W/font.woff2)}p{font-family:x}</style><p>x</p>`,
  links: `<link rel=preload as=image href="http://W/preload.gif"><link rel=prefetch href="http://W/prefetch"><link rel=dns-prefetch href="//W"><link rel=preconnect href="http://W"><link rel=icon href="http://W/icon.ico">`,
  refresh: `<meta http-equiv=refresh content="0;url=http://W/refresh"><meta http-equiv="Refresh" content="0; url=javascript:top.pwned=1">`,
  policy: `<meta http-equiv="Content-Security-Policy" content="default-src *; script-src * 'unsafe-inline'"><img src="http://W/policy.gif">`,
  base: `<base href="http://W/"><img src="base.gif"><a href="based">x</a>`,
  form: `<form action="http://W/form" method=post id=f><input name=a value=b><button formaction="http://W/button">x</button></form><button form=f>y</button>`,
  isindex: `<isindex action="http://W/isindex"><keygen><select onchange="top.pwned=1"><option>x</select><textarea>x</textarea>`,
  frames: `<iframe src="http://W/iframe"></iframe><iframe srcdoc="<script>top.pwned=1</script>"></iframe><frameset><frame src="http://W/frame"></frameset>`,
  objects: `<object data="http://W/object"></object><embed src="http://W/embed"><applet code="x" codebase="http://W/applet"></applet><param name=movie value="http://W/movie">`,
  media: `<video src="http://W/video" poster="http://W/poster.gif" autoplay></video><audio src="http://W/audio" autoplay></audio><track src="http://W/track">`,
  svg: `<svg onload="top.pwned=1"><script>top.pwned=1</script><image href="http://W/svg.gif" xlink:href="http://W/svg2.gif"/><use href="http://W/use.svg#x"/><foreignObject><img src="http://W/foreign.gif"></foreignObject></svg>`,
  animation: `<svg><a xlink:href="#"><animate attributeName=href values="javascript:top.pwned=1"/><set attributeName=href to="http://W/set"/><text>x</text></a></svg>`,
  math: `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=http://W/mglyph.gif onerror=top.pwned=1&gt;">`,
  mutation: `<noscript><p title="</noscript><img src=http://W/noscript.gif onerror=top.pwned=1>"></noscript><xmp><img src="http://W/xmp.gif"></xmp>`,
  comments: `<!--[if mso]><img src="http://W/mso.gif"><![endif]--><!--><img src="http://W/comment.gif" onerror=top.pwned=1>--><![CDATA[<img src="http://W/cdata.gif">]]>`,
  vml: `<xml><o:OfficeDocumentSettings/></xml><v:rect><v:fill src="http://W/vml.gif"/><v:imagedata src="http://W/imagedata.gif"/></v:rect>`,
  data: `<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><image href='http://W/datasvg.gif'/></svg>"><img src="data:text/html,<script>top.pwned=1</script>">`,
  cid: `<img src="cid:vector"><img src="cid:page"><object data="cid:page"></object><iframe src="cid:page"></iframe><a href="cid:page">x</a>`,
  mhtml: `<img src="mhtml:http://W/mhtml!x.gif"><img src="blob:http://W/x"><img src="filesystem:http://W/x"><img src="ftp://W/x.gif"><img src="file:///etc/passwd">`,
  unclosed: `<p title='<img src=http://W/unclosed.gif onerror=top.pwned=1 <b <i <a href="http://W/`,
  closing: `</body></html></iframe><script>top.pwned=1</script><img src="http://W/closing.gif">`,
  doctype: `<!DOCTYPE html SYSTEM "http://W/dtd" [<!ENTITY x SYSTEM "http://W/entity">]><html>&x;<p>x`,
  encoded: `<img src="http:&#x2f;&#x2f;W/entity.gif"><img src="ht\ntp://W/newline.gif"><img src=\u0000"http://W/null.gif">`,
  ping: `<a href="https://example.org/" ping="http://W/ping">x</a><area href="http://W/area" ping="http://W/ping2"><map name=m><area href="http://W/m"></map>`,
  target: `<a href="https://example.org/" target="_top">x</a><a href="https://example.org/" target="_parent">y</a><a href="https://example.org/" download>z</a>`,
  overlay: `<div style="position:fixed;inset:0;z-index:99999;background:#fff">Your session has ended. <a href="https://evil.example/">Sign in</a></div>`,
  utf7: `+ADw-script+AD4-top.pwned=1+ADw-/script+AD4-<meta charset=utf-7>`,
};

/** Writes a mailbox with these bodies. */
async function letters(desktop, file, port) {
  const child = spawn(program('examples/letters'), [file], { stdio: ['pipe', 'ignore', 'inherit'] });
  for (const [subject, html] of Object.entries(LETTERS)) {
    const letter = {
      subject: `hostile ${subject}`,
      html: html.replaceAll('W/', `127.0.0.1:${port}/`).replaceAll('//W"', `//127.0.0.1:${port}"`),
      attachments: [
        { name: 'vector.svg', mime: 'image/png', cid: 'vector', text: '<svg onload="top.pwned=1" xmlns="http://www.w3.org/2000/svg"/>' },
        { name: 'page.html', mime: 'image/gif', cid: 'page', text: '<script>top.pwned=1</script>' },
      ],
    };
    child.stdin.write(`${JSON.stringify(letter)}\n`);
  }
  child.stdin.end();
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, 'the letters are written');
}

/** A socket that counts who knocks. */
async function listener() {
  const ear = { heard: [], showing: 'nothing', server: null, port: 0 };
  ear.server = createServer((socket) => {
    socket.on('data', (data) => ear.heard.push(`${ear.showing}: ${String(data).split('\r\n')[0]}`));
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    ear.heard.push(`${ear.showing}: a connection`);
  });
  ear.server.listen(0, '127.0.0.1');
  await once(ear.server, 'listening');
  ear.port = ear.server.address().port;
  // Were the listener deaf, the test would prove nothing.
  const knock = connect(ear.port, '127.0.0.1', () => knock.end('knock'));
  await once(knock, 'close');
  assert.deepEqual(ear.heard, ['nothing: a connection', 'nothing: knock'], 'the listener hears');
  ear.heard.length = 0;
  return ear;
}

/** What must not be in the frame of a message. */
const inTheFrame = () => ({
  address: location.href.replace(/#.*/, ''),
  active: document.querySelectorAll('script, form, input, button, iframe, frame, object, embed, svg, math, video, audio, base[href], link, meta[http-equiv=refresh]').length,
  handlers: [...document.querySelectorAll('*')].flatMap((one) => [...one.attributes].filter(({ name }) => name.startsWith('on'))).length,
  loads: [...document.querySelectorAll('[src], [srcset], [background], [poster], [data]')].filter((one) => !/^data:image\/(png|jpeg|gif|bmp|webp)/.test(one.getAttribute('src') ?? '')).length,
  links: [...document.querySelectorAll('a[href]')].filter((one) => !/^(https?|mailto):/.test(one.getAttribute('href'))).length,
  styles: [...document.querySelectorAll('[style]')].filter((one) => /url|image|position|expression|@import/i.test(one.getAttribute('style'))).length,
});

test('hostile mail runs nothing and loads nothing', () =>
  Desktop.with('hostile', async (desktop) => {
    const ear = await listener();
    try {
      const file = desktop.path('hostile.pst');
      await letters(desktop, file, ear.port);
      const names = Object.keys(LETTERS);
      const papers = [];
      const app = await desktop.open(file);
      await app.readNumber('total', names.length, 60);
      for (const theme of ['light', 'dark']) {
        if (theme === 'dark') {
          await app.click('theme-toggle');
          await app.click('theme-toggle');
        }
        for (const name of names) {
          ear.showing = name;
          await app.ask(`subject:"hostile ${name}"`);
          await app.readNumber('total', 1);
          await app.click('result-row');
          await app.read('reader-subject', `hostile ${name}`);
          await pause(60);
          const frame = await app.find('reader-frame');
          if (frame === null) continue;
          const found = await until(`the frame of "${name}" is there`, () =>
            app.session.inFrame(frame, () => app.session.run(inTheFrame)),
          );
          const clean = { address: 'about:srcdoc', active: 0, handlers: 0, loads: 0, links: 0, styles: 0 };
          assert.deepEqual(found, clean, name);
          if (theme === 'dark') continue;
          // On paper it is the same message in a frame of ours: no less safe.
          await app.click('print');
          const printed = await until(`the page of "${name}" for paper is there`, () =>
            app.session.run(`return (() => {
              const document = window.document.getElementById('print-frame')?.contentDocument;
              if (document?.readyState !== 'complete' || !document.getElementById('mailscope-head')) return null;
              const location = { href: 'about:srcdoc' };
              return { ...(${inTheFrame})(), scripts: document.scripts.length, policy: document.querySelector('meta[http-equiv]').content };
            })()`),
          );
          const { scripts, policy, ...rest } = printed;
          assert.deepEqual(rest, clean, `${name}, printed`);
          assert.equal(scripts, 0);
          assert.match(policy, /^default-src 'none'/);
          papers.push([name, await app.session.run(() => document.getElementById('print-frame').srcdoc)]);
          await app.session.run(() => document.getElementById('print-frame').remove());
        }
      }
      // Nor where it is laid out once more, for a PDF file: some of them stand for all.
      for (const [name, page] of papers.filter((_, at) => at % 4 === 0)) {
        ear.showing = `${name}, as PDF`;
        await app.session.run((asked) => window.__TAURI_INTERNALS__.invoke('call', { name: 'save_pdf', request: JSON.stringify(asked) }), { page, to: desktop.path(`${name}.pdf`) });
        await access(desktop.path(`${name}.pdf`));
      }
      // What is looked for in a message is marked in a page that was parsed anew: no less safe.
      await app.ask('subject:"hostile math"');
      await app.click('result-row');
      await app.session.run(() => dispatchEvent(new KeyboardEvent('keydown', { key: 'f', ctrlKey: true, bubbles: true })));
      await (await app.see('find-input')).type('x');
      await pause(1500);
      const { pwned, address } = await app.session.run(() => ({ pwned: window.pwned ?? null, address: location.protocol }));
      assert.equal(pwned, null, 'no script of a message ran in the window');
      assert.equal(address, 'tauri:', 'the window still shows its own page');
      assert.deepEqual(ear.heard, [], 'nothing was fetched');
      await app.shoot('hostile');
    } finally {
      ear.server.close();
    }
  }));

test('a link opens nothing before its address was shown, and then in the browser', () =>
  Desktop.with('link', async (desktop) => {
    const opened = desktop.path('opened');
    await mkdir(desktop.path('bin'));
    await writeFile(desktop.path('bin', 'xdg-open'), `#!/bin/sh\nprintf '%s\\n' "$1" >> ${opened}\n`);
    await chmod(desktop.path('bin', 'xdg-open'), 0o755);
    desktop.env.PATH = `${desktop.path('bin')}:${desktop.env.PATH}`;
    const child = spawn(program('examples/letters'), [desktop.path('link.pst')], { stdio: ['pipe', 'ignore', 'inherit'] });
    const html = '<p><a id="x" href="https://evil.example/login?next=https://bank.example/">https://bank.example/</a></p>';
    child.stdin.end(`${JSON.stringify({ subject: 'a link', html })}\n`);
    await once(child, 'exit');
    const app = await desktop.open(desktop.path('link.pst'));
    await app.read('result-row', 'a link', 60);
    await app.click('result-row');
    const click = async () => {
      const frame = await app.see('reader-frame');
      await app.session.inFrame(frame, async () => (await app.session.find('a')).click());
    };
    await click();
    await app.read('link-address', 'https://evil.example/login?next=https://bank.example/');
    await app.shoot('link');
    await app.session.run(() => document.querySelector('dialog[open]').close());
    await app.unsee('link-dialog');
    await assert.rejects(readFile(opened), 'nothing was opened by the click alone');
    await click();
    await app.click('link-open');
    await until('the browser was asked', async () => (await readFile(opened, 'utf8')) === 'https://evil.example/login?next=https://bank.example/\n');
    assert.ok(await app.find('reader-frame'), 'the message is still there');
  }));

test('text that nobody would see is told, and shown on demand', () =>
  Desktop.with('hidden', async (desktop) => {
    const child = spawn(program('examples/letters'), [desktop.path('hidden.pst')], { stdio: ['pipe', 'ignore', 'inherit'] });
    const html =
      '<p>Seen.</p><p id=a style="color:#fff">White on white.</p><p id=b style="display:none">Not shown.</p><p id=c style="font-size:1px">Tiny.</p>' +
      '<p id=d style="background:#036 url(http://example.org/x.gif);color:#fff">White on blue.</p>';
    child.stdin.end(`${JSON.stringify({ subject: 'hidden text', html })}\n${JSON.stringify({ subject: 'plain text', html: '<p>All of it is seen.</p>' })}\n`);
    await once(child, 'exit');
    const app = await desktop.open(desktop.path('hidden.pst'));
    await app.readNumber('total', 2, 60);
    const read = async (subject) => {
      await app.ask(`subject:"${subject}"`);
      await app.readNumber('total', 1);
      await app.click('result-row');
      await app.read('reader-subject', subject);
    };
    /** What is drawn of the text in the frame, with its colours. */
    const drawn = async () => {
      const frame = await app.see('reader-frame');
      return app.session.inFrame(frame, () =>
        app.session.run(() =>
          [...document.querySelectorAll('p')].map((one) => {
            const inner = one.querySelector('.mailscope-revealed') ?? one;
            const { color, fontSize } = getComputedStyle(inner);
            // A ground that is not its own is that of the page.
            const ground = [inner, document.documentElement].map((at) => getComputedStyle(at).backgroundColor).find((own) => own !== 'rgba(0, 0, 0, 0)');
            return { text: one.innerText.trim(), color, ground, size: parseFloat(fontSize), high: inner.getBoundingClientRect().height };
          }),
        ),
      );
    };
    const seen = ({ color, ground, size, high }) => color !== ground && size > 6 && high > 6;
    await read('hidden text');
    await app.read('hidden-guard', '1 passage is hidden');
    const before = await until('the message is drawn', async () => (await drawn()).length === 5 && drawn());
    assert.deepEqual(before.map(seen), [true, false, false, false, true], JSON.stringify(before));
    assert.equal(before[4].ground, 'rgb(0, 51, 102)', 'the ground stays where its picture is blocked');
    await app.click('reveal');
    const after = await until('the hidden text is drawn', async () => {
      const now = await drawn().catch(() => []);
      return now.length === 5 && now.every(seen) && now;
    });
    assert.deepEqual(after.map(({ text }) => text), ['Seen.', 'White on white.', 'Not shown.', 'Tiny.', 'White on blue.']);
    await app.shoot('hidden');
    await app.read('hidden-guard', 'shown here');
    // Each message begins as it was written.
    await read('plain text');
    await app.unsee('hidden-guard');
    await read('hidden text');
    await app.read('hidden-guard', '1 passage is hidden in this message.');
  }));
