import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests run on the sources: no build is needed between an edit and its test. */
const conditions = ['@midsentence/source']
const resolve = { conditions: [...conditions, 'module', 'node', 'development|production'] }
const ssr = {
  resolve: { conditions: [...conditions, 'module', 'node', 'development|production'], externalConditions: ['node'] },
}

/** The long tier keeps the machine busy: what waits in it may wait longer. */
const isLong = process.env.MIDSENTENCE_TIER === 'long'

const project = (name: string, include: string[], exclude: string[], testTimeout: number) => ({
  resolve,
  ssr,
  test: {
    name,
    include,
    exclude: ['**/node_modules/**', '**/dist/**', ...exclude],
    testTimeout,
    hookTimeout: isLong ? 120_000 : 30_000,
    expect: { poll: { timeout: isLong ? 120_000 : 30_000 } },
    // Loading the sources again for each file would take as long as half of the tests.
    isolate: false,
    setupFiles: ['./tests/fixed-seed.ts'],
  },
})

/** Runs files that wait for browsers and other programs first, so that at the end no core waits for them. */
class IntegrationFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const waits = ({ project }: TestSpecification) => Number(project.name === 'integration')
    return sorted.toSorted((a, b) => waits(b) - waits(a))
  }
}

const everywhere = (suffix: string) => [`packages/*/src/**/*${suffix}`, `tests/**/*${suffix}`]

export default defineConfig({
  test: {
    // Many tests wait for servers and processes: one worker per core would leave half of the cores idle.
    maxWorkers: 4,
    sequence: { sequencer: IntegrationFirst },
    // The default reporter prints a line per file, below it the tests slower than `slowTestThreshold` ms, and a summary.
    // No test is slower than a day, so that a passing file is one line.
    slowTestThreshold: 86_400_000,
    // Prints what a test logs only if the test fails.
    silent: 'passed-only',
    projects: [
      project(
        'hermetic',
        everywhere('.test.ts'),
        ['**/*.int.test.ts', '**/*.long.test.ts', '**/*.prove.test.ts'],
        isLong ? 900_000 : 60_000,
      ),
      project('integration', everywhere('.int.test.ts'), [], 60_000),
      project('long', everywhere('.long.test.ts'), [], 900_000),
      project('prove', everywhere('.prove.test.ts'), [], 900_000),
    ],
  },
})
