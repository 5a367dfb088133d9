// Starts the page: the token leaves the address bar before anything else happens.
import { mount } from 'svelte';
import { takeToken } from './api/token';
import App from './app.svelte';
import { wearRemembered } from './live/settings.svelte';
import { rememberedSize, setSize } from './live/size';
import { speak } from './words/index.svelte';

takeToken();
wearRemembered();
setSize(rememberedSize());
await speak(navigator.languages);

const target = document.getElementById('app');
// What an old browser would still be reading.
target?.replaceChildren();
if (target) mount(App, { target });
