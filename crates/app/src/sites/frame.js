// Asks now and then whether a newer version of the site waits, and says so: nothing moves before the reader wants it. Scripts of
// a site that its reader lets run get a port, by which they may ask for titles of its publisher (docs/sites.md).
'use strict';
const EVERY_MS = 2000;
const form = document.querySelector('#newer form');
async function look() {
  if (!form.hidden) return;
  if (!document.hidden) {
    try {
      const answer = await fetch('/.newer');
      form.hidden = !answer.ok || (await answer.json()).version === null;
    } catch {
      // The program has ended; what is shown stays.
    }
  }
  setTimeout(look, EVERY_MS);
}
look();

/** Questions that pages may ask at once, and those that they may ask in a second after that. */
const BURST = 20;
const A_SECOND = 10;
/** Messages over that, after which a page is not listened to any more. */
const TOO_MANY = 200;
/** Letters of a text. */
const LEN_MAX = 200;
const FIELDS = {
  'catalogue.query': { text: 'string', kind: 'string', language: 'string', limit: 'number', offset: 'number' },
  'title.get': { id: 'string' },
  // `from` is the page that its "Back to the site" leads to. It goes no further than this frame.
  play: { id: 'string', from: 'string' },
  'settings.theme': {},
};

/** What a question asks for, picked out of a stranger's message; null if it is none. */
function picked(method, params) {
  if (typeof method !== 'string' || !Object.hasOwn(FIELDS, method)) return null;
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return null;
  const kinds = FIELDS[method];
  const found = {};
  for (const name of Object.keys(kinds)) {
    const value = params[name];
    if (value === undefined) continue;
    const fits = typeof value === 'string' ? value.length <= LEN_MAX : Number.isSafeInteger(value) && value >= 0;
    if (typeof value !== kinds[name] || !fits) return null;
    found[name] = value;
  }
  return found;
}

async function answered(method, params) {
  if (method === 'settings.theme') {
    const scheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    return { result: { scheme, language: document.documentElement.lang } };
  }
  // A press in the page inside is one in this page, too; a script alone presses nothing.
  if (method === 'play' && navigator.userActivation?.isActive !== true) return { error: 'needs_press' };
  const ask = encodeURIComponent(JSON.stringify({ method, params }));
  const token = encodeURIComponent(form.elements.token.value);
  const answer = await fetch('/.ask', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `token=${token}&ask=${ask}`,
  });
  return answer.ok ? answer.json() : { error: 'failed' };
}

let [left, since] = [BURST, performance.now()];
/** Whether one more question is answered: loading the page again gives nobody more of them. */
function mayAsk() {
  const now = performance.now();
  left = Math.min(BURST, left + ((now - since) * A_SECOND) / 1000);
  since = now;
  if (left < 1) return false;
  left -= 1;
  return true;
}

/** Why a question is not asked; null if it is. */
function refused(method, wanted) {
  if (typeof method !== 'string' || !Object.hasOwn(FIELDS, method)) return 'unknown_method';
  return wanted === null ? 'bad_request' : null;
}

/** Listens to one page until it goes, or asks without end. */
function serve(port, lead) {
  let over = 0;
  port.onmessage = async ({ data }) => {
    const isFree = mayAsk();
    if (!isFree && (over += 1) > TOO_MANY) return port.close();
    if (typeof data !== 'object' || data === null || !Number.isSafeInteger(data.id)) return;
    const { id, method, params = {} } = data;
    const reply = (told) => port.postMessage({ id, ...told });
    const wanted = picked(method, params);
    const why = isFree ? refused(method, wanted) : 'too_many';
    if (why) return reply({ error: why });
    const { from, ...asked } = wanted;
    const told = await answered(method, asked).catch(() => ({ error: 'failed' }));
    if (told.error || method !== 'play') return reply(told);
    const address = told.result?.address;
    if (typeof address !== 'string') return reply({ error: 'failed' });
    reply({ result: null });
    lead(address, from);
  };
}

let current = null;
let loads = 0;
/** Every page that is shown gets a port of its own, and the one before it loses its port. */
function hand(frame) {
  current?.close();
  const { port1, port2 } = new MessageChannel();
  const inside = frame.dataset.port;
  loads += 1;
  // Where the frame began is known here; where a page led on to, that page alone can say.
  const first = loads === 1 ? frame.src.slice(inside.length).split(/[?#]/)[0] : '/';
  current = port1;
  // To the page that leads out of the site, and says where to: nothing opens before its button is pressed.
  serve(port1, (address, from = first) => {
    if (current !== port1) return;
    // What is no page of the site is not led back to.
    const back = from === '/' ? '' : `from=${encodeURIComponent(from)}&`;
    frame.src = `${inside}/.leave?${back}to=${encodeURIComponent(address)}`;
  });
  // Whatever else may be in the frame, no other origin gets it.
  frame.contentWindow.postMessage({ kinora: 1 }, inside, [port2]);
}
// The frame comes after this script, so that no page is loaded in it unseen.
document.addEventListener('load', ({ target }) => target.matches?.('iframe[data-port]') && hand(target), true);
