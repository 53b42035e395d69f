import tseslint from 'typescript-eslint'
import { cleanupOnly } from './scripts/lint/cleanupOnly.mjs'

export default tseslint.config(
  { ignores: ['out/', 'dist/', 'node_modules/', 'test-results/', 'playwright-report/'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strict],
    languageOptions: {
      parserOptions: { tsconfigRootDir: import.meta.dirname, project: ['./tsconfig.node.json', './tsconfig.web.json'] },
    },
    plugins: { batchlab: { rules: { 'cleanup-only': cleanupOnly } } },
    rules: {
      'batchlab/cleanup-only': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        {
          selector:
            "ConditionalExpression[test.operator='instanceof'][test.right.name='Error']" +
            "[consequent.property.name='message']",
          message: 'errorText of core/errorText.ts says what an error says.',
        },
        { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
        { selector: "Property[key.name='webSecurity']", message: 'webSecurity stays on.' },
        { selector: "MemberExpression[property.name='dangerouslySetInnerHTML']", message: 'Text only.' },
      ],
    },
  },
  {
    files: ['*.config.ts', '**/*.d.ts', 'tests/**/*.ts', 'tests/**/*.tsx'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      'no-restricted-syntax': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
    },
  },
  { files: ['tests/**/*.ts', 'tests/**/*.tsx'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
)
