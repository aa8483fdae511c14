// Lint rules: strict TypeScript, no floating promises, and the floors of lib/src (imports point down only).
import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** The floors, ground first. Rooms on one floor never import each other; `micro` stands beside them on core. */
const floors = [
  ['core'],
  ['schema'],
  ['model', 'prompt', 'store', 'datasets', 'exports', 'chart', 'shortcuts'],
  ['select', 'generate', 'judge', 'filter', 'finetune', 'evaluate', 'audit', 'report', 'notebook', 'review'],
  // Says in the words of reports what all of them found.
  ['assess'],
  ['experiment'],
  ['view'],
  // Only package.json knows the public entry points; no room imports them.
  ['cli', 'public'],
];
const rooms = [...floors.flat(), 'micro'];

/** The rooms that `room` may import: itself and every floor below. Only the two top floors may know `micro`. */
function allowedImports(room) {
  if (room === 'micro') return ['micro', 'core'];
  const level = floors.findIndex((floor) => floor.includes(room));
  return [
    room,
    ...floors.slice(0, level).flat(),
    ...(['cli', 'experiment', 'public'].includes(room) ? ['micro'] : []),
  ];
}

/** The inner rooms of experiment/, ground first. Those on one floor never import each other. */
const experimentFloors = [
  ['layout'],
  ['config'],
  ['watch'],
  ['open'],
  ['score', 'review'],
  ['run'],
  ['single-stage', 'batch-rounds', 'plan', 'use'],
  ['export-set', 'matrix'],
  ['report', 'workbench', 'doctor'],
];
const experimentRooms = experimentFloors.flat();

/** Rooms that a file of `room` must not import, as one pattern. @param up how the path of a room begins there */
function forbid(rooms, { up, room, allowed }) {
  return {
    regex: `^${up}(${rooms.filter((other) => !allowed.includes(other)).join('|')})(/|$)`,
    message: `The room ${room}/ may import only: ${allowed.join(', ')}.`,
  };
}

function restrict(files, patterns) {
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

const outerPattern = (room) => forbid(rooms, { up: '(\\.\\./)+', room, allowed: allowedImports(room) });

const floorRules = rooms
  .filter((room) => rooms.some((other) => !allowedImports(room).includes(other)))
  .map((room) => restrict([`lib/src/${room}/**/*.ts`], [outerPattern(room)]));

/** A later rule replaces an earlier one, so those of the inner rooms repeat what holds for all of experiment/. */
const experimentFloorRules = experimentRooms.map((room) => {
  const level = experimentFloors.findIndex((floor) => floor.includes(room));
  const allowed = [room, ...experimentFloors.slice(0, level).flat()];
  // Inner rooms are one step up, outer ones two: both have a report/.
  const inner = forbid(experimentRooms, { up: '\\.\\./', room: `experiment/${room}`, allowed });
  const outer = forbid(rooms, {
    up: '\\.\\./\\.\\./',
    room: 'experiment',
    allowed: allowedImports('experiment'),
  });
  return restrict([`lib/src/experiment/${room}/**/*.ts`], [inner, outer]);
});

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      'results/**',
      '.autodidact/**',
      'lib/assembly/**',
      'vendor/**',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './lib/browser/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      // It would ask for the very "!" that the rule above forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['tests/**/*.ts'],
    rules: {
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/max-params': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Only fixtures/not-run.ts makes pending tests, with a reason.
      'no-restricted-syntax': [
        'error',
        ...[
          "MemberExpression[property.name='skip']",
          "CallExpression[callee.name='it'][arguments.length=1]",
          'CallExpression[callee.name=/^x(it|specify|describe|context)$/]',
        ].map((selector) => ({ selector, message: 'Tests run; where something is missing, use notRun().' })),
      ],
    },
  },
  // Inside the embedded model, kernels and their wrappers take one more.
  { files: ['lib/src/micro/**/*.ts'], rules: { '@typescript-eslint/max-params': ['error', { max: 4 }] } },
  ...floorRules,
  ...experimentFloorRules,
  {
    files: ['**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  prettier,
);
