// The rules of the page's code, and above all its arrows: who may import whom.
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

const places = ['browse', 'title', 'play', 'library', 'downloads', 'settings', 'welcome', 'about'];
const layers = ['actions', 'api', 'live', 'player', 'shelf', 'shell', 'ui', 'words'];

/** Forbids a folder to import any of `folders`. */
function arrow(folder, folders, message) {
  const group = folders.map((name) => `**/${name}/**`);
  return {
    files: [`src/${folder}/**/*.{ts,svelte}`],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ group, message }] }] },
  };
}

const others = (allowed) => [...places, ...layers].filter((name) => !allowed.includes(name));

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'src/api/schema.d.ts'] },
  ...tseslint.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', 'scripts/*.mjs'] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      // `void value` in an effect names what it depends on.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      // Addresses are hashes of this one page: there is no router to resolve them through.
      'svelte/no-navigation-without-resolve': 'off',
      // Strangers' text never becomes markup.
      'svelte/no-at-html-tags': 'error',
      // Svelte's own state declarations: the compiler needs `let`.
      'prefer-const': 'off',
      // The linter reads every word of an explanation after an ignore as another rule.
      'svelte/no-unused-svelte-ignore': 'off',
      // A cache that nothing on the page depends on is a plain map, on purpose.
      'svelte/prefer-svelte-reactivity': 'off',
      // Types that cross a template are any to the linter; svelte-check sees them as they are.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  arrow('ui', others(['ui']), 'ui knows nothing of titles, torrents, words or the server'),
  arrow('api', others(['api']), 'api knows nothing of the page'),
  arrow('words', others(['words']), 'words know nothing of the page'),
  arrow('player', others(['player', 'api', 'ui', 'words']), 'the player knows nothing of places and actions'),
  arrow('live', others(['live', 'api', 'words']), 'live holds what the server knows, and shows nothing'),
  arrow('actions', others(['actions', 'api', 'live', 'ui', 'words']), 'an action knows nothing of places'),
  arrow('shelf', [...places, 'player', 'shell'], 'a shelf of titles knows nothing of places'),
  arrow('shell', [...places, 'player', 'shelf'], 'the frame knows nothing of what it frames'),
  ...places.map((place) =>
    arrow(
      place,
      [...places.filter((other) => other !== place), 'shell'],
      'a place never imports another place',
    ),
  ),
);
