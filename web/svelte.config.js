// Svelte's own settings: runes everywhere, and styles that stay in their files.
export default {
  compilerOptions: { runes: true },
};
