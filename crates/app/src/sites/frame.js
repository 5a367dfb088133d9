// Asks now and then whether a newer version of the site waits, and says so: nothing moves before the reader wants it.
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
