import { defineConfig } from 'vitest/config'

/** Tests run on the sources: no build stands between an edit and its test. */
const conditions = ['@midsentence/source']
const resolve = { conditions: [...conditions, 'module', 'node', 'development|production'] }
const ssr = {
  resolve: { conditions: [...conditions, 'module', 'node', 'development|production'], externalConditions: ['node'] },
}

const project = (name: string, include: string[], exclude: string[], testTimeout: number) => ({
  resolve,
  ssr,
  test: {
    name,
    include,
    exclude: ['**/node_modules/**', '**/dist/**', ...exclude],
    testTimeout,
    hookTimeout: 30_000,
    // To load the sources anew for each file would take as long as half of the tests.
    isolate: false,
    setupFiles: ['./tests/seed-of-chance.ts'],
  },
})

const everywhere = (suffix: string) => [`packages/*/src/**/*${suffix}`, `tests/**/*${suffix}`]

export default defineConfig({
  test: {
    // Many wait for servers and processes: one worker a core would leave half of them idle.
    maxWorkers: 3,
    projects: [
      project(
        'hermetic',
        everywhere('.test.ts'),
        ['**/*.int.test.ts', '**/*.long.test.ts'],
        process.env.MIDSENTENCE_TIER === 'long' ? 900_000 : 60_000,
      ),
      project('integration', everywhere('.int.test.ts'), [], 60_000),
      project('long', everywhere('.long.test.ts'), [], 900_000),
    ],
  },
})
