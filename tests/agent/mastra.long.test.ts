import { join } from 'node:path'
import { test } from 'vitest'
import { sdkFolder } from './sdk-folder.ts'
import { expectProgramSpeaks } from './sdk-program.ts'

// Mastra needs Node.js 22.13. The version that runs on Node.js 20 takes 234 MB.
const { folder, missing } = await sdkFolder(
  'Mastra',
  'node@24',
  '@mastra/core@1.71.0',
  '@ai-sdk/openai-compatible@2.0.92',
)

test.skipIf(missing)('mastra.mjs with the real SDK: parallel calls take effect in order', () =>
  expectProgramSpeaks(join(folder, 'node_modules/.bin/node'), folder, 'mastra.mjs', 'chat'),
)
